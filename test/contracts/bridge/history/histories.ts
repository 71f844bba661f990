import assert from "node:assert/strict";
import fc from "fast-check";
import { openChains, type Chains } from "./chains.ts";
import { check, checkQuorums, countQuorums } from "./invariants.ts";
import { anyStep, type Step, take } from "./steps.ts";

const HISTORIES = 4;
const MOST_STEPS = 30;

/** So few random steps may leave out what matters: in this history a message fails and a set is rotated, whatever chance does. */
const CERTAIN: readonly Step[] = [
  { kind: "message", flip: false, mode: 1 },
  { kind: "transfer", flip: false, amount: 10n ** 18n },
  { kind: "deliver", flip: false, most: 5, absent: 0 },
  { kind: "form" },
  { kind: "rotate", flip: false },
  { kind: "rotate", flip: true },
  { kind: "retry", flip: false, mode: 0 },
  { kind: "transfer", flip: true, amount: 10n ** 17n },
  { kind: "deliver", flip: true, most: 5, absent: 1 },
];

/** What a history came to, so that a test can tell that it was about something. */
type Tally = { delivered: number; failed: number; rotations: number };

const anyHistory: fc.Arbitrary<readonly Step[]> = fc.array(anyStep, {
  minLength: 20,
  maxLength: MOST_STEPS,
});

describe("Random histories of two chains", () => {
  let chains: Chains;
  before(async () => {
    chains = await openChains();
  });
  after(async () => {
    await chains.close();
  });

  async function live(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      const { home, away } = chains;
      const known = { home: await countQuorums(home), away: await countQuorums(away) };
      await take(step, chains);
      await checkQuorums(home, known.home, chains);
      await checkQuorums(away, known.away, chains);
      await check(chains);
    }
  }

  it(
    "of sends, batches, reorgs, rotations, exits, slashings and failures: locked = minted + in flight + failed; each nonce once " +
      "and in order; M bonded signers behind each execution; bonds + slashed + rewards = deposits",
    async () => {
      const total: Tally = { delivered: 0, failed: 0, rotations: 0 };
      await fc.assert(
        fc.asyncProperty(anyHistory, async (steps) => {
          const before = await Promise.all(
            [chains.home, chains.away].map(({ provider }) => provider.send("evm_snapshot", [])),
          );
          await live(steps);
          for (const { inbox } of [chains.home, chains.away]) {
            total.delivered += (await inbox.queryFilter(inbox.filters.MessageExecuted())).length;
            total.failed += (await inbox.queryFilter(inbox.filters.MessageFailed())).length;
            total.rotations += (await inbox.queryFilter(inbox.filters.ValidatorSetActivated())).length - 1;
          }
          for (const [i, { provider }] of [chains.home, chains.away].entries())
            await provider.send("evm_revert", [before[i]]);
        }),
        // Shrinking runs histories again and again; the steps that fast-check prints are short enough as they are.
        { numRuns: HISTORIES + 1, examples: [[CERTAIN]], endOnFailure: true },
      );
      assert(total.delivered > 0 && total.failed > 0 && total.rotations > 0, JSON.stringify(total));
    },
  );
});

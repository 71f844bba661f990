import { expect } from "chai";
import fc from "fast-check";
import { encodeSet, setHash } from "../../../relayer/domain/validator-set.ts";
import { MAX_OVERLAP, setProblem } from "../../../relayer/bridge/core/quorum.ts";
import type { Ed25519Set } from "./fixture.ts";
import { bitmapOf, ORIGIN, quorumOf, setOf, TestLane } from "./fixture.ts";
import { load, networkHelpers, validators } from "./Inbox/environment.ts";

const HOUR = 3_600n;

describe("relayer/bridge/core/quorum.ts", () => {
  it("admits exactly the sets that the Inbox admits", async () => {
    const { deployInbox, inbox } = await load();
    const mostly = <T>(usual: T, ...others: T[]) =>
      fc.oneof(
        { weight: 4, arbitrary: fc.constant(usual) },
        { weight: 1, arbitrary: fc.constantFrom(...others) },
      );
    const anySet = fc.record({
      members: fc.oneof(
        { weight: 3, arbitrary: fc.subarray([0, 1, 2, 3, 4]) },
        { weight: 1, arbitrary: fc.array(fc.nat({ max: 4 }), { maxLength: 5 }) },
      ),
      threshold: fc.nat({ max: 5 }),
      expiresIn: mostly(HOUR, -HOUR, 0n),
      overlap: mostly(MAX_OVERLAP, 0, MAX_OVERLAP + 1),
    });
    let admitted = 0;
    await fc.assert(
      fc.asyncProperty(anySet, async ({ members, threshold, expiresIn, overlap }) => {
        const now = BigInt((await networkHelpers.time.latest()) + 10);
        const of = members.map((i) => validators[i] ?? expect.fail());
        const set: Ed25519Set = setOf(of, threshold, { overlap, expiresAt: now + expiresIn });
        await networkHelpers.time.setNextBlockTimestamp(now);
        const deploying = deployInbox(encodeSet(set));
        if (setProblem(set, now) !== undefined) {
          await expect(deploying).to.be.revert(inbox.runner as never);
          return;
        }
        admitted++;
        expect(await (await deploying).validatorSetHash(1)).to.equal(setHash(set));
      }),
      {
        numRuns: 60,
        examples: [[{ members: [0, 2, 4], threshold: 2, expiresIn: HOUR, overlap: 0 }]],
      },
    );
    expect(admitted).to.be.greaterThan(0);
  });

  it("counts quorums as the Inbox does, whoever signed", async () => {
    const { deployInbox, counter } = await load();
    const set = setOf(validators, 3);
    const inbox = await deployInbox(encodeSet(set));
    const lane = new TestLane(await inbox.getAddress(), validators, set);
    lane.send(await counter.getAddress());
    await fc.assert(
      fc.asyncProperty(
        fc.subarray([0, 1, 2, 3, 4]),
        fc.subarray([0, 1, 2, 3, 4, 5]),
        async (signed, named) => {
          const quorum = { ...quorumOf(set, validators, signed, lane.statement()), signers: bitmapOf(named) };
          const isQuorum = signed.length >= set.threshold && bitmapOf(signed) === bitmapOf(named);
          const call = inbox.deliver.staticCall(ORIGIN, 1, lane.messages, [], quorum);
          expect(
            await call.then(
              () => true,
              () => false,
            ),
          ).to.equal(isQuorum);
        },
      ),
      {
        numRuns: 60,
        examples: [
          [
            [0, 2, 4],
            [0, 2, 4],
          ],
        ],
      },
    );
  });
});

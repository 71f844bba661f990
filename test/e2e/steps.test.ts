import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Fleet } from "./support/fleet.ts";
import { Taps } from "./support/taps.ts";

/** How long a process stands still: long enough for everybody else to finish what they do about a transfer. */
const FREEZE_MILLISECONDS = 1_000;

type Step = { readonly line: string; readonly what: string; readonly says: RegExp };

const step = (line: string, what: string, says: RegExp): Step => ({ line, what, says });

/** Everything that a transfer from A to B makes a role say to others, in order: on which of its lines, and how that is told. */
const STEPS: Readonly<Record<string, readonly Step[]>> = {
  "watcher-A": [
    step("A", "reads the final blocks", /"eth_getLogs"/),
    step("redis", "remembers what it asks for", /:requests:/),
    step("redis", "asks a signer to attest", /:attest-/),
    step("redis", "moves its cursor", /:watched:[^]*:recent:/),
  ],
  "signer-1": [
    step("redis", "takes the request", /:attest-[^:]*:prioritized(?![^]*:completed)/),
    step("A", "looks the message up", /"eth_getLogs"/),
    step("B", "looks up the epoch", /"eth_call"/),
    step("redis", "hands its attestation over", /:attestations-/),
    step("redis", "finishes the request", /:attest-[^:]*:limiter[^]*:completed/),
  ],
  "sender-B": [
    step("redis", "takes an attestation", /:attestations-[^:]*:prioritized(?![^]*:completed)/),
    step("redis", "keeps an attestation", /ZADD|:signatures:/),
    step("redis", "asks for a delivery", /:deliver-/),
    step("A", "reads the messages", /"eth_getLogs"/),
    step("B", "simulates the delivery", /"eth_(estimateGas|call)".{500}/s),
    step("B", "broadcasts the delivery", /"eth_sendRawTransaction"/),
    step("B", "asks for the receipt", /"eth_getTransactionReceipt"/),
    step("redis", "finishes the delivery", /:deliver-[^:]*:limiter[^]*:completed/),
  ],
};
const ROUNDS = Math.max(...Object.values(STEPS).map((steps) => steps.length));

/** Every role meets a step of its own in one transfer, so that all faults of a round strike the same message. */
const rounds = Array.from({ length: ROUNDS }, (_, i) =>
  Object.entries(STEPS).flatMap(([role, steps]) =>
    steps.slice(i % steps.length, (i % steps.length) + 1).map((met) => ({ role, ...met })),
  ),
);

describe("at every step of a transfer", () => {
  let fleet: Fleet;
  const taps = new Taps();
  before(async () => {
    fleet = await Fleet.start({
      configure: async (role, network) => ({
        ...(await taps.onLinesOf(role, network)),
        keyLockMilliseconds: 1_000, // who is killed leaves the lock on its key behind
      }),
      backoff: { firstMs: 50, longestMs: 50 },
    });
    await fleet.send(fleet.home, fleet.away, 1);
    await fleet.untilAllArrived();
  });
  after(async () => {
    await fleet.stop();
    await taps.close();
  });

  async function freeze(role: string): Promise<void> {
    fleet.pause(role);
    await sleep(FREEZE_MILLISECONDS);
    fleet.resume(role);
  }

  // What a dead process was about to say is never said; what a frozen one said arrives.
  const faults = [
    { fault: "killed by SIGKILL", inflict: (role: string) => fleet.kill(role), then: "drop" },
    { fault: "frozen by SIGSTOP", inflict: freeze, then: "pass" },
  ] as const;
  const moments = [
    { when: "asking", words: "before that arrives" },
    { when: "answered", words: "when that is done and it does not know" },
  ] as const;

  for (const { fault, inflict, then } of faults)
    for (const { when, words } of moments)
      for (const steps of rounds)
        it(
          `${fault}, ${words}: ${steps.map(({ role, what }) => `${role} as it ${what}`).join(", ")}`,
          { timeout: 60_000 },
          async () => {
            const over = steps.map(({ role, line, says }) => {
              const { promise, resolve } = Promise.withResolvers<unknown>();
              taps.of(role, line).next({ says, when }, () => {
                resolve(inflict(role));
                return then;
              });
              return promise;
            });
            await fleet.send(fleet.home, fleet.away, 1);
            await Promise.all(over);
            await fleet.untilAllArrived();
            await fleet.assertExactlyOnce();
          },
        );
});

import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, it } from "node:test";
import fc from "fast-check";
import { areAtOdds, type Claims, claimsOf } from "../../../../relayer/chaos/core/claims.ts";
import { faultSchema } from "../../../../relayer/chaos/core/fault.ts";
import { Turns } from "../../../../relayer/chaos/worker/turns.ts";
import { processOf } from "../../support/chaos-fleet.ts";

const nobody = new AbortController().signal;
const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { maxLength: 2 });
const claims: fc.Arbitrary<Claims> = fc.record({ alone: names, shared: names });

/** A task that goes on until it is told to end. */
function task() {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const state = { isRunning: false, isOver: false };
  const run = async () => {
    state.isRunning = true;
    await promise;
    state.isRunning = false;
    state.isOver = true;
  };
  return {
    state,
    run,
    end: () => {
      resolve(undefined);
    },
  };
}

describe("turns", () => {
  it("never let two happen at once that are at odds, and leave nobody waiting", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(claims, { minLength: 1, maxLength: 12 }), async (asked) => {
        const turns = new Turns();
        const tasks = asked.map((claim) => ({ claim, ...task() }));
        const all = tasks.map(({ claim, run }) => turns.take(claim, nobody, run));
        for (;;) {
          await nextTurn();
          if (tasks.every(({ state }) => state.isOver)) break;
          const running = tasks.filter(({ state }) => state.isRunning);
          assert(running.length > 0, "somebody waits for nobody");
          for (const one of running)
            for (const other of running) assert(one === other || !areAtOdds(one.claim, other.claim));
          running[0]?.end();
        }
        await Promise.all(all);
      }),
    );
  });

  it("let what is not at odds happen side by side", async () => {
    const turns = new Turns();
    const [one, other] = [task(), task()];
    const both = [
      turns.take({ alone: ["a"], shared: [] }, nobody, one.run),
      turns.take({ alone: ["b"], shared: [] }, nobody, other.run),
    ];
    await nextTurn();
    assert(one.state.isRunning && other.state.isRunning);
    one.end();
    other.end();
    await Promise.all(both);
  });

  it("forget who does not wait any more, and do nothing for them", async () => {
    const turns = new Turns();
    const [first, gone, last] = [task(), task(), task()];
    const leaving = new AbortController();
    const claim = { alone: ["a"], shared: [] };
    const running = turns.take(claim, nobody, first.run);
    const waiting = turns.take({ ...claim }, leaving.signal, gone.run);
    const after = turns.take({ ...claim }, nobody, last.run);
    leaving.abort(new Error("no more"));
    await assert.rejects(waiting, /no more/);
    first.end();
    await running;
    await nextTurn();
    assert(last.state.isRunning && !gone.state.isOver);
    last.end();
    await after;
  });

  it("give way again when what was done throws", async () => {
    const turns = new Turns();
    const claim = { alone: ["a"], shared: [] };
    await assert.rejects(
      turns.take(claim, nobody, () => Promise.reject(new Error("it failed"))),
      /failed/,
    );
    assert.equal(await turns.take({ ...claim }, nobody, () => Promise.resolve(7)), 7);
  });
});

describe("claims", () => {
  const sender = processOf("sender-B", "zone-b");
  const link = {
    kind: "link",
    name: "sender-B>redis",
    client: "sender-B",
    server: "redis",
    port: 1,
  } as const;
  const crash = claimsOf(faultSchema.parse({ type: "ServiceCrash" }), [sender]);
  const redisCrash = claimsOf(faultSchema.parse({ type: "ServiceCrash" }), [processOf("redis", "zone-c")]);
  const slow = claimsOf(faultSchema.parse({ type: "Latency", milliseconds: 5 }), [link]);
  const lossy = claimsOf(faultSchema.parse({ type: "PacketLoss", percent: 20 }), [link]);
  const busy = claimsOf(faultSchema.parse({ type: "CpuSpike", percent: 90 }), [sender]);

  it("keep two faults of one link apart, and a link's from the death of its server", () => {
    assert(areAtOdds(slow, lossy));
    assert(areAtOdds(slow, redisCrash));
  });

  it("keep what bites the whole machine apart from itself, and from the death of its target", () => {
    assert(
      areAtOdds(
        busy,
        claimsOf(faultSchema.parse({ type: "CpuSpike", percent: 60 }), [processOf("api", "zone-c")]),
      ),
    );
    assert(areAtOdds(busy, crash));
  });

  it("let a link be slow while its client dies, and processors be busy meanwhile", () => {
    assert(!areAtOdds(slow, crash));
    assert(!areAtOdds(slow, busy));
  });
});

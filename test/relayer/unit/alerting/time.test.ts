import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { passTime, startTime } from "../../../../relayer/alerting/core/steady-time.ts";
import { afterTelling, dueLevels, nextDue } from "../../../../relayer/alerting/core/escalation.ts";
import type { Escalating } from "../../../../relayer/alerting/core/grouping.ts";
import { TokenBucket } from "../../../../relayer/alerting/core/token-bucket.ts";

describe("the engine's time", () => {
  it("never runs backwards nor ahead of both clocks, whatever the wall clock does, over restarts too", () => {
    const step = fc.record({
      elapsed: fc.nat({ max: 100_000 }),
      jump: fc.oneof(fc.constant(0), fc.integer({ min: -1e9, max: 1e9 })),
      restarts: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let [wall, monotonic] = [1e12, 0];
        let time = startTime(wall, monotonic, 0);
        for (const { elapsed, jump, restarts } of steps) {
          wall += elapsed + jump;
          monotonic = restarts ? 0 : monotonic + elapsed;
          const next = restarts ? startTime(wall, monotonic, time.now) : passTime(time, wall, monotonic);
          assert(next.now >= time.now);
          assert(next.now <= Math.max(wall, time.now + elapsed));
          time = next;
        }
      }),
    );
  });

  it("comes back to the wall clock after a step back, a tenth slower meanwhile", () => {
    let time = startTime(1e12, 0, 0);
    time = passTime(time, 1e12 - 60_000, 0);
    assert.equal(time.now, 1e12);
    for (let second = 1; second <= 700; second++)
      time = passTime(time, 1e12 - 60_000 + second * 1_000, second * 1_000);
    assert(Math.abs(time.now - (1e12 - 60_000 + 700_000)) <= 1_100);
  });
});

describe("an escalation", () => {
  it("tells each level once, or once an interval, however seldom it is looked at", () => {
    const level = fc.record({
      receivers: fc.constant(["x"]),
      after: fc.nat({ max: 100 }),
      every: fc.option(fc.integer({ min: 5, max: 50 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(
        fc.array(level, { minLength: 1, maxLength: 3 }),
        fc.array(fc.nat({ max: 60 }), { maxLength: 20 }),
        (levels, pauses) => {
          const escalation = { name: "e", levels };
          let state: Escalating = { since: 1_000, told: [] };
          let now = 1_000;
          const times = levels.map((): number[] => []);
          for (const pause of pauses) {
            now += pause;
            const isDue = nextDue(state, escalation) <= now;
            const due = dueLevels(state, escalation, now);
            assert.equal(due.length > 0, isDue);
            for (const index of due) times[index]?.push(now);
            state = afterTelling(state, due, now);
            assert.deepEqual(dueLevels(state, escalation, now), []);
          }
          for (const [index, { after, every }] of levels.entries()) {
            const told = times[index] ?? [];
            assert.equal(told.length > 0, pauses.length > 0 && now >= 1_000 + after);
            if (every === undefined) assert(told.length <= 1);
            assert(told.every((at, i) => at - (told[i - 1] ?? -Infinity) >= (every ?? 0)));
          }
        },
      ),
    );
  });
});

describe("a limit", () => {
  it("lets through no more than its burst and its rate allow", () => {
    const limit = fc.record({
      perMinute: fc.integer({ min: 1, max: 600 }),
      burst: fc.integer({ min: 1, max: 10 }),
    });
    fc.assert(
      fc.property(limit, fc.array(fc.nat({ max: 5_000 }), { maxLength: 60 }), (given, pauses) => {
        const bucket = new TokenBucket(given, 0);
        let [now, taken] = [0, 0];
        for (const pause of pauses) {
          now += pause;
          const wait = bucket.take(now);
          if (wait === 0) taken++;
          else assert.equal(new TokenBucket(given, 0).take(0), 0);
          assert(taken <= given.burst + (now * given.perMinute) / 60_000 + 1e-6);
        }
      }),
    );
  });
});

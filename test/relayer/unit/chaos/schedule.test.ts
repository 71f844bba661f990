import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { dueRuns, nextRun, type Schedule, scheduleSchema } from "../../../../relayer/chaos/core/schedule.ts";

const schedule = (given: Partial<Schedule> = {}): Schedule =>
  scheduleSchema.parse({ name: "nightly", cron: "30 2 * * *", ...given });
const time = (text: string) => Date.parse(text);
const iso = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());

describe("a schedule", () => {
  it("runs by the clock of its time zone", () => {
    const zurich = schedule({ timeZone: "Europe/Zurich" });
    const next = (text: string) => iso(nextRun(zurich, time(text))?.plannedAt);
    assert.equal(next("2026-01-15T00:00:00Z"), "2026-01-15T01:30:00.000Z");
    assert.equal(next("2026-07-15T00:00:00Z"), "2026-07-15T00:30:00.000Z");
  });

  it("runs once on the day when its hour is skipped, and once on the day when it comes twice", () => {
    const zurich = schedule({ timeZone: "Europe/Zurich" });
    const runs = (from: string, to: string) => {
      const found: (string | undefined)[] = [];
      for (
        let run = nextRun(zurich, time(from));
        run && run.plannedAt < time(to);
        run = nextRun(zurich, run.plannedAt)
      )
        found.push(iso(run.plannedAt));
      return found;
    };
    // Summer time begins on 29 March and ends on 25 October 2026.
    assert.deepEqual(runs("2026-03-28T22:00:00Z", "2026-03-29T22:00:00Z"), ["2026-03-29T01:00:00.000Z"]);
    assert.deepEqual(runs("2026-10-24T22:00:00Z", "2026-10-25T22:00:00Z"), ["2026-10-25T00:30:00.000Z"]);
  });

  it("never runs while it is disabled", () => {
    assert.equal(nextRun(schedule({ isEnabled: false }), 0), undefined);
    const off = dueRuns(schedule({ isEnabled: false }), { from: 0, to: 10 ** 12, isRunning: false });
    assert.deepEqual(off, { start: [], skip: [] });
  });

  it("refuses what is no cron expression and no time zone", () => {
    for (const wrong of [
      { cron: "every day" },
      { cron: "61 * * * *" },
      { timeZone: "Mars/Olympus" },
      { cron: "" },
    ])
      assert.equal(scheduleSchema.safeParse({ ...schedule(), ...wrong }).success, false);
  });

  const jittered = schedule({ cron: "*/5 * * * *", jitterMilliseconds: 60_000 });
  const moments = fc.integer({ min: time("2026-01-01T00:00:00Z"), max: time("2027-01-01T00:00:00Z") });

  it("begins later by its jitter, by the same for everybody who asks", () => {
    fc.assert(
      fc.property(moments, (after) => {
        const run = nextRun(jittered, after);
        assert.ok(run !== undefined && run.plannedAt > after && run.plannedAt <= after + 300_000);
        assert.ok(run.startsAt >= run.plannedAt && run.startsAt < run.plannedAt + 60_000);
        assert.deepEqual(nextRun(jittered, run.plannedAt - 1), run);
      }),
    );
  });

  it("starts each run once, however the looks at it are spaced", () => {
    fc.assert(
      fc.property(
        moments,
        fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 40 }),
        (from, gaps) => {
          const started: string[] = [];
          const skipped: string[] = [];
          let at = from;
          for (const gap of gaps) {
            const due = dueRuns(jittered, { from: at, to: at + gap, isRunning: false });
            started.push(...due.start.map(({ id }) => id));
            skipped.push(...due.skip.map(({ run }) => run.id));
            at += gap;
          }
          const expected = new Set<string>();
          for (
            let run = nextRun(jittered, from - 60_001);
            run && run.plannedAt <= at;
            run = nextRun(jittered, run.plannedAt)
          )
            if (run.startsAt > from && run.startsAt <= at) expected.add(run.id);
          assert.deepEqual(new Set([...started, ...skipped]), expected);
          assert.equal(started.length + skipped.length, expected.size);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("leaves a run out while the one before it is not over, unless it may overlap", () => {
    const look = { from: time("2026-01-01T02:00:00Z"), to: time("2026-01-01T03:00:00Z"), isRunning: true };
    const forbidden = dueRuns(schedule(), look);
    assert.deepEqual(forbidden.start, []);
    assert.match(forbidden.skip[0]?.reason ?? "", /not over/);
    assert.equal(dueRuns(schedule({ overlap: "Allow" }), look).start.length, 1);
  });

  it("starts the newest of those that were missed, and names the others", () => {
    const look = { from: time("2026-01-01T00:00:00Z"), to: time("2026-01-04T12:00:00Z"), isRunning: false };
    const { start, skip } = dueRuns(schedule(), look);
    assert.deepEqual(
      start.map(({ plannedAt }) => iso(plannedAt)),
      ["2026-01-04T02:30:00.000Z"],
    );
    assert.equal(skip.length, 3);
  });
});

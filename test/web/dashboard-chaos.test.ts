import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runDetail } from "../../web/dashboard/core/chaos-schema.ts";
import { MOST_ROWS, timelineOf } from "../../web/dashboard/core/timeline.ts";
import { mergeActs, showAct } from "../../web/dashboard/core/audit.ts";
import { fakeRun } from "../e2e/support/fake-chaos.ts";

const FRAME = { width: 1_000, left: 100 };
const read = (id: string) => {
  const { record } = runDetail.parse(fakeRun(id));
  assert(record !== null);
  return record;
};

describe("the timeline of a run", () => {
  it("has its faults over the throughput of the same time", () => {
    const { bars, bands, line, top, bottom, values, times } = timelineOf(read("run-1"), FRAME, undefined);
    // 27 seconds are 892 wide.
    assert.deepEqual(
      bars.map(({ x, width, name, tone }) => [x, width, name, tone]),
      [
        [232.1, 264.3, "Latency · sender-A>redis", "bites"],
        [298.2, 264.3, "Latency · sender-B>redis", "dud"],
      ],
    );
    assert.deepEqual(
      bands.map(({ state }) => state),
      ["Pending", "Running", "Recovering"],
    );
    const points = line.split(" ").map((point) => point.split(",").map(Number));
    assert.deepEqual([points.length, points[0]?.[0], points.at(-1)?.[0]], [28, 100, 992]);
    assert(points.every(([, y = -1]) => y >= top && y <= bottom));
    assert.deepEqual([values[0]?.text, times[0]?.text], ["0", "0"]);
  });

  it("of one that is under way goes on to now, with the faults that are there", () => {
    const record = read("run-0");
    const from = record.phases[0]?.at ?? 0;
    const { bars } = timelineOf(record, FRAME, from + 100_000);
    assert.deepEqual(
      bars.map(({ tone, x, width }) => [tone, Math.round(x + width)]),
      [
        ["bites", 207],
        ["open", 992],
      ],
    );
  });

  it("has a row for so many faults, and says how many it hides; and is drawn before anything was measured", () => {
    const record = read("run-1");
    const [fault] = record.faults;
    assert(fault !== undefined);
    const many = { ...record, faults: Array.from({ length: 500 }, () => fault) };
    const { bars, hidden } = timelineOf(many, FRAME, undefined);
    assert.deepEqual([bars.length, hidden], [MOST_ROWS, 500 - MOST_ROWS]);
    const nothing = { ...record, phases: [], faults: [], series: { throughput: [], latency: [] } };
    assert.equal(timelineOf(nothing, FRAME, undefined).line, "");
  });
});

describe("the audit log", () => {
  it("is one out of those that answered, the newest first", () => {
    const act = { who: "ada", from: "127.0.0.1", detail: "" };
    const acts = mergeActs({
      dashboard: { acts: [{ ...act, at: 1_000, what: "signed in" }] },
      alerting: { entries: [{ ...act, at: "1970-01-01T00:00:03.000Z", what: "silence-added" }] },
      chaos: undefined,
    });
    assert.deepEqual(
      acts.map(({ at, log, what }) => [at, log, showAct(what)]),
      [
        [3_000, "alerting", "Silence added"],
        [1_000, "dashboard", "Signed in"],
      ],
    );
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { check } from "../../../../relayer/chaos/core/checker/check.ts";
import type { Evidence } from "../../../../relayer/chaos/core/checker/evidence.ts";
import { RULES, type RuleName } from "../../../../relayer/chaos/core/checker/violation.ts";
import { B } from "../../support/bridge.ts";
import { episode, failedJob, page } from "../../support/checker-alert-bugs.ts";
import { bugs, change, last, SOMETHING_OF_EVERYTHING } from "../../support/checker-bugs.ts";
import { HonestHistory, type Step } from "../../support/checker-history.ts";

const side = fc.constantFrom(0 as const, 1 as const);
const payload = fc.constantFrom("0x", "0x1234", `0x${"ab".repeat(40)}`);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("message" as const), from: side, payload }),
  fc.record({
    kind: fc.constant("transfer" as const),
    from: side,
    shared: fc.bigInt({ min: 1n, max: 50n }),
  }),
  fc.record({
    kind: fc.constant("deliver" as const),
    to: side,
    most: fc.integer({ min: 1, max: 4 }),
    later: fc.integer({ min: 0, max: 3 }),
    byPrevious: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("refuse" as const), to: side }),
  fc.record({ kind: fc.constant("rotate" as const) }),
);
const histories = fc
  .array(step, { maxLength: 25 })
  .map((steps) => new HonestHistory().run(steps).settle().run(SOMETHING_OF_EVERYTHING).settle());

const rulesBroken = (evidence: Evidence, history: HonestHistory): readonly RuleName[] => [
  ...new Set(check(evidence, history.expectations()).map(({ rule }) => rule)),
];

describe("the checker", () => {
  it("finds nothing in honest histories", () => {
    fc.assert(
      fc.property(histories, (history) => {
        assert.deepEqual(check(history.evidence(), history.expectations()), []);
      }),
      { numRuns: 60 },
    );
  });

  it("finds nothing in an honest history that is still under way", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const history = new HonestHistory().run(steps);
        const now = history.expectations().healedAt;
        const early = { ...history.expectations(), checkedAt: now };
        assert.deepEqual(check(history.evidence(), early), []);
      }),
      { numRuns: 40 },
    );
  });

  for (const { name, rule, says, plant } of bugs)
    it(`finds ${name}, by the rule ${rule} and no other`, () => {
      fc.assert(
        fc.property(histories, (history) => {
          const found = check(plant(history.evidence(), history), history.expectations());
          assert.deepEqual([...new Set(found.map((each) => each.rule))], [rule]);
          assert.match(found[0]?.text ?? "", says);
        }),
        { numRuns: 15 },
      );
    });

  it("has a planted bug for every rule", () => {
    assert.deepEqual(new Set(bugs.map(({ rule }) => rule)), new Set(Object.keys(RULES)));
  });

  it("says what is wrong with ids and places", () => {
    const history = new HonestHistory().run(SOMETHING_OF_EVERYTHING);
    const evidence = change(history.evidence(), B, ({ outcomes }) => ({
      outcomes: [...outcomes, last(outcomes)],
    }));
    const [violation] = check(evidence, history.expectations());
    const { id, place } = last(evidence.chains[1]?.outcomes ?? []);
    assert.match(
      violation?.text ?? "",
      new RegExp(`^Message ${id} was executed 2 times: .*${place.transactionHash}`),
    );
  });
});

describe("the checker, of alerts", () => {
  const judge = (alerts: Evidence["alerts"], failedJobs: Evidence["failedJobs"] = []) => {
    const history = new HonestHistory();
    return rulesBroken({ ...history.evidence(), alerts, failedJobs }, history);
  };

  it("is content with an alert that fired before the job failed and still does", () => {
    assert.deepEqual(judge({ episodes: [{ ...episode, startsAt: 1 }], pages: [page] }, [failedJob]), []);
  });

  it("asks nothing where there is no alerting", () => {
    assert.deepEqual(judge(undefined, [failedJob]), []);
  });

  it("does not count an alert that was muted, or too short for its group's first notification", () => {
    const muted = { ...episode, muted: [{ from: 5_500, to: undefined }] };
    assert.deepEqual(judge({ episodes: [muted], pages: [] }), []);
    assert.deepEqual(judge({ episodes: [{ ...episode, endsAt: 5_900 }], pages: [] }), []);
  });

  it("counts an alert that was muted for a while only", () => {
    const muted = { ...episode, muted: [{ from: 5_100, to: 6_000 }] };
    assert.deepEqual(judge({ episodes: [muted], pages: [] }), ["alert-notified"]);
  });

  it("takes a page for one of an alert that has all labels that the page's alerts share, while it fired", () => {
    const about = (labels: Record<string, string>, at = 6_000) => ({ ...page, at, about: { labels } });
    const known = { episodes: [episode] };
    assert.deepEqual(judge({ ...known, pages: [about({ alertname: "DeadLetters" })] }), []);
    assert.deepEqual(judge({ ...known, pages: [about({ queue: "other" })] }), ["alert-notified"]);
    assert.deepEqual(judge({ ...known, pages: [about({ alertname: "DeadLetters" }, 10)] }), [
      "alert-notified",
    ]);
  });
});

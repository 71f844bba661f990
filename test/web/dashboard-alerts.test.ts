import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { alertGroups, escalationList, silenceList } from "../../web/dashboard/core/alert-schema.ts";
import { distinctAlerts, headlineOf, quietWords, readGroups } from "../../web/dashboard/core/alerts.ts";
import { escalationWords, soonestEscalation } from "../../web/dashboard/core/escalation.ts";
import {
  bodyOf,
  matchersOf,
  problemOf,
  showMatcher,
  silenceOf,
  sortSilences,
} from "../../web/dashboard/core/silence.ts";
import { fakeAlerts, fakeEscalations, fakeSilences } from "../e2e/support/fake-alerts.ts";

describe("groups of alerts", () => {
  const groups = readGroups(alertGroups.parse(fakeAlerts("trouble")));
  it("that hold the same are one, and the worst comes first", () => {
    assert.deepEqual(
      groups.map(({ title, receivers, alerts }) => [title, receivers, alerts.length]),
      [
        ["QuorumMargin", ["on-call"], 1],
        ["LaneSlow", ["on-call", "speech"], 3],
      ],
    );
    assert.equal(distinctAlerts(groups).length, 4);
  });
  it("say of each alert what it is, and why nobody is told of it", () => {
    const alerts = distinctAlerts(groups);
    assert.equal(alerts.filter((alert) => quietWords(alert) === "Acknowledged by ada").length, 1);
    assert.equal(headlineOf({ labels: { alertname: "X" }, annotations: {} }), "X");
    assert.equal(headlineOf({ labels: {}, annotations: {} }), "An alert without a name");
  });
});

describe("a silence that is being made", () => {
  const form = silenceOf({ severity: "warning", instance: "127.0.0.1:9100", alertname: "LaneSlow" });
  it("is of the kind of its alert, and not of the one process that it came from", () => {
    assert.deepEqual(matchersOf(form).map(showMatcher), ['alertname="LaneSlow"', 'severity="warning"']);
  });
  it("needs a label and a reason", () => {
    const none = { ...form, matchers: form.matchers.map((each) => ({ ...each, isUsed: false })) };
    assert.match(problemOf({ ...none, comment: "why" }) ?? "", /would hide every alert/);
    assert.match(problemOf(form) ?? "", /Say why/);
    assert.equal(problemOf({ ...form, comment: "an upgrade" }), undefined);
  });
  it("is sent as Alertmanager takes it", () => {
    assert.deepEqual(bodyOf({ ...form, minutes: 15, comment: " an upgrade " }, "ada", 0), {
      matchers: matchersOf(form),
      ...{ startsAt: "1970-01-01T00:00:00.000Z", endsAt: "1970-01-01T00:15:00.000Z" },
      ...{ createdBy: "ada", comment: "an upgrade" },
    });
  });
  it("is listed with those in force first", () => {
    const [first] = sortSilences(silenceList.parse(fakeSilences("large")).toReversed());
    assert.equal(first?.status.state, "active");
    assert.equal(showMatcher({ name: "lane", value: "A|B", isRegex: true, isEqual: false }), 'lane!~"A|B"');
  });
});

describe("the clock of an escalation", () => {
  const [one] = escalationList.parse(fakeEscalations("usual")).escalations;
  assert(one !== undefined);
  const next = { level: 2, at: "1970-01-01T00:05:00.000Z" };
  for (const [change, words] of [
    [{ next }, "Level 1 was told; level 2 in 5 minutes (level-2)."],
    [{ next, level: 0 }, "Nobody was told beyond its route yet; level 2 in 5 minutes (level-2)."],
    [{ next, isHeld: true }, "Level 1 was told; held while it is quiet."],
    [{ next: null }, "Level 1 was told; no level follows."],
    [{ since: null }, "Escalates once somebody was told of it."],
  ] as const)
    it(`says: ${words}`, () => {
      assert.equal(escalationWords({ ...one, ...change }, 0), words);
    });
  it("is of the one that is due the soonest", () => {
    const late = { ...one, next: null };
    assert.equal(soonestEscalation([late, one], one.fingerprint), one);
    assert.equal(soonestEscalation([late, one], "another"), undefined);
  });
});

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { FatalError } from "../../../../relayer/domain/errors.ts";
import { posted } from "../../support/alerting.ts";
import { AlertingScene, ann } from "../../support/alerting-scene.ts";

let scene: AlertingScene;
beforeEach(() => {
  scene = new AlertingScene();
});
afterEach(() => {
  scene.stop();
});

describe("a posted alert", () => {
  it("is told once, repeated after repeat_interval, and told to be over", async () => {
    await scene.start();
    await scene.engine.post([posted({ alertname: "A", severity: "critical" })]);
    await scene.tick();
    await scene.engine.post([posted({ alertname: "A", severity: "critical" })]);
    await scene.tick();
    assert.deepEqual(scene.told("pager"), ["firing: A firing"]);
    for (let minutes = 0; minutes < 60; minutes++) {
      scene.pass(60_000);
      await scene.engine.post([posted({ alertname: "A", severity: "critical" })]);
      await scene.tick();
    }
    assert.deepEqual(scene.told("pager"), ["firing: A firing", "repeated: A firing"]);
    await scene.engine.post([posted({ alertname: "A", severity: "critical" }, { endsAt: scene.now })]);
    scene.pass(10_000);
    await scene.tick();
    assert.equal(scene.told("pager").at(-1), "resolved: A resolved");
    assert.deepEqual(scene.engine.alerts(), []);
  });

  it("that nobody says again is over after resolve_timeout, and is another episode when it fires again, also after a crash", async () => {
    await scene.start();
    await scene.engine.post([posted({ alertname: "A" }, { startsAt: scene.now })]);
    await scene.tick();
    const startsAt = scene.now;
    scene.pass(5 * 60_000);
    await scene.tick();
    scene.pass(10_000);
    await scene.restart();
    await scene.engine.post([posted({ alertname: "A" }, { startsAt })]);
    await scene.tick();
    scene.pass(10_000);
    await scene.tick();
    assert.deepEqual(scene.told("pager"), ["firing: A firing", "resolved: A resolved", "firing: A firing"]);
    const episodes = scene.channels.byName.get("pager")?.sent.map(({ alerts }) => alerts[0]?.episode);
    assert.notEqual(episodes?.[0], episodes?.[2]);
  });

  it("is refused with all others of its request when it is malformed", async () => {
    await scene.start();
    const isRefused = (error: unknown) =>
      error instanceof FatalError && error.code === "ALERTS" && error.message.includes("Alert 2 of 2");
    await assert.rejects(
      scene.engine.post([posted({ alertname: "A" }), posted({ alertname: "" })]),
      isRefused,
    );
    assert.deepEqual(scene.engine.alerts(), []);
  });
});

describe("a rule", () => {
  beforeEach(async () => {
    scene.rules = `
groups:
- name: lanes
  rules:
  - alert: Lag
    expr: lag > 5
    for: 1m
    keep_firing_for: 30s
    annotations: { summary: "{{ $labels.lane }} lags by {{ $value }}" }
`;
    await scene.start();
  });
  const evaluate = async () => {
    await scene.engine.evaluator.evaluate(true);
    await scene.tick();
  };

  it("fires after `for`, goes on for keep_firing_for, and is over then", async () => {
    scene.metric(6, { lane: "A-B" });
    await evaluate();
    assert.deepEqual(scene.told("pager"), []);
    scene.pass(60_000);
    scene.metric(7, { lane: "A-B" });
    await evaluate();
    assert.deepEqual(scene.told("pager"), ["firing: Lag firing"]);
    assert.equal(
      scene.channels.byName.get("pager")?.sent[0]?.alerts[0]?.annotations["summary"],
      "A-B lags by 7",
    );
    scene.metric(1, { lane: "A-B" });
    await evaluate();
    scene.pass(29_999);
    scene.metric(1, { lane: "A-B" });
    await evaluate();
    assert.equal(scene.engine.alerts().length, 1);
    scene.pass(1);
    scene.metric(1, { lane: "A-B" });
    await evaluate();
    scene.pass(10_000);
    await scene.tick();
    assert.deepEqual(scene.told("pager"), ["firing: Lag firing", "resolved: Lag resolved"]);
  });

  it("is shown with its instances, and what was shown does not change", async () => {
    const rules = () => scene.engine.rules().map(({ rule, ...rest }) => ({ alert: rule.alert, ...rest }));
    const rule = { alert: "Lag", group: "lanes", file: "rules.yml", problem: undefined };
    const before = rules();
    const began = scene.now;
    scene.metric(6, { lane: "A-B" });
    await evaluate();
    const pending = rules();
    scene.pass(60_000);
    scene.metric(7, { lane: "A-B" });
    await evaluate();
    const labels = { alertname: "Lag", lane: "A-B" };
    const since = began;
    assert.deepEqual(before, [{ ...rule, state: "inactive", instances: [], evaluatedAt: undefined }]);
    assert.deepEqual(pending, [
      {
        ...rule,
        state: "pending",
        instances: [{ state: "pending", labels, value: 6, since }],
        evaluatedAt: began,
      },
    ]);
    assert.deepEqual(rules(), [
      {
        ...rule,
        state: "firing",
        instances: [{ state: "firing", labels, value: 7, since }],
        evaluatedAt: began + 60_000,
      },
    ]);
    scene.metric(1, { lane: "A-B" });
    await evaluate();
    assert.deepEqual(rules()[0]?.instances, [{ state: "firing", labels, value: undefined, since }]);
  });

  it("does not count the time in which nobody evaluated it towards `for`", async () => {
    scene.metric(6);
    await evaluate();
    scene.pass(3_600_000);
    await scene.restart();
    scene.metric(6);
    await evaluate();
    assert.deepEqual(scene.told("pager"), []);
    scene.pass(60_000);
    scene.metric(6);
    await evaluate();
    assert.deepEqual(scene.told("pager"), ["firing: Lag firing"]);
  });

  it("neither fires, resolves nor repeats anything when the wall clock jumps back", async () => {
    scene.metric(6);
    await evaluate();
    scene.now -= 86_400_000;
    scene.metric(6);
    await evaluate();
    assert.deepEqual([scene.told("pager"), scene.engine.rules()[0]?.problem], [[], undefined]);
    // A tenth slower, until the wall clock has caught up.
    scene.pass(67_000);
    scene.metric(6);
    await evaluate();
    assert.deepEqual(scene.told("pager"), ["firing: Lag firing"]);
    await scene.restart();
    scene.metric(6);
    await evaluate();
    scene.pass(20_000);
    await evaluate();
    assert.deepEqual(scene.told("pager"), ["firing: Lag firing"]);
  });

  it("that is taken away ends what fires because of it", async () => {
    scene.metric(6);
    await evaluate();
    scene.pass(60_000);
    scene.metric(6);
    await evaluate();
    await scene.engine.reload({ plan: scene.plan, channels: scene.channels.channels, rules: [] }, ann);
    scene.pass(10_000);
    await scene.tick();
    assert.deepEqual(scene.told("pager"), ["firing: Lag firing", "resolved: Lag resolved"]);
    assert.deepEqual(
      scene.store.audit({ limit: 10 }).entries.map(({ who, what }) => `${who} ${what}`),
      ["ann reloaded"],
    );
  });
});

describe("a silence", () => {
  const draft = () => ({
    id: undefined,
    matchers: [{ name: "alertname", operator: "=", value: "A" } as const],
    startsAt: scene.now,
    endsAt: scene.now + 60_000,
    createdBy: "ann",
    comment: "maintenance",
  });

  it("holds over a crash, and what it silenced is told when it ends", async () => {
    await scene.start();
    const id = await scene.engine.acts.putSilence(draft(), ann);
    await scene.restart();
    await scene.engine.post([posted({ alertname: "A" }), posted({ alertname: "B" })]);
    await scene.tick();
    assert.deepEqual(scene.told("pager"), ["firing: B firing"]);
    assert.deepEqual(
      scene.engine.alerts().map(({ state, silencedBy }) => [state, silencedBy]),
      [
        ["suppressed", [id]],
        ["active", []],
      ].toSorted(),
    );
    await scene.engine.acts.expireSilence(id, ann);
    scene.pass(10_000);
    await scene.tick();
    assert.deepEqual(scene.told("pager"), ["firing: B firing", "firing: A firing"]);
    assert.deepEqual(
      scene.store.audit({ limit: 9 }).entries.map(({ what }) => what),
      ["silence-expired", "silence-added"],
    );
  });

  it("of everything, without an end in reach, an author or a comment is refused", async () => {
    await scene.start();
    const bad = [
      { ...draft(), matchers: [] },
      { ...draft(), matchers: [{ name: "alertname", operator: "=~", value: ".+" } as const] },
      { ...draft(), matchers: [{ name: "severity", operator: "!=", value: "x" } as const] },
      { ...draft(), endsAt: scene.now + 365 * 86_400_000 },
      { ...draft(), endsAt: scene.now - 1 },
      { ...draft(), createdBy: " " },
      { ...draft(), comment: "" },
    ];
    for (const each of bad)
      await assert.rejects(
        scene.engine.acts.putSilence(each, ann),
        (error) => error instanceof FatalError && error.code === "SILENCE",
      );
    assert.deepEqual(scene.engine.acts.silences(), []);
  });

  it("says before what it would silence", async () => {
    await scene.start();
    await scene.engine.post([posted({ alertname: "A" }), posted({ alertname: "B" })]);
    assert.deepEqual(
      scene.engine.acts.previewSilence(draft().matchers).map(({ alert }) => alert.labels["alertname"]),
      ["A"],
    );
  });

  it("does not keep an incident open that ends meanwhile", async () => {
    await scene.start();
    await scene.engine.post([posted({ alertname: "A" })]);
    await scene.tick();
    await scene.engine.acts.putSilence(draft(), ann);
    await scene.engine.post([posted({ alertname: "A" }, { endsAt: scene.now })]);
    scene.pass(10_000);
    await scene.tick();
    assert.deepEqual(scene.told("pager"), ["firing: A firing", "resolved: A resolved"]);
  });
});

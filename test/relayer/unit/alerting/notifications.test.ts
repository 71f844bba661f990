import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { planOf, posted, receiverOf, routeOf } from "../../support/alerting.ts";
import { AlertingScene, ann } from "../../support/alerting-scene.ts";

let scene: AlertingScene;
beforeEach(() => {
  scene = new AlertingScene();
});
afterEach(() => {
  scene.stop();
});

describe("an escalation", () => {
  beforeEach(async () => {
    const levels = [
      { receivers: ["boss"], after: 60_000, every: undefined },
      { receivers: ["fallback"], after: 120_000, every: 60_000 },
    ];
    scene.plan = planOf({
      route: routeOf({ escalation: "on-call" }),
      escalations: [{ name: "on-call", levels }],
    });
    await scene.start();
    await scene.engine.post([posted({ alertname: "A" }, { endsAt: scene.now + 86_400_000 })]);
    await scene.tick();
  });

  it("goes from level to level, and repeats one that says so", async () => {
    for (let seconds = 0; seconds < 240; seconds += 5) {
      scene.pass(5_000);
      await scene.tick();
    }
    assert.deepEqual(scene.told("pager"), ["firing: A firing"]);
    assert.deepEqual(scene.told("boss"), ["escalated L1: A firing"]);
    assert.deepEqual(
      scene.told("fallback"),
      Array.from({ length: 3 }, () => "escalated L2: A firing"),
    );
  });

  it("tells an overdue level exactly once after a crash, however long it was down", async () => {
    scene.pass(3_600_000);
    await scene.restart();
    assert(scene.engine.isDispatchDue());
    await scene.tick();
    await scene.tick();
    await scene.restart();
    await scene.tick();
    assert.deepEqual(
      [scene.told("boss"), scene.told("fallback")],
      [["escalated L1: A firing"], ["escalated L2: A firing"]],
    );
  });

  it("ends with an acknowledgement, which everybody hears of, and which a new episode does not inherit", async () => {
    scene.pass(60_000);
    await scene.tick();
    const episodes = await scene.engine.acts.acknowledge(
      { matchers: [{ name: "alertname", operator: "=", value: "A" }] },
      { comment: "on it", until: undefined },
      ann,
    );
    assert.equal(episodes.length, 1);
    await scene.restart();
    scene.pass(7_200_000);
    await scene.tick();
    assert.deepEqual(
      [scene.told("boss"), scene.told("fallback")],
      [["escalated L1: A firing", "acknowledged L1: A firing"], []],
    );
    assert.deepEqual(scene.told("pager"), ["firing: A firing", "acknowledged: A firing"]);
    assert.equal(scene.channels.byName.get("pager")?.sent[1]?.alerts[0]?.acknowledgedBy, "ann");
    await scene.engine.post([posted({ alertname: "A" }, { endsAt: scene.now })]);
    scene.pass(10_000);
    await scene.tick();
    assert.equal(scene.told("boss").at(-1), "resolved L1: A resolved");
    await scene.engine.post([posted({ alertname: "A" }, { endsAt: scene.now + 86_400_000 })]);
    await scene.tick();
    scene.pass(60_000);
    await scene.tick();
    assert.equal(scene.told("boss").at(-1), "escalated L1: A firing");
  });

  it("goes on when an acknowledgement no longer counts, or is taken back", async () => {
    const everything = { matchers: [{ name: "alertname", operator: "=", value: "A" } as const] };
    await scene.engine.acts.acknowledge(everything, { comment: "", until: scene.now + 90_000 }, ann);
    scene.pass(89_999);
    await scene.tick();
    assert(!scene.told("boss").includes("escalated L1: A firing"));
    scene.pass(1);
    assert(scene.engine.isDispatchDue());
    await scene.tick();
    assert.deepEqual(scene.told("boss"), ["escalated L1: A firing"]);
    await scene.engine.acts.acknowledge(everything, { comment: "", until: undefined }, ann);
    scene.pass(60_000);
    await scene.tick();
    assert.deepEqual(scene.told("fallback"), []);
    assert.equal((await scene.engine.acts.unacknowledge(everything, ann)).length, 1);
    await scene.tick();
    assert.deepEqual(scene.told("fallback"), ["escalated L2: A firing"]);
    const acts = scene.store.audit({ limit: 9 }).entries.map(({ what }) => what);
    assert.deepEqual(acts, ["unacknowledged", "acknowledged", "acknowledged"]);
  });

  it("waits while its alert is silenced, and goes on when the silence ends", async () => {
    const silence = {
      id: undefined,
      matchers: [{ name: "alertname", operator: "=", value: "A" } as const],
      startsAt: scene.now,
      endsAt: scene.now + 90_000,
      createdBy: "ann",
      comment: "quiet",
    };
    await scene.engine.acts.putSilence(silence, ann);
    scene.pass(61_000);
    await scene.tick();
    assert.deepEqual(scene.told("boss"), []);
    scene.pass(30_000);
    assert(scene.engine.isDispatchDue());
    await scene.tick();
    assert.deepEqual(scene.told("boss"), ["escalated L1: A firing"]);
  });
});

describe("a notification that is not delivered", () => {
  it("is tried again with growing pauses, as late as the other side asks", async () => {
    await scene.start();
    const pager = scene.channels.byName.get("pager");
    assert(pager);
    const answer = pager.answer;
    let attempts = 0;
    pager.answer = () => {
      attempts++;
      return { kind: "retry", reason: "503", afterMilliseconds: attempts === 2 ? 30_000 : undefined };
    };
    await scene.engine.post([posted({ alertname: "A" })]);
    await scene.tick();
    scene.pass(999);
    await scene.tick();
    assert.equal(attempts, 1);
    scene.pass(1);
    await scene.tick();
    scene.pass(29_999);
    await scene.tick();
    assert.equal(attempts, 2);
    pager.answer = answer;
    await scene.restart();
    scene.pass(1);
    await scene.tick();
    assert.deepEqual(scene.told("pager"), ["firing: A firing"]);
    const history = scene.store.history({ limit: 10, kind: "attempt" });
    assert.deepEqual(
      history.entries.map(({ what }) => what),
      ["delivered", "retry", "retry"],
    );
  });

  it("becomes a dead letter with its reason, and the fallback is told; a dead letter can be sent after all", async () => {
    scene.plan = planOf({
      receivers: [
        receiverOf("pager", { fallback: "fallback" }),
        receiverOf("fallback", { fallback: "pager" }),
      ],
    });
    await scene.start();
    const pager = scene.channels.byName.get("pager");
    assert(pager);
    const answer = pager.answer;
    pager.answer = () => ({ kind: "refused", reason: "the key was revoked" });
    await scene.engine.post([posted({ alertname: "A" })]);
    await scene.tick();
    scene.engine.pump();
    await scene.engine.notifier.settled();
    const [told] = scene.channels.byName.get("fallback")?.sent ?? [];
    assert.match(
      told?.alerts[0]?.annotations["undelivered"] ?? "",
      /pager \(webhook\/0\).*the key was revoked/,
    );
    const [dead] = scene.store.deadLetters(10);
    assert.deepEqual([dead?.receiver, dead?.reason], ["pager", "the key was revoked"]);
    pager.answer = answer;
    await scene.engine.acts.redrive(dead?.id ?? "", (id) => id === dead?.id, ann);
    scene.engine.pump();
    await scene.engine.notifier.settled();
    assert.deepEqual([scene.told("pager"), scene.store.deadLetters(10)], [["firing: A firing"], []]);
  });

  it("keeps to the limit of its receiver, and lets the critical pass", async () => {
    scene.plan = planOf({
      route: routeOf({ groupBy: "all" }),
      receivers: [receiverOf("pager", { limit: { perMinute: 6, burst: 2 } })],
    });
    await scene.start();
    const names = ["A", "B", "C", "D"].map((alertname) =>
      posted({ alertname, severity: alertname === "D" ? "critical" : "warning" }),
    );
    await scene.engine.post(names);
    await scene.tick();
    assert.equal(scene.told("pager").length, 2);
    assert.equal(scene.told("pager")[0], "firing: D firing");
    scene.pass(10_000);
    await scene.tick();
    assert.equal(scene.told("pager").length, 3);
  });
});

describe("a storm", () => {
  it("of 10,000 alerts is few messages, the critical one first", async () => {
    scene.plan = planOf({ route: routeOf({ groupBy: ["severity"] }) });
    await scene.start();
    const alerts = Array.from({ length: 10_000 }, (_, i) =>
      posted({ alertname: "A", severity: i % 100 === 99 ? "critical" : "warning", i: String(i) }),
    );
    await scene.engine.post(alerts);
    await scene.tick();
    const sent = scene.channels.byName.get("pager")?.sent ?? [];
    assert.deepEqual(
      sent.map(({ severity, alerts: shown, truncatedAlerts }) => [severity, shown.length, truncatedAlerts]),
      [
        ["critical", 100, 0],
        ["warning", 100, 9_800],
      ],
    );
  });
});

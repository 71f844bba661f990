import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { supersedes } from "../../../../relayer/alerting/core/supersede.ts";
import type { Notification } from "../../../../relayer/alerting/core/notification.ts";
import { planOf, posted, routeOf } from "../../support/alerting.ts";
import { AlertingScene } from "../../support/alerting-scene.ts";

let scene: AlertingScene;
beforeEach(() => {
  scene = new AlertingScene();
});
afterEach(() => {
  scene.stop();
});

describe("what waits for a receiver that is away", () => {
  it("is bounded: the newest of a group is told, the critical first, and the history names what is not", async () => {
    scene.options = { mostWaiting: 4 };
    scene.plan = planOf({ route: routeOf({ groupBy: ["alertname", "severity"] }) });
    await scene.start();
    const pager = scene.channels.byName.get("pager");
    assert(pager);
    const answer = pager.answer;
    pager.answer = () => ({ kind: "retry", reason: "it is away", afterMilliseconds: 600_000 });
    const alert = (severity: string, endsAt: number) => posted({ alertname: "A", severity }, { endsAt });
    for (let round = 0; round < 40; round++) {
      const endsAt = round % 2 === 0 ? scene.now + 3_600_000 : scene.now;
      await scene.engine.post([alert("warning", endsAt), alert("critical", endsAt)]);
      scene.pass(10_000);
      await scene.tick();
      assert(scene.engine.notifier.depth <= 5, `${scene.engine.notifier.depth} wait`);
      if (round === 21) await scene.restart();
    }
    const waiting = scene.store.outbox();
    assert.equal(waiting.length, scene.engine.notifier.depth);
    const lines = scene.store.history({ limit: 1_000, kind: "notification" }).entries;
    const superseded = lines.filter(({ what }) => what === "superseded");
    const made = lines.filter(({ what }) => what !== "superseded");
    assert.deepEqual(
      [...waiting.map(({ id }) => id), ...superseded.map(({ notification }) => notification)].toSorted(),
      made.map(({ notification }) => notification).toSorted(),
    );
    // Whoever was told first is not made to wait longer by what came after.
    assert.equal(Math.min(...waiting.map(({ at }) => at)), Math.min(...made.map(({ at }) => at)));
    pager.answer = answer;
    scene.pass(700_000);
    await scene.tick();
    const sent = pager.sent.map(({ severity }) => severity);
    assert.deepEqual(sent, sent.toSorted());
    for (const severity of ["critical", "warning"])
      assert.equal(pager.sent.findLast((each) => each.severity === severity)?.reason, "resolved");
  });
});

describe("a notification", () => {
  const alert = (episode: string) => ({
    fingerprint: "f",
    episode,
    status: "firing" as const,
    labels: {},
    annotations: {},
    startsAt: 1,
    endsAt: undefined,
    generatorUrl: "",
    acknowledgedBy: undefined,
  });
  const of = (given: Partial<Notification>): Notification => ({
    id: "1",
    receiver: "pager",
    integration: "webhook/0",
    reason: "firing",
    groupKey: "{}:{}",
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    alerts: [alert("a")],
    truncatedAlerts: 0,
    severity: "warning",
    level: undefined,
    at: 1,
    ...given,
  });
  const escalated = of({ reason: "escalated", level: 1 });
  const ab = [alert("a"), alert("b")];

  for (const [what, newer, older, expected] of [
    ["the end of the same group", of({ reason: "resolved" }), of({}), true],
    ["another group", of({ groupKey: "{}:{x=1}" }), of({}), false],
    ["another receiver", of({ receiver: "boss" }), of({}), false],
    ["another integration", of({ integration: "slack/0" }), of({}), false],
    ["another level", of({ level: 1 }), of({}), false],
    ["something less urgent", of({}), of({ severity: "critical" }), false],
    ["something more urgent", of({ severity: "critical" }), of({}), true],
    ["an escalation of more", { ...escalated, alerts: ab }, escalated, true],
    ["an escalation of less", escalated, { ...escalated, alerts: ab }, false],
    [
      "an escalation, when the rest is over",
      escalated,
      { ...escalated, alerts: [...ab.slice(0, 1), alert("over")] },
      true,
    ],
    ["an escalation, when the rest is not known", escalated, { ...escalated, truncatedAlerts: 1 }, false],
    ["news instead of an escalation", of({ level: 1 }), escalated, false],
  ] as const)
    it(`of ${what} ${expected ? "takes" : "does not take"} the place of an older one`, () => {
      assert.equal(
        supersedes(newer, older, (episode) => episode !== "over"),
        expected,
      );
    });
});

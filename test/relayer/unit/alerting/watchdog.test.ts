import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { Watchdog } from "../../../../relayer/alerting/worker/watchdog.ts";
import { posted } from "../../support/alerting.ts";
import { AlertingScene } from "../../support/alerting-scene.ts";

let scene: AlertingScene;
beforeEach(async () => {
  scene = new AlertingScene();
  await scene.start();
});
afterEach(() => {
  scene.stop();
});

const names = () => scene.engine.alerts().map(({ alert }) => alert.labels["alertname"]);

describe("the watchdog", () => {
  it("sends a sign of life every so often, which no silence holds back", async () => {
    const watchdog = new Watchdog(scene.engine, {
      heartbeat: { receiver: "boss", every: 10_000 },
      expected: [],
    });
    for (let seconds = 0; seconds < 25; seconds++) {
      await scene.engine.evaluator.evaluate();
      await watchdog.tick();
      scene.pass(1_000);
    }
    assert.deepEqual(
      scene.told("boss"),
      Array.from({ length: 3 }, () => "heartbeat: Watchdog firing"),
    );
  });

  it("raises an alert when a heartbeat stays out, until it comes again", async () => {
    const watchdog = new Watchdog(scene.engine, {
      heartbeat: undefined,
      expected: [{ name: "Other", within: 30_000 }],
    });
    const pass = async (seconds: number) => {
      scene.pass(seconds * 1_000);
      await scene.engine.evaluator.evaluate();
      await watchdog.tick();
      await scene.tick();
    };
    await pass(30);
    watchdog.hear([posted({ alertname: "Other" })]);
    await pass(30);
    assert.deepEqual(names(), []);
    await pass(1);
    assert.deepEqual(names(), ["HeartbeatMissing"]);
    watchdog.hear([posted({ alertname: "Other" })]);
    await pass(61);
    watchdog.hear([posted({ alertname: "Other" })]);
    await pass(1);
    await pass(1);
    assert.equal(scene.told("pager").filter((text) => text.startsWith("firing: HeartbeatMissing")).length, 1);
  });

  it("raises alerts when rules are not evaluated, and when a receiver keeps failing", async () => {
    const watchdog = new Watchdog(scene.engine, { heartbeat: undefined, expected: [] });
    const pager = scene.channels.byName.get("pager");
    assert(pager);
    pager.answer = () => ({ kind: "retry", reason: "503", afterMilliseconds: undefined });
    await scene.engine.post([posted({ alertname: "A" }, { endsAt: scene.now + 3_600_000 })]);
    for (let attempts = 0; attempts < 3; attempts++) {
      await scene.tick();
      scene.pass(10_000);
    }
    scene.pass(10_000);
    await watchdog.tick();
    assert.deepEqual(names().toSorted(), ["A", "EvaluationLate", "ReceiverFailing"]);
  });
});

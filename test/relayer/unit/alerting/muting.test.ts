import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { planOf, posted } from "../../support/alerting.ts";
import { AlertingScene, ann } from "../../support/alerting-scene.ts";

const hour = 3_600_000;
let scene: AlertingScene;
beforeEach(() => {
  scene = new AlertingScene();
});
afterEach(() => {
  scene.stop();
});

/** The transitions so far, the oldest first: what, of which alert, and the detail. */
const transitions = () =>
  scene.store
    .history({ limit: 100, kind: "transition" })
    .entries.toReversed()
    .map(({ what, labels, detail }) => `${what} ${labels["alertname"] ?? ""} ${detail}`.trim());
const fires = (alertname: string) => posted({ alertname }, { endsAt: scene.now + 24 * hour });
const ends = (alertname: string) => posted({ alertname }, { endsAt: scene.now });
const silence = (startsAt: number, endsAt: number) =>
  scene.engine.acts.putSilence(
    {
      id: undefined,
      matchers: [{ name: "alertname", operator: "=", value: "A" }],
      startsAt,
      endsAt,
      createdBy: "ann",
      comment: "test",
    },
    ann,
  );

describe("the history of silenced alerts", () => {
  it("names the silence when it is made and ended, before anything else is asked for", async () => {
    await scene.start();
    await scene.engine.post([fires("A"), fires("B")]);
    const id = await silence(scene.now, scene.now + hour);
    assert.deepEqual(transitions(), ["firing A", "firing B", `silenced A ${id}`]);
    await scene.engine.acts.expireSilence(id, ann);
    assert.equal(transitions().at(-1), `unsilenced A ${id}`);
    assert.equal(transitions().length, 4);
  });

  it("has each line once when a silence begins and ends by itself, also while alerting was down", async () => {
    await scene.start();
    await scene.engine.post([fires("A")]);
    const id = await silence(scene.now + 60_000, scene.now + hour);
    await scene.tick();
    assert.deepEqual(transitions(), ["firing A"]);
    scene.pass(60_000);
    assert(scene.engine.isDispatchDue());
    await scene.tick();
    await scene.restart();
    await scene.tick();
    assert.deepEqual(transitions(), ["firing A", `silenced A ${id}`]);
    assert.equal(scene.engine.isDispatchDue(), false);
    scene.pass(hour);
    await scene.restart();
    await scene.tick();
    await scene.tick();
    assert.deepEqual(transitions(), ["firing A", `silenced A ${id}`, `unsilenced A ${id}`]);
  });

  it("says it again of another episode, and not of one that is over", async () => {
    await scene.start();
    const id = await silence(scene.now, scene.now + hour);
    await scene.engine.post([fires("A")]);
    scene.pass(1_000);
    await scene.engine.post([ends("A")]);
    scene.pass(1_000);
    await scene.engine.post([fires("A")]);
    const episode = ["firing A", `silenced A ${id}`];
    assert.deepEqual(transitions(), [...episode, "resolved A", ...episode]);
  });
});

describe("the history of inhibited alerts", () => {
  it("names what inhibits them, as long as anything does", async () => {
    const matcher = (name: string) => ({ name: "alertname", operator: "=~", value: name }) as const;
    scene.plan = planOf({
      inhibitRules: [{ sourceMatchers: [matcher("S.*")], targetMatchers: [matcher("T")], equal: [] }],
    });
    await scene.start();
    await scene.engine.post([fires("T")]);
    await scene.engine.post([fires("S1")]);
    const first = scene.engine.alerts().find(({ alert }) => alert.labels["alertname"] === "S1");
    await scene.engine.post([fires("S2")]);
    await scene.engine.post([ends("S1")]);
    await scene.restart();
    await scene.tick();
    await scene.engine.post([ends("S2")]);
    assert.deepEqual(
      transitions().map((line) => line.replace(/ [0-9a-f]{16}$/, " id")),
      [
        "firing T",
        "firing S1",
        "inhibited T id",
        "firing S2",
        "resolved S1",
        "resolved S2",
        "uninhibited T id",
      ],
    );
    assert(transitions().includes(`inhibited T ${first?.alert.fingerprint ?? ""}`));
  });
});

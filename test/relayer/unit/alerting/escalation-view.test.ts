import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { createAlertingApi } from "../../../../relayer/alerting/api/server.ts";
import { Access } from "../../../../relayer/platform/access.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { Users } from "../../../../relayer/platform/users.ts";
import { planOf, posted, routeOf } from "../../support/alerting.ts";
import { AlertingScene, ann } from "../../support/alerting-scene.ts";

const time = z.string().nullable();
const answer = z.object({
  escalations: z.array(
    z.object({
      labels: z.record(z.string(), z.string()),
      escalation: z.string(),
      receiver: z.object({ name: z.string() }),
      since: time,
      level: z.number(),
      levels: z.array(
        z.object({
          level: z.number(),
          receivers: z.array(z.object({ name: z.string() })),
          toldAt: time,
          nextAt: time,
        }),
      ),
      next: z.object({ level: z.number(), at: z.string() }).nullable(),
      endedBy: z.object({ by: z.string(), comment: z.string(), until: z.string().optional() }).nullable(),
      isHeld: z.boolean(),
    }),
  ),
});

describe("the clock of an escalation", () => {
  let scene: AlertingScene;
  let app: FastifyInstance;
  let begin: number;
  const everything = { matchers: [{ name: "alertname", operator: "=", value: "A" } as const] };
  const at = (milliseconds: number) => new Date(begin + milliseconds).toISOString();
  const clocks = async () => answer.parse((await app.inject("/api/v1/escalations")).json()).escalations;
  const clock = async () => {
    const [first, ...rest] = await clocks();
    assert(first !== undefined && rest.length === 0);
    return first;
  };

  beforeEach(async () => {
    scene = new AlertingScene();
    const levels = [
      { receivers: ["boss"], after: 60_000, every: undefined },
      { receivers: ["fallback"], after: 120_000, every: 60_000 },
    ];
    scene.plan = planOf({
      route: routeOf({ escalation: "on-call", groupWait: 30_000 }),
      escalations: [{ name: "on-call", levels }],
    });
    await scene.start();
    begin = scene.now;
    const { engine, store, folder } = scene;
    app = await createAlertingApi({
      ...{ engine, store, startedAt: begin, version: "0", logger: createLogger("silent", {}) },
      access: new Access(new Users(join(folder, "users.json")), () => scene.now),
      ...{ onPosted: () => undefined, reload: () => Promise.resolve(), configText: () => "" },
    });
    await engine.post([posted({ alertname: "A" }, { endsAt: begin + 86_400_000 })]);
  });
  afterEach(async () => {
    await app.close();
    scene.stop();
  });

  it("begins when the first of them is told, and says whom it tells next and when", async () => {
    await scene.tick();
    const before = await clock();
    assert.deepEqual([before.since, before.level, before.next, before.endedBy], [null, 0, null, null]);
    scene.pass(30_000);
    await scene.tick();
    const { since, level, levels, next, receiver, escalation } = await clock();
    assert.deepEqual([since, level, next], [at(30_000), 0, { level: 1, at: at(90_000) }]);
    assert.deepEqual([receiver, escalation], [{ name: "pager" }, "on-call"]);
    assert.deepEqual(levels, [
      { level: 1, receivers: [{ name: "boss" }], toldAt: null, nextAt: at(90_000) },
      { level: 2, receivers: [{ name: "fallback" }], toldAt: null, nextAt: at(150_000) },
    ]);
  });

  it("goes on with each level that is told, and round by round where one repeats", async () => {
    for (const [passed, level, next] of [
      [30_000, 0, { level: 1, at: at(90_000) }],
      [90_000, 1, { level: 2, at: at(150_000) }],
      [150_000, 2, { level: 2, at: at(210_000) }],
    ] as const) {
      scene.pass(begin + passed - scene.now);
      await scene.tick();
      const now = await clock();
      assert.deepEqual([now.level, now.next], [level, next]);
    }
    const [first, second] = (await clock()).levels;
    assert.deepEqual([first?.toldAt, first?.nextAt], [at(90_000), null]);
    assert.deepEqual([second?.toldAt, second?.nextAt], [at(150_000), at(210_000)]);
  });

  it("stands still for an acknowledgement, and says whose; until a time, if that is given", async () => {
    scene.pass(30_000);
    await scene.tick();
    await scene.engine.acts.acknowledge(everything, { comment: "on it", until: begin + 100_000 }, ann);
    const held = await clock();
    assert.deepEqual(held.next, { level: 1, at: at(100_000) });
    assert.deepEqual(
      [held.endedBy?.by, held.endedBy?.comment, held.endedBy?.until],
      ["ann", "on it", at(100_000)],
    );
    await scene.engine.acts.acknowledge(everything, { comment: "", until: undefined }, ann);
    const ended = await clock();
    assert.deepEqual([ended.next, ended.endedBy?.by, ended.endedBy?.until], [null, "ann", undefined]);
    await scene.engine.acts.unacknowledge(everything, ann);
    assert.deepEqual((await clock()).next, { level: 1, at: at(90_000) });
  });

  it("says that it is held while the alert is silenced, and is gone with the alert", async () => {
    scene.pass(30_000);
    await scene.tick();
    const silence = { id: undefined, ...everything, startsAt: scene.now, endsAt: scene.now + 3_600_000 };
    await scene.engine.acts.putSilence({ ...silence, createdBy: "ann", comment: "known" }, ann);
    assert.equal((await clock()).isHeld, true);
    await scene.engine.post([posted({ alertname: "A" }, { endsAt: scene.now })]);
    assert.deepEqual(await clocks(), []);
  });
});

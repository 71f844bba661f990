import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { AuditLog } from "../../../../relayer/api/operator/audit-log.ts";
import { addQueueRoutes } from "../../../../relayer/api/operator/queue-routes.ts";
import { auditView, deadLetterList } from "../../../../relayer/api/operator-schema.ts";
import { ConfigurationError, FatalError } from "../../../../relayer/domain/errors.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { QueueAdmin } from "../../../../relayer/platform/queue-admin.ts";
import { Queues } from "../../../../relayer/platform/queues.ts";
import { PrivateRedis } from "../../support/private-redis.ts";
import { until } from "../../support/processes.ts";
import { OWN, Page, SignInScene } from "../../support/sign-in.ts";

const schema = z.object({ value: z.number() });
const at = (path: string) => `/api/v1/operator/${path}`;

describe("queues behind the dashboard", () => {
  let server: PrivateRedis;
  let queues: Queues;
  let admin: QueueAdmin;
  let scene: SignInScene;
  let app: FastifyInstance;
  before(async () => {
    server = await PrivateRedis.start();
    queues = new Queues(server.connect(), createLogger("silent", {}));
    admin = new QueueAdmin(server.connect());
    const handler = () => Promise.reject(new FatalError("NO", "the reason"));
    queues.work("deliver-a", schema, handler, { concurrency: 1 });
  });
  after(async () => {
    await admin.close();
    await queues.close();
    await server.stop();
  });
  beforeEach(async () => {
    scene = new SignInScene();
    app = await scene.serve((scope) => {
      addQueueRoutes(scope, { gate: scene.doorkeeper.gate, audit: scene.audit, queues: admin });
    });
    for (const value of [1, 2, 3]) await queues.add("deliver-a", `job-${value}`, schema, { value });
    await until("all failed", async () => (await admin.failed("deliver-a")).length === 3);
  });
  afterEach(async () => {
    await app.close();
    await admin.remove("deliver-a", undefined);
    scene.stop();
  });
  const letters = async (page: Page) =>
    deadLetterList.parse((await page.get(at("queues/deliver-a/failed"))).json()).deadLetters;

  it("show their dead letters to viewers, who can do nothing about them", async () => {
    const page = await Page.signIn(app, scene.token("viewer"));
    const [first] = await letters(page);
    assert.deepEqual([first?.reason, first?.attempts], ["the reason", 1]);
    for (const act of ["retry", "remove", "pause", "resume"])
      assert.equal((await page.send("POST", at(`queues/deliver-a/${act}`), {})).statusCode, 403, act);
    assert.equal((await letters(page)).length, 3);
    assert.deepEqual(scene.acts(), ["the-viewer: signed in"]);
    assert.equal((await app.inject({ url: at("queues/deliver-a/failed"), headers: OWN })).statusCode, 401);
  });

  it("are retried and emptied by operators, one letter or all, and each time it is noted before it is done", async () => {
    const page = await Page.signIn(app, scene.token("operator"));
    const one = await page.send("POST", at("queues/deliver-a/remove"), { id: "job-2" });
    assert.deepEqual(one.json(), { jobs: 1 });
    const all = await page.send("POST", at("queues/deliver-a/retry"));
    assert.deepEqual(all.json(), { jobs: 2 });
    await until("they failed again", async () => (await admin.failed("deliver-a")).length === 2);
    const unknown = await page.send("POST", at("queues/nothing/retry"), {});
    assert.equal(unknown.statusCode, 400);
    assert.equal(
      (await page.send("POST", at("queues/deliver-a/remove"), { ids: ["job-1"] })).statusCode,
      400,
    );
    const { acts } = auditView.parse((await page.get(at("audit?limit=4"))).json());
    assert.deepEqual(
      acts.map(({ who, what }) => `${who} ${what}`),
      [
        "the-operator retried dead letters: failed",
        "the-operator retried dead letters",
        "the-operator retried dead letters",
        "the-operator removed dead letters",
      ],
    );
    assert.deepEqual(acts.map(({ detail }) => detail).slice(1), [
      "nothing: all",
      "deliver-a: all",
      "deliver-a: job-2",
    ]);
    assert.match(acts[0]?.detail ?? "", /^nothing: all: There is no queue nothing/);
    assert.equal(acts[3]?.from, "127.0.0.1");
  });

  it("are paused and resumed by admins alone", async () => {
    const operator = await Page.signIn(app, scene.token("operator"));
    assert.equal((await operator.send("POST", at("queues/deliver-a/pause"))).statusCode, 403);
    const page = await Page.signIn(app, scene.token("admin"));
    assert.equal((await page.send("POST", at("queues/deliver-a/pause"))).statusCode, 200);
    assert.equal((await admin.list())[0]?.isPaused, true);
    assert.equal((await page.send("POST", at("queues/deliver-a/resume"))).statusCode, 200);
    assert.equal((await admin.list())[0]?.isPaused, false);
    assert.deepEqual(scene.acts().slice(0, 2), ["the-admin: resumed a queue", "the-admin: paused a queue"]);
  });
});

describe("the audit log", () => {
  it("is there after a restart, newest first, in a file of its owner's alone", () => {
    const scene = new SignInScene();
    scene.audit.note({ who: "ann", from: "::1", what: "did", detail: "one" });
    scene.now += 1;
    scene.audit.note({ who: "bob", from: "::1", what: "did", detail: "two" });
    const again = new AuditLog(join(scene.folder, "audit.sqlite"), () => scene.now);
    assert.deepEqual(
      again.newest(9).map(({ at: time, who, detail }) => [time, who, detail]),
      [
        [scene.now, "bob", "two"],
        [scene.now - 1, "ann", "one"],
      ],
    );
    assert.equal(again.newest(1).length, 1);
    again.close();
    scene.stop();
  });

  it("keeps of refused sign-ins the newest only, so that guessing pushes nothing out that somebody did", () => {
    const scene = new SignInScene();
    scene.audit.note({ who: "ann", from: "::1", what: "did", detail: "one" });
    const refuse = (i: number) => {
      scene.audit.note({ who: "", from: "::1", what: "sign-in refused", detail: String(i) });
    };
    for (let i = 0; i < 10_050; i++) refuse(i);
    const all = scene.audit.newest(20_000);
    assert.deepEqual([all.length, all[0]?.detail, all.at(-2)?.detail], [10_001, "10049", "50"]);
    assert.equal(all.at(-1)?.who, "ann");
    scene.stop();
  });

  it("that is no file of ours is refused, and left as it is", () => {
    const scene = new SignInScene();
    assert.throws(() => new AuditLog(join(scene.folder, "users.json"), () => 0), ConfigurationError);
    scene.stop();
  });
});

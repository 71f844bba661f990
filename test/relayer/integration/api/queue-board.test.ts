import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import files from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { addQueueBoard } from "../../../../relayer/api/operator/queue-board.ts";
import { FatalError } from "../../../../relayer/domain/errors.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { QueueAdmin } from "../../../../relayer/platform/queue-admin.ts";
import { Queues } from "../../../../relayer/platform/queues.ts";
import { PrivateRedis } from "../../support/private-redis.ts";
import { repository, until } from "../../support/processes.ts";
import { OWN, Page, SignInScene } from "../../support/sign-in.ts";

const schema = z.object({ value: z.number() });
const listed = z.object({
  queues: z.array(
    z.object({
      name: z.string(),
      counts: z.looseObject({ failed: z.number() }),
      readOnlyMode: z.boolean(),
      allowRetries: z.boolean(),
    }),
  ),
});

describe("the raw queues", () => {
  let server: PrivateRedis;
  let queues: Queues;
  let admin: QueueAdmin;
  const scene = new SignInScene();
  let app: FastifyInstance;
  before(async () => {
    server = await PrivateRedis.start();
    queues = new Queues(server.connect(), createLogger("silent", {}));
    admin = new QueueAdmin(server.connect());
    app = await scene.serve(async (scope) => {
      await addQueueBoard(scope, { gate: scene.doorkeeper.gate, audit: scene.audit, queues: admin });
    });
    // As beside the pages, which are files, too.
    await app.register(files, { root: join(repository, "web/dashboard"), decorateReply: false });
    queues.work("deliver-a", schema, () => Promise.reject(new FatalError("NO", "the reason")), {
      concurrency: 1,
    });
    await queues.add("deliver-a", "job-1", schema, { value: 1 });
    await until("it failed", async () => (await admin.failed("deliver-a")).length === 1);
  });
  after(async () => {
    await app.close();
    await admin.close();
    await queues.close();
    await server.stop();
    scene.stop();
  });
  const RETRY = "/queues/api/queues/deliver-a/job-1/retry";
  const PAUSE = "/queues/api/queues/deliver-a/pause";

  it("are for operators who are signed in, and for nobody else", async () => {
    for (const url of ["/queues/", "/queues/api/queues", "/queues/static/favicon.ico"]) {
      assert.equal((await app.inject({ url, headers: OWN })).statusCode, 401, url);
      const viewer = await Page.signIn(app, scene.token("viewer"));
      assert.equal((await viewer.get(url)).statusCode, 403, url);
      const operator = await Page.signIn(app, scene.token("operator"));
      assert.equal((await operator.get(url)).statusCode, 200, url);
    }
  });

  it("are a page that loads nothing from elsewhere and runs no script that is written into it", async () => {
    const page = await Page.signIn(app, scene.token("operator"));
    const answer = await page.get("/queues/");
    assert.match(String(answer.headers["content-type"]), /^text\/html/);
    assert.doesNotMatch(answer.body, /(href|src)="(https?:)?\/\//);
    const policy = String(answer.headers["content-security-policy"]);
    assert.match(policy, /default-src 'none'; script-src 'self';/);
    for (const [, attributes = "", content = ""] of answer.body.matchAll(/<script([^>]*)>([^<]*)<\/script>/g))
      assert(attributes.includes('type="application/json"') || content === "", attributes);
    for (const [, src = ""] of answer.body.matchAll(/(?:src|href)="(static\/[^"]+)"/g))
      assert.equal((await page.get(`/queues/${src}`)).statusCode, 200, src);
  });

  it("show every queue that there is, also one that came later", async () => {
    const page = await Page.signIn(app, scene.token("operator"));
    const names = async () =>
      listed
        .parse((await page.get("/queues/api/queues")).json())
        .queues.map(({ name, counts }) => [name, counts.failed]);
    assert.deepEqual(await names(), [["deliver-a", 1]]);
    await queues.add("deliver-b", "job-1", schema, { value: 1 });
    assert.deepEqual(await names(), [
      ["deliver-a", 1],
      ["deliver-b", 0],
    ]);
  });

  it("offer changes to admins alone", async () => {
    const offered = async (role: "operator" | "admin") => {
      const page = await Page.signIn(app, scene.token(role));
      const { queues: shown } = listed.parse((await page.get("/queues/api/queues")).json());
      return shown.map(({ readOnlyMode, allowRetries }) => [readOnlyMode, allowRetries]);
    };
    const nothing = [true, false];
    const everything = [false, true];
    assert.deepEqual(await offered("operator"), [nothing, nothing]);
    assert.deepEqual(await offered("admin"), [everything, everything]);
  });

  it("are changed by admins alone, from our own page alone, and that is noted", async () => {
    const operator = await Page.signIn(app, scene.token("operator"));
    const put = (page: Page, url: string, headers: Record<string, string> = OWN) =>
      app.inject({ method: "PUT", url, headers: { ...headers, cookie: page.cookie } });
    for (const url of [RETRY, PAUSE]) assert.equal((await put(operator, url)).statusCode, 403, url);
    const page = await Page.signIn(app, scene.token("admin"));
    for (const headers of [
      { host: OWN.host },
      { ...OWN, origin: "https://evil.example" },
      { ...OWN, "sec-fetch-site": "cross-site" },
      { ...OWN, "sec-fetch-site": "same-site", origin: "http://127.0.0.1:3000" },
    ])
      assert.equal((await put(page, PAUSE, headers)).statusCode, 403, JSON.stringify(headers));
    assert.equal((await admin.list()).find(({ queue }) => queue === "deliver-a")?.isPaused, false);
    const before = scene.acts().length;
    assert.equal((await put(page, PAUSE)).statusCode, 200);
    assert.equal((await admin.list()).find(({ queue }) => queue === "deliver-a")?.isPaused, true);
    assert.equal(scene.acts().length, before + 1);
    const [act] = scene.audit.newest(1);
    assert.deepEqual([act?.who, act?.what, act?.detail], ["the-admin", "changed a queue", `PUT ${PAUSE}`]);
  });
});

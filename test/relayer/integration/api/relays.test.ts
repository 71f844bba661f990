import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { createAlertingApi } from "../../../../relayer/alerting/api/server.ts";
import { addRelays, type RoleFinder } from "../../../../relayer/api/operator/relays.ts";
import { Access } from "../../../../relayer/platform/access.ts";
import { announceApi, runningApi } from "../../../../relayer/platform/role-files.ts";
import { posted } from "../../support/alerting.ts";
import { AlertingScene } from "../../support/alerting-scene.ts";
import { HttpReceiver } from "../../support/http-receiver.ts";
import { OWN, Page, SignInScene } from "../../support/sign-in.ts";

const failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
const nowhere: RoleFinder = {
  ...{ alerting: () => undefined, chaos: () => undefined, speech: () => undefined },
  speechToken: () => "the speaker's own",
};

describe("requests that are handed on to roles", () => {
  let scene: SignInScene;
  let app: FastifyInstance;
  let role: HttpReceiver;
  let where: string | undefined;
  before(async () => {
    role = await HttpReceiver.start();
  });
  after(() => role.stop());
  beforeEach(async () => {
    scene = new SignInScene();
    where = `http://${role.host}`;
    const url = () => where;
    const find = { ...nowhere, alerting: url, chaos: url, speech: url };
    app = await scene.serve((scope) => {
      addRelays(scope, { gate: scene.doorkeeper.gate, audit: scene.audit, find });
    });
    role.received.length = 0;
    role.answer = (response) => response.setHeader("content-type", "application/json").end('{"fine":true}');
  });
  afterEach(async () => {
    await app.close();
    scene.stop();
  });
  const seen = () => role.received.map(({ path, headers, body }) => ({ path, headers, body }));

  it("go in the visitor's own name, and carry no cookie and nothing else of theirs", async () => {
    const page = await Page.signIn(app, scene.token("operator"));
    assert.equal(
      (await page.get("/api/v1/alerting/v2/alerts?filter=a%3D%22b%22&silenced=false")).statusCode,
      200,
    );
    const body = { comment: "mine", fingerprints: ["ab"] };
    assert.deepEqual((await page.send("DELETE", "/api/v1/alerting/v1/acknowledgements", body)).json(), {
      fine: true,
    });
    await page.send("DELETE", "/api/v1/chaos/runs/run%2F1%20x");
    await page.get("/api/v1/chaos/runs/r1/report?format=markdown");
    const [first, second, third, fourth] = seen();
    assert.equal(first?.path, "/api/v2/alerts?filter=a%3D%22b%22&silenced=false");
    assert.deepEqual([second?.path, second?.body], ["/api/v1/acknowledgements", JSON.stringify(body)]);
    assert.equal(third?.path, "/api/v1/runs/run%2F1%20x");
    assert.equal(fourth?.path, "/api/v1/runs/r1/report?format=markdown");
    for (const { headers } of seen()) {
      assert.equal(headers.authorization, `Bearer ${scene.token("operator")}`);
      assert.deepEqual(
        [headers.cookie, headers.origin, headers["x-dchat-csrf"]],
        [undefined, undefined, undefined],
      );
    }
  });

  it("are those of a fixed list, by people who are signed in, and by nobody whose role is too small", async () => {
    const viewer = await Page.signIn(app, scene.token("viewer"));
    assert.equal((await app.inject({ url: "/api/v1/alerting/v2/alerts", headers: OWN })).statusCode, 401);
    for (const path of [
      "alerting/-/reload",
      "alerting/v2/../../-/reload",
      "chaos/../alerting",
      "alerting/v1/secrets",
    ])
      assert.equal((await viewer.send("POST", `/api/v1/${path}`, {})).statusCode, 404, path);
    for (const id of ["..", ".", "%2e%2e", "%2E"])
      assert.notEqual((await viewer.get(`/api/v1/chaos/runs/${id}`)).statusCode, 200, id);
    assert.equal((await viewer.send("POST", "/api/v1/chaos/runs", {})).statusCode, 403);
    assert.equal((await viewer.send("POST", "/api/v1/alerting/v2/silences", {})).statusCode, 403);
    assert.equal((await viewer.send("POST", "/api/v1/speech/commands", { command: "stop" })).statusCode, 403);
    assert.equal(
      (await viewer.get(`/api/v1/alerting/v1/history?filter=${"a".repeat(9_000)}`)).statusCode,
      400,
    );
    assert.deepEqual(seen(), []);
  });

  it("need the CSRF token, as everything that changes anything", async () => {
    const page = await Page.signIn(app, scene.token("admin"));
    const answer = await app.inject({
      ...{ method: "POST", url: "/api/v1/chaos/runs", payload: {} },
      headers: { ...OWN, cookie: page.cookie },
    });
    assert.equal(failure.parse(answer.json()).error.code, "CSRF");
    assert.deepEqual(seen(), []);
  });

  it("are answered as the role does, errors and reports among them; in a report nothing can run", async () => {
    const page = await Page.signIn(app, scene.token("viewer"));
    role.answer = (response) =>
      response
        .writeHead(404, {
          "content-type": "application/json",
          "x-error-code": "NO_SILENCE",
          "set-cookie": "a=b",
        })
        .end('"There is none."');
    const missing = await page.get("/api/v1/alerting/v2/silence/none");
    assert.deepEqual(
      [missing.statusCode, missing.json(), missing.headers["x-error-code"]],
      [404, "There is none.", "NO_SILENCE"],
    );
    assert.equal(missing.headers["set-cookie"], undefined);
    role.answer = (response) =>
      response.setHeader("content-type", "text/html; charset=utf-8").end("<p>passed</p>");
    const report = await page.get("/api/v1/chaos/runs/r1/report?format=html");
    assert.match(String(report.headers["content-security-policy"]), /default-src 'none'; .*sandbox/);
  });

  it("say which role is away, and what that means, when it does not run or does not answer", async () => {
    const page = await Page.signIn(app, scene.token("admin"));
    role.answer = (response) => response.destroy();
    for (const away of [undefined, `http://${role.host}`]) {
      where = away;
      for (const [path, code] of [
        ["alerting/v2/alerts", "ALERTING_DOWN"],
        ["chaos/catalogue", "CHAOS_DOWN"],
      ] as const) {
        const answer = await page.get(`/api/v1/${path}`);
        assert.equal(answer.statusCode, 503);
        assert.equal(failure.parse(answer.json()).error.code, code);
      }
      const told = await page.send("POST", "/api/v1/speech/commands", { command: "stop" });
      const { error } = failure.parse(told.json());
      assert.deepEqual([told.statusCode, error.code], [503, "SPEECH"]);
      assert.equal(error.message.includes("may be done or not"), away !== undefined);
    }
    assert.deepEqual(scene.acts(), ["the-admin: signed in"]);
  });

  it("to speech show its own token, and are in the audit log, for it knows no users", async () => {
    const page = await Page.signIn(app, scene.token("operator"));
    await page.send("POST", "/api/v1/speech/commands", { command: "stop" });
    await page.send("DELETE", "/api/v1/speech/utterances/u-1");
    assert.deepEqual(
      seen().map(({ path, headers }) => [path, headers.authorization]),
      ["/speech/commands", "/speech/utterances/u-1"].map((path) => [path, "Bearer the speaker's own"]),
    );
    const [removed, told] = scene.audit.newest(2);
    assert.deepEqual([told?.who, told?.what, told?.detail], ["the-operator", "told speech", "stop"]);
    assert.equal(removed?.detail, "remove u-1");
  });
});

describe("alerting behind the dashboard", () => {
  it("knows who silences something, by the name that it was told on the page", async () => {
    const scene = new SignInScene();
    const alerting = new AlertingScene();
    await alerting.start();
    const { engine, store } = alerting;
    const api = await createAlertingApi({
      ...{ engine, store, startedAt: 0, version: "0", logger: scene.logger },
      access: new Access(scene.users, () => scene.now),
      ...{ onPosted: () => undefined, reload: () => Promise.resolve(), configText: () => "" },
    });
    const url = await api.listen({ host: "127.0.0.1", port: 0 });
    const dataFolder = join(scene.folder, "data");
    const find = { ...nowhere, alerting: () => runningApi(dataFolder, "alerting") };
    const app = await scene.serve((scope) => {
      addRelays(scope, { gate: scene.doorkeeper.gate, audit: scene.audit, find });
    });
    try {
      await engine.post([posted({ alertname: "A" }, { endsAt: alerting.now + 60_000 })]);
      const page = await Page.signIn(app, scene.token("operator"));
      assert.equal((await page.get("/api/v1/alerting/v2/alerts")).statusCode, 503);
      const withdraw = announceApi(dataFolder, { role: "alerting", pid: process.pid, url });
      const silence = await page.send("POST", "/api/v1/alerting/v2/silences", {
        matchers: [{ name: "alertname", value: "A", isRegex: false, isEqual: true }],
        startsAt: new Date(alerting.now).toISOString(),
        endsAt: new Date(alerting.now + 60_000).toISOString(),
        ...{ createdBy: "somebody else", comment: "known" },
      });
      assert.equal(silence.statusCode, 200);
      assert.equal(engine.acts.silences()[0]?.createdBy, "the-operator");
      assert.equal(store.audit({ limit: 1 }).entries[0]?.who, "the-operator");
      assert.deepEqual((await page.get("/api/v1/alerting/v1/escalations")).json(), { escalations: [] });
      withdraw();
      assert.equal((await page.get("/api/v1/alerting/v2/alerts")).statusCode, 503);
    } finally {
      await app.close();
      await api.close();
      alerting.stop();
      scene.stop();
    }
  });
});

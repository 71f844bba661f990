import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { SqliteAlertingStore } from "../../../../relayer/alerting/adapters/alerting-store.ts";
import { Access } from "../../../../relayer/platform/access.ts";
import { createAlertingApi } from "../../../../relayer/alerting/api/server.ts";
import { AlertingEngine } from "../../../../relayer/alerting/worker/engine.ts";
import { FatalError } from "../../../../relayer/domain/errors.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import type { UserRole } from "../../../../relayer/domain/actor.ts";
import { Users } from "../../../../relayer/platform/users.ts";
import { engineServices, fakeChannels, planOf } from "../../support/alerting.ts";
import { start } from "../../support/processes.ts";

const hasAmtool = spawnSync("amtool", ["--version"]).status === 0;
const alerts = z.array(
  z.looseObject({
    labels: z.record(z.string(), z.string()),
    status: z.object({ state: z.string(), silencedBy: z.array(z.string()) }),
  }),
);
const HOUR = 3_600_000;

describe("the HTTP API of alerting", () => {
  const folder = mkdtempSync(join(tmpdir(), "dchat-alerting-api-"));
  const users = new Users(join(folder, "users.json"));
  const tokens = Object.fromEntries(
    (["viewer", "reporter", "operator", "admin"] as const).map((role) => [
      role,
      users.add({ name: `the-${role}`, role }),
    ]),
  );
  const { byName, channels } = fakeChannels();
  const heard: string[] = [];
  const now = () => Date.now(); // real clients have real clocks
  /** How long whoever guesses is thought to have waited. */
  let waited = 0;
  let store: SqliteAlertingStore;
  let engine: AlertingEngine;
  let app: FastifyInstance;
  let url: string;
  before(async () => {
    store = new SqliteAlertingStore(join(folder, "alerting.sqlite"));
    const time = { wall: { now }, monotonic: now };
    engine = await AlertingEngine.open(
      { plan: planOf(), channels, rules: [] },
      { ...engineServices(), store, time },
    );
    app = await createAlertingApi({
      engine,
      store,
      access: new Access(users, () => now() + waited),
      onPosted: (posted) => heard.push(...posted.map(({ labels }) => labels["alertname"] ?? "")),
      reload: () => Promise.reject(new FatalError("CONFIG", "alertmanager.yml:3:5: no such receiver")),
      configText: () => "route: {receiver: pager}",
      version: "0.25.0",
      startedAt: now(),
      logger: createLogger("silent", {}),
    });
    url = await app.listen({ host: "127.0.0.1", port: 0 });
  });
  after(async () => {
    await app.close();
    await engine.close();
    store.close();
    rmSync(folder, { recursive: true });
  });

  async function ask(method: string, path: string, role?: UserRole, body?: unknown) {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(role === undefined ? {} : { authorization: `Bearer ${tokens[role] ?? ""}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json: unknown = text === "" ? undefined : JSON.parse(text);
    return { status: response.status, json };
  }
  const matcher = (name: string, value: string) => ({ name, value, isRegex: false, isEqual: true });
  const silence = (given: object = {}) => ({
    matchers: [matcher("alertname", "LaneStuck")],
    startsAt: new Date(now()).toISOString(),
    endsAt: new Date(now() + HOUR).toISOString(),
    createdBy: "somebody else",
    comment: "we know",
    ...given,
  });
  const listed = async (query = "") => alerts.parse((await ask("GET", `/api/v2/alerts${query}`)).json);

  it("takes alerts from those who may report, all or none of them, and shows them as Alertmanager does", async () => {
    const post = [
      {
        labels: { alertname: "LaneStuck", lane: "A-B", severity: "critical" },
        annotations: { summary: "stuck" },
      },
      { labels: { alertname: "BalanceLow", severity: "warning" }, endsAt: "0001-01-01T00:00:00Z" },
    ];
    assert.equal((await ask("POST", "/api/v2/alerts", undefined, post)).status, 401);
    assert.equal((await ask("POST", "/api/v2/alerts", "viewer", post)).status, 403);
    assert.equal((await ask("POST", "/api/v2/alerts", "reporter", [...post, { labels: {} }])).status, 400);
    assert.deepEqual(await listed(), []);
    assert.equal((await ask("POST", "/api/v2/alerts", "reporter", post)).status, 200);
    const [first, second] = await listed("?filter=severity%3D~%22critical|warning%22");
    assert.deepEqual(
      new Set([first?.labels["alertname"], second?.labels["alertname"]]),
      new Set(["LaneStuck", "BalanceLow"]),
    );
    assert.equal(first?.status.state, "active");
    assert.deepEqual(heard.toSorted(), ["BalanceLow", "LaneStuck"]);
    assert.deepEqual(await listed("?receiver=nobody"), []);
    assert.equal((await listed("?receiver=pag.*&filter=lane%3DA-B")).length, 1);
    assert.equal((await ask("GET", "/api/v2/alerts?filter=severity%3D~%22(%22")).status, 400);
    const groups = (await ask("GET", "/api/v2/alerts/groups")).json;
    assert.equal(
      z.array(z.looseObject({ receiver: z.object({ name: z.literal("pager") }) })).parse(groups).length,
      2,
    );
  });

  it("silences for operators alone, in their own names, after a preview, and never everything", async () => {
    const preview = await ask("POST", "/api/v1/silences/preview", "viewer", silence());
    assert.equal(z.object({ alerts }).parse(preview.json).alerts.length, 1);
    for (const role of [undefined, "viewer", "reporter"] as const)
      assert.notEqual((await ask("POST", "/api/v2/silences", role, silence())).status, 200);
    for (const bad of [
      { matchers: [] },
      { matchers: [{ name: "alertname", value: ".*", isRegex: true }] },
      { matchers: [{ name: "alertname", value: "(", isRegex: true }] },
      { endsAt: new Date(now() + 1_000 * HOUR).toISOString() },
      { endsAt: new Date(now() - HOUR).toISOString() },
      { comment: "" },
    ])
      assert.equal(
        (await ask("POST", "/api/v2/silences", "operator", silence(bad))).status,
        400,
        JSON.stringify(bad),
      );
    assert.deepEqual((await ask("GET", "/api/v2/silences")).json, []);

    const made = await ask("POST", "/api/v2/silences", "operator", silence());
    const { silenceID: id } = z.object({ silenceID: z.string() }).parse(made.json);
    const shown = z
      .looseObject({ createdBy: z.string(), status: z.object({ state: z.string() }) })
      .parse((await ask("GET", `/api/v2/silence/${id}`)).json);
    assert.deepEqual([shown.createdBy, shown.status.state], ["the-operator", "active"]);
    const silenced = (await listed()).filter(({ status }) => status.silencedBy.includes(id));
    assert.deepEqual(
      silenced.map(({ labels, status }) => [labels["alertname"], status.state]),
      [["LaneStuck", "suppressed"]],
    );
    assert.equal((await listed("?silenced=false")).length, 1);
    assert.equal((await ask("DELETE", `/api/v2/silence/${id}`, "viewer")).status, 403);
    assert.equal((await ask("DELETE", `/api/v2/silence/${id}`, "operator")).status, 200);
    assert.equal((await ask("DELETE", "/api/v2/silence/none", "operator")).status, 404);
    assert.equal((await listed("?silenced=false")).length, 2);
  });

  it("acknowledges what is named, for operators, and says who has it", async () => {
    assert.equal((await ask("POST", "/api/v1/acknowledgements", "operator", {})).status, 400);
    assert.equal(
      (await ask("POST", "/api/v1/acknowledgements", "operator", { filter: "alertname=Nothing" })).status,
      404,
    );
    assert.equal(
      (await ask("POST", "/api/v1/acknowledgements", "reporter", { filter: "alertname=BalanceLow" })).status,
      403,
    );
    const body = { filter: "alertname=BalanceLow", comment: "on it" };
    assert.equal((await ask("POST", "/api/v1/acknowledgements", "operator", body)).status, 200);
    const { json } = await ask("GET", "/api/v1/acknowledgements");
    const shown = z
      .object({ alerts: z.array(z.object({ acknowledgement: z.looseObject({ by: z.string() }) })) })
      .parse(json);
    assert.deepEqual(
      shown.alerts.map(({ acknowledgement }) => acknowledgement.by),
      ["the-operator"],
    );
    assert.equal(
      (await ask("DELETE", "/api/v1/acknowledgements", "operator", { filter: body.filter })).status,
      200,
    );
    assert.deepEqual((await ask("GET", "/api/v1/acknowledgements")).json, { alerts: [] });
  });

  it("tests a receiver, and keeps history and an audit log of all that", async () => {
    assert.equal((await ask("POST", "/api/v1/receivers/boss/test", "viewer")).status, 403);
    assert.equal((await ask("POST", "/api/v1/receivers/nobody/test", "operator")).status, 404);
    assert.equal((await ask("POST", "/api/v1/receivers/boss/test", "operator")).status, 200);
    assert.deepEqual(
      byName.get("boss")?.sent.map(({ reason }) => reason),
      ["test"],
    );
    assert.equal((await ask("GET", "/api/v1/audit")).status, 401);
    const entries = z.object({ entries: z.array(z.looseObject({ who: z.string(), what: z.string() })) });
    const audit = entries.parse((await ask("GET", "/api/v1/audit", "viewer")).json).entries;
    assert.deepEqual(
      audit.map(({ who, what }) => `${who} ${what}`),
      [
        "the-operator test",
        "the-operator unacknowledged",
        "the-operator acknowledged",
        "the-operator silence-expired",
        "the-operator silence-added",
      ],
    );
    const history = await ask(
      "GET",
      "/api/v1/history?kind=transition&filter=alertname%3DLaneStuck",
      "viewer",
    );
    const transitions = z.object({ entries: z.array(z.looseObject({ what: z.string() })) });
    assert.deepEqual(
      transitions.parse(history.json).entries.map(({ what }) => what),
      ["unsilenced", "silenced", "firing"],
    );
    assert.equal((await ask("POST", "/-/reload", "operator")).status, 403);
    const reload = await ask("POST", "/-/reload", "admin");
    assert.match(JSON.stringify(reload.json), /alertmanager\.yml:3:5/);
  });

  it("makes whoever guesses tokens wait, without locking out others' addresses", async () => {
    const guess = () =>
      fetch(`${url}/api/v1/audit`, { headers: { authorization: "Bearer wrong" } }).then(
        ({ status }) => status,
      );
    const statuses = [];
    for (let i = 0; i < 12; i++) statuses.push(await guess());
    assert.deepEqual([statuses[0], statuses.at(-1)], [401, 429]);
    assert.equal((await ask("GET", "/api/v1/audit", "viewer")).status, 429);
    waited = 10_000;
    assert.equal((await ask("GET", "/api/v1/audit", "viewer")).status, 200);
  });

  it("refuses what is no request, and answers in the language of each API", async () => {
    for (const [path, role] of [
      ["/api/v2/alerts", "reporter"],
      ["/api/v2/silences", "operator"],
      ["/api/v1/acknowledgements", "operator"],
    ] as const) {
      const { status, json } = await ask("POST", path, role, "no object");
      assert.equal(status, 400);
      assert.equal(typeof json, path.startsWith("/api/v2") ? "string" : "object");
    }
    assert.equal((await ask("GET", "/api/v2/nothing")).status, 404);
    assert.equal((await ask("GET", "/api/v2/alerts?active=perhaps")).status, 400);
  });

  const title = hasAmtool
    ? "is what Debian's amtool speaks: alert query, silence add, query, expire"
    : "is what Debian's amtool speaks (skipped: amtool is not installed)";
  it(title, { skip: !hasAmtool }, async () => {
    const config = join(folder, "amtool-http.yml");
    writeFileSync(config, `authorization:\n  credentials: ${tokens["operator"] ?? ""}\n`, { mode: 0o600 });
    const amtool = async (...args: string[]) => {
      const all = ["--alertmanager.url", url, "--http.config.file", config, ...args];
      const { code, stdout, stderr } = await start("amtool", all).ended;
      assert.equal(code, 0, stderr);
      return stdout.trim();
    };
    assert.match(await amtool("alert", "query", "severity=critical"), /LaneStuck/);
    const id = await amtool(
      "silence",
      "add",
      "alertname=BalanceLow",
      "--comment",
      "night",
      "--duration",
      "2h",
    );
    assert.match(await amtool("silence", "query"), new RegExp(`${id}.*BalanceLow`));
    assert.doesNotMatch(await amtool("alert", "query"), /BalanceLow/);
    assert.match(await amtool("alert", "query", "--silenced"), /BalanceLow/);
    await amtool("silence", "expire", id);
    assert.doesNotMatch(await amtool("silence", "query"), new RegExp(id));
    assert.match(await amtool("alert", "query"), /BalanceLow/);
    await amtool("alert", "add", "FromAmtool", "severity=info");
    assert.match(await amtool("alert", "query", "FromAmtool"), /FromAmtool/);
    assert.match(await amtool("config", "show"), /pager/);
  });
});

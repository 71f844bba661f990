import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { SqliteChaosStore } from "../../../../relayer/chaos/adapters/chaos-store.ts";
import { createChaosApi } from "../../../../relayer/chaos/api/server.ts";
import type { ChaosController } from "../../../../relayer/chaos/worker/controller.ts";
import { Scheduler } from "../../../../relayer/chaos/worker/scheduler.ts";
import { Access } from "../../../../relayer/platform/access.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { type UserRole, userRoles } from "../../../../relayer/domain/actor.ts";
import { Users } from "../../../../relayer/platform/users.ts";
import { ControllerScene, requestFor } from "../../support/chaos-controller.ts";

const failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

describe("the API of a chaos controller", () => {
  let folder: string;
  let store: SqliteChaosStore;
  let controller: ChaosController;
  let app: FastifyInstance;
  const tokens = new Map<UserRole, string>();
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "dchat-chaos-api-"));
    store = new SqliteChaosStore(join(folder, "chaos.sqlite"));
    const scene = new ControllerScene(store);
    controller = scene.open();
    const logger = createLogger("silent", {});
    const users = new Users(join(folder, "users.json"));
    for (const role of userRoles) tokens.set(role, users.add({ name: `a-${role}`, role }));
    app = await createChaosApi({
      ...{ controller, store, logger, injectors: [] },
      scheduler: new Scheduler({ store, controller, clock: scene.clock, logger }),
      inventory: () => ({ processes: [], links: [] }),
      access: new Access(users, () => scene.clock.now()),
    });
  });
  after(async () => {
    await app.close();
    store.close();
    rmSync(folder, { recursive: true });
  });

  async function ask(
    role: UserRole | undefined,
    method: "GET" | "POST" | "DELETE",
    url: string,
    body?: object,
  ) {
    const token = role && tokens.get(role);
    const headers = {
      host: "127.0.0.1:1",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const answer = await app.inject({ method, url, headers, ...(body && { payload: body }) });
    return { status: answer.statusCode, body: answer.body, type: answer.headers["content-type"] };
  }
  const schedule = { schedule: { name: "nightly", cron: "0 3 * * *" }, request: requestFor() };

  it("answers nobody without a token, and no page from elsewhere", async () => {
    for (const url of ["/api/v1/catalogue", "/api/v1/runs", "/api/v1/audit", "/api/v1/schedules"])
      assert.equal((await ask(undefined, "GET", url)).status, 401, url);
    const headers = { host: "evil.example", authorization: `Bearer ${tokens.get("admin") ?? ""}` };
    assert.equal((await app.inject({ url: "/api/v1/runs", headers })).statusCode, 403);
  });

  it("lets viewers look, operators stop, and admins alone do faults and plan them", async () => {
    const doing = [
      ["POST", "/api/v1/runs", requestFor()],
      ["POST", "/api/v1/schedules", schedule],
      ["POST", "/api/v1/schedules/nightly", { isEnabled: false }],
      ["DELETE", "/api/v1/schedules/nightly", undefined],
    ] as const;
    for (const role of ["viewer", "reporter", "operator"] as const)
      for (const [method, url, body] of doing)
        assert.equal((await ask(role, method, url, body)).status, 403, `${role} ${method} ${url}`);
    assert.equal((await ask("viewer", "DELETE", "/api/v1/runs")).status, 403);
    assert.equal((await ask("viewer", "POST", "/api/v1/runs/preview", requestFor())).status, 200);
    assert.equal((await ask("operator", "DELETE", "/api/v1/runs")).status, 200);
    assert.deepEqual([store.runs(10), store.schedules()], [[], []]);
    for (const [method, url, body] of doing)
      assert.match(String((await ask("admin", method, url, body)).status), /^20[01]$/, `${method} ${url}`);
    const acts = store.acts(10).map(({ who, what }) => `${who} ${what}`);
    for (const act of ["run-asked-for", "schedule-set", "schedule-disabled", "schedule-removed"])
      assert(acts.includes(`a-admin ${act}`), act);
  });

  it("shows a run, its report in each form, and what it refuses", async () => {
    const { body } = await ask("admin", "POST", "/api/v1/runs", requestFor("signer-2"));
    const { id } = z.object({ id: z.string() }).parse(JSON.parse(body));
    assert.equal((await ask("viewer", "GET", `/api/v1/runs/${id}/report`)).status, 404);
    await controller.work(id);
    const shown = z
      .object({
        run: z.object({ state: z.string() }),
        record: z.object({ verdict: z.object({ kind: z.string() }) }),
      })
      .parse(JSON.parse((await ask("viewer", "GET", `/api/v1/runs/${id}`)).body));
    assert.deepEqual([shown.run.state, shown.record.verdict.kind], ["Completed", "passed"]);
    for (const [format, type] of [
      ["json", "application/json"],
      ["markdown", "text/markdown"],
      ["html", "text/html"],
    ] as const) {
      const report = await ask("viewer", "GET", `/api/v1/runs/${id}/report?format=${format}`);
      assert.deepEqual([report.status, report.type?.toString().startsWith(type)], [200, true], format);
      assert.match(report.body, /A slow disk of signer/);
    }
    const list = z
      .object({
        runs: z.array(z.unknown()),
        recovery: z.object({ firstSuccess: z.object({ p95: z.number() }) }),
      })
      .parse(JSON.parse((await ask("viewer", "GET", "/api/v1/runs")).body));
    assert.equal(list.recovery.firstSuccess.p95, 100);
    const refused = await ask("admin", "POST", "/api/v1/runs", requestFor("chaos-controller"));
    assert.deepEqual(
      [refused.status, failure.parse(JSON.parse(refused.body)).error.code],
      [400, "PROTECTED_TARGET"],
    );
    assert.equal((await ask("admin", "POST", "/api/v1/runs", { what: {} })).status, 400);
    assert.equal((await ask("viewer", "GET", "/api/v1/runs/none")).status, 404);
  });
});

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import getPort from "get-port";
import { Redis } from "ioredis";
import { pino } from "pino";
import type { ChildSpec } from "../../../../relayer/platform/child.ts";
import { prepareRedisServer, type RedisServer } from "../../../../relayer/platform/redis-server.ts";
import { ChildFailure, Supervisor, type SupervisorOptions } from "../../../../relayer/platform/supervisor.ts";
import { isAlive, isListening, repository, start, until } from "../../support/processes.ts";

const support = join(repository, "test/relayer/support");
const guard = [process.execPath, join(repository, "scripts/guard.ts")] as const;
const binary = process.env["DCHAT_REDIS_SERVER"] ?? "redis-server";

let folder = "";
let supervisor: Supervisor;
before(() => (folder = mkdtempSync(join(tmpdir(), "dchat-supervisor-"))));
afterEach(() => supervisor.stop());
after(() => {
  rmSync(folder, { recursive: true });
});

function supervise(options: Partial<SupervisorOptions> = {}): Supervisor {
  supervisor = new Supervisor(
    { logFolder: folder, env: process.env, ...options },
    { logger: pino({ level: "silent" }) },
  );
  return supervisor;
}

function child(mode: string, more: Partial<ChildSpec> = {}): ChildSpec {
  const args = [join(support, "child-program.ts"), mode];
  return { name: mode, command: process.execPath, args, ready: "line", ...more };
}

function pidOf(name: string): number {
  const pid = supervisor.pid(name);
  assert.ok(pid !== undefined, `${name} runs`);
  return pid;
}

describe("supervisor", { timeout: 60_000 }, () => {
  it("starts a child, waits until it is ready, and keeps its lines", async () => {
    const lines: string[] = [];
    supervise({ onLine: (name, line, stream) => lines.push(`${name} ${stream} ${line}`) });
    await supervisor.start(child("serve"));
    assert.deepEqual(lines, ["serve stdout text before", 'serve stdout {"ready":true}']);
    const pid = pidOf("serve");
    await supervisor.stop();
    assert.ok(!isAlive(pid));
    assert.equal(supervisor.pid("serve"), undefined);
    assert.equal(readFileSync(join(folder, "serve.log"), "utf8"), 'text before\n{"ready":true}\n');
  });

  it("takes a predicate on lines or a probe for readiness", async () => {
    supervise();
    await supervisor.start(
      child("serve", { name: "by line", ready: { line: (line) => line === "text before" } }),
    );
    const port = await getPort();
    const args = [join(support, "child-program.ts"), "serve", String(port)];
    await supervisor.start(
      child("serve", { name: "by probe", args, ready: { probe: () => isListening(port) } }),
    );
  });

  it("starts a killed child again within 100 ms", async () => {
    supervise();
    await supervisor.start(child("serve"));
    const pid = pidOf("serve");
    const crashed = once(supervisor, "crashed");
    const ready = once(supervisor, "ready");
    process.kill(pid, "SIGKILL");
    const [{ ending, restartMs }] = (await crashed) as [{ ending: { signal: string }; restartMs: number }];
    assert.deepEqual([ending.signal, restartMs <= 100], ["SIGKILL", true]);
    await ready;
    assert.notEqual(pidOf("serve"), pid);
    assert.equal(supervisor.restarts("serve"), 1);
  });

  it("backs off from a child that keeps crashing", async () => {
    supervise({ backoff: { firstMs: 10, longestMs: 40 } });
    const waits: number[] = [];
    supervisor.on("crashed", ({ restartMs }) => waits.push(restartMs));
    const start = assert.rejects(supervisor.start(child("crash")), /crash was stopped before it was ready/);
    await until("it crashes often", () => waits.length === 5);
    await supervisor.stop();
    await start;
    assert.deepEqual(waits.slice(0, 5), [10, 20, 40, 40, 40]);
    assert.ok(supervisor.restarts("crash") >= 4);
  });

  it("gives up on a child that is not ready in time, and says its last words", async () => {
    supervise();
    const spec = child("late", { command: "sh", args: ["-c", "echo the reason >&2; exit 1"] });
    const failure = await supervisor.start(spec, 1_000).catch((error: unknown) => error);
    assert.ok(failure instanceof ChildFailure);
    assert.equal(failure.message, "late was not ready within 1 s: the reason");
    await until("it is not started again", () => supervisor.pid("late") === undefined);
  });

  it("counts a crash as the first again after the child has been sound for a while", async () => {
    supervise({ backoff: { firstMs: 10, longestMs: 10_000 }, soundMs: 0 });
    const waits: number[] = [];
    supervisor.on("crashed", ({ restartMs }) => waits.push(restartMs));
    await supervisor.start(child("serve"));
    for (let times = 0; times < 3; times++) {
      const ready = once(supervisor, "ready");
      process.kill(pidOf("serve"), "SIGKILL");
      await ready;
    }
    assert.deepEqual(waits, [10, 10, 10]);
  });

  it("does not start a misconfigured child again, and says why", async () => {
    supervise();
    const misconfigured = once(supervisor, "misconfigured");
    const failure = await supervisor.start(child("misconfigured")).catch((error: unknown) => error);
    assert.ok(failure instanceof ChildFailure);
    assert.match(
      failure.message,
      /^misconfigured cannot run with this configuration: port: expected a number$/,
    );
    assert.equal((await misconfigured)[0], failure);
    assert.equal(supervisor.restarts("misconfigured"), 0);
    assert.equal(supervisor.pid("misconfigured"), undefined);

    await supervisor.start({ ...child("serve"), name: "misconfigured" });
    assert.notEqual(supervisor.pid("misconfigured"), undefined, "another may be started in its place");
  });

  it("says so when there is no such command, and refuses a name twice", async () => {
    supervise();
    const start = supervisor.start(child("nosuch", { command: "/nosuch" }), 200);
    await assert.rejects(supervisor.start(child("nosuch")), /There is a child named nosuch already/);
    await assert.rejects(start, /nosuch was not ready within 0\.2 s: spawn \/nosuch ENOENT/);
  });

  it("kills a child that ignores SIGTERM after the grace, and stops infrastructure last", async () => {
    supervise({ graceMs: 100 });
    await Promise.all([
      supervisor.start(child("deaf")),
      supervisor.start(child("serve", { infrastructure: true })),
    ]);
    const stopped: unknown[] = [];
    supervisor.on("stopped", ({ name, ending }) => stopped.push([name, ending.signal]));
    await supervisor.stop();
    assert.deepEqual(stopped, [
      ["deaf", "SIGKILL"],
      ["serve", "SIGTERM"],
    ]);
  });

  it("stops when its signal is aborted, a child that is not ready yet included", async () => {
    const controller = new AbortController();
    supervise({ signal: controller.signal });
    const started = once(supervisor, "started");
    const start = supervisor.start(child("silent"));
    await started;
    controller.abort();
    await assert.rejects(start, /silent was stopped before it was ready/);
    await assert.rejects(supervisor.start(child("serve")), /was stopped before it was ready/);
  });
});

describe("private Redis", { timeout: 30_000 }, () => {
  let redis: RedisServer;

  /** Runs commands on a connection of their own, since the server is killed between them. */
  async function ask<T>(work: (client: Redis) => Promise<T>): Promise<T> {
    const client = new Redis(redis.url, { maxRetriesPerRequest: null });
    try {
      return await work(client);
    } finally {
      client.disconnect();
    }
  }

  const serverPid = () =>
    ask(async (client) => Number(/process_id:(\d+)/.exec(await client.info("server"))?.[1]));

  before(async () => {
    redis = await prepareRedisServer({ binary, folder: join(folder, "redis with a space"), guard });
  });

  for (const victim of ["server", "guard"] as const) {
    it(`comes back with its data after its ${victim} is killed`, async () => {
      supervise();
      await supervisor.start(redis.spec);
      await ask((client) => client.set(victim, "kept"));
      const server = await serverPid();
      const ready = once(supervisor, "ready");
      process.kill(victim === "server" ? server : pidOf("redis"), "SIGKILL");
      await ready;
      assert.ok(!isAlive(server));
      assert.equal(await ask((client) => client.get(victim)), "kept");
      assert.deepEqual(await ask((client) => client.config("GET", "maxmemory-policy")), [
        "maxmemory-policy",
        "noeviction",
      ]);
      await supervisor.stop();
      assert.ok(!(await isListening(Number(new URL(redis.url).port))));
    });
  }

  it("says at once that there is no such binary", async () => {
    supervise();
    const none = await prepareRedisServer({ binary: "/nosuch-redis", folder: join(folder, "none"), guard });
    await assert.rejects(
      supervisor.start(none.spec),
      /redis cannot run with this configuration: .*\/nosuch-redis/,
    );
  });
});

describe("a supervisor's process", { timeout: 30_000 }, () => {
  for (const signal of ["SIGKILL", "SIGTERM"] as const) {
    it(`leaves no process and no port when it gets ${signal}`, async () => {
      supervise();
      const [port, redisPort] = [await getPort(), await getPort()];
      const data = mkdtempSync(join(folder, "parent-"));
      const program = join(support, "supervising-program.ts");
      const parent = start(process.execPath, [program, data, String(port), String(redisPort)]);
      await until(
        "all children are ready",
        () => parent.stdout().includes("\n") || parent.child.exitCode !== null,
      );
      const pids = JSON.parse(parent.stdout()) as number[];
      const family = readdirSync("/proc").filter(
        (pid) => /^\d+$/.test(pid) && pids.includes(groupOf(Number(pid)) ?? 0),
      );
      assert.ok(family.length >= 3, "a server, a guard, and its Redis");

      parent.child.kill(signal);
      await parent.ended;
      await until("all are gone", () => !family.some((pid) => isAlive(Number(pid))));
      for (const each of [port, redisPort]) assert.ok(!(await isListening(each)));
    });
  }
});

/** The process group of a process, on Linux. */
function groupOf(pid: number): number | undefined {
  try {
    return Number(/\) \S \d+ (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1]);
  } catch {
    return undefined;
  }
}

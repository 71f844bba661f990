import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Registry } from "prom-client";
import { ConfigurationError, RetryableError, UsageError } from "../../../../relayer/domain/errors.ts";
import { readHealthPlace, startHealthServer } from "../../../../relayer/platform/health-server.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { Readiness } from "../../../../relayer/platform/readiness.ts";

const logger = createLogger("silent", {});
const here = readHealthPlace(undefined, undefined);
const services = (now?: () => number) => ({
  registry: new Registry(),
  readiness: new Readiness(now),
  logger,
});

describe("the health of a process", () => {
  it("says why it cannot work, all reasons at once, and lives all the same", async () => {
    const clock = { now: 0 };
    const shown = services(() => clock.now);
    const broken = { isBroken: true };
    shown.readiness.add("Redis", () => {
      if (broken.isBroken) throw new RetryableError("REDIS", "it is away");
    });
    shown.readiness.add("chain A", () =>
      broken.isBroken ? Promise.reject(new Error("a bug")) : Promise.resolve(),
    );
    shown.readiness.add("chain B", () => Promise.resolve());
    const server = await startHealthServer(here, shown);
    try {
      const refused = await fetch(`${server.url}/readyz`);
      assert.equal(refused.status, 503);
      assert.deepEqual(await refused.json(), {
        ok: false,
        reasons: [
          { check: "Redis", code: "REDIS", message: "it is away" },
          { check: "chain A", code: "INTERNAL", message: "a bug" },
        ],
      });
      assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
      broken.isBroken = false;
      clock.now += 1_000;
      const ready = await fetch(`${server.url}/readyz`);
      assert.deepEqual([ready.status, await ready.json()], [200, { ok: true, reasons: [] }]);
    } finally {
      await server.close();
    }
  });

  it("is refused on a port that is taken", async () => {
    const server = await startHealthServer(here, services());
    try {
      const port = Number(new URL(server.url).port);
      await assert.rejects(
        startHealthServer({ ...here, port }, services()),
        (error) => error instanceof ConfigurationError && /EADDRINUSE.*--health-port/.test(error.message),
      );
    } finally {
      await server.close();
    }
  });

  it("is on loopback, on a free port, unless it is told otherwise", () => {
    assert.deepEqual(here, { host: "127.0.0.1", port: 0 });
    assert.deepEqual(readHealthPlace("0.0.0.0", "9464"), { host: "0.0.0.0", port: 9_464 });
    for (const [host, port, says] of [
      [undefined, "65536", /--health-port 65536 is no port/],
      [undefined, "http", /--health-port http is no port/],
      ["signer.example", "9464", /--health-host signer.example is no address/],
      ["0.0.0.0", undefined, /--health-host without --health-port/],
    ] as const)
      assert.throws(
        () => readHealthPlace(host, port),
        (error) =>
          error instanceof UsageError &&
          says.test(error.message) &&
          error.message.includes("Nothing was started"),
      );
  });

  it("says where this machine finds it although it listens everywhere", async () => {
    const server = await startHealthServer({ host: "0.0.0.0", port: 0 }, services());
    try {
      assert.equal(new URL(server.url).hostname, "127.0.0.1");
      assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
    } finally {
      await server.close();
    }
  });
});

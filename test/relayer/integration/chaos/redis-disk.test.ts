import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { gaugeOf } from "../../../../relayer/chaos/adapters/gauges.ts";
import { Leases } from "../../../../relayer/chaos/adapters/leases.ts";
import { linuxInjector } from "../../../../relayer/chaos/adapters/linux-injector.ts";
import { reasonAgainst } from "../../../../relayer/chaos/adapters/linux/commands.ts";
import { buildDiskShim, diskShimEnv } from "../../../../relayer/chaos/adapters/linux/disk-shim.ts";
import { hasBitten } from "../../../../relayer/chaos/core/effect.ts";
import { type Fault, faultSchema } from "../../../../relayer/chaos/core/fault.ts";
import type { Gauge } from "../../../../relayer/chaos/ports.ts";
import { systemClock } from "../../../../relayer/platform/clock.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { prepareRedisServer } from "../../../../relayer/platform/redis-server.ts";
import { Supervisor } from "../../../../relayer/platform/supervisor.ts";
import { processTarget } from "../../support/chaos-scene.ts";
import { repository, until } from "../../support/processes.ts";

const LONG_MILLISECONDS = 60_000;
const PATIENCE_MILLISECONDS = 5_000;
const services = { logger: createLogger("silent", {}), clock: systemClock };

void describe("the disk of a Redis that runs under a guard", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dchat-redis-disk-"));
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const shim = join(folder, "shim");
  const whyNot = await reasonAgainst(() => buildDiskShim(shim));
  const options = { skip: whyNot === undefined ? false : `no disk shim here: ${whyNot}` };

  /** Does something with a Redis that was started with the shim, and with what does faults to it and measures them. */
  async function withRedis(
    appendFsync: "always" | "everysec",
    work: (parts: {
      measure: (fault: Fault) => Gauge;
      inject: (fault: Fault) => Promise<() => Promise<void>>;
    }) => Promise<void>,
  ): Promise<void> {
    const own = mkdtempSync(join(folder, "redis-"));
    const guard = [process.execPath, join(repository, "scripts/guard.ts")] as const;
    const binary = process.env["DCHAT_REDIS_SERVER"] ?? assert.fail('run the tests with "npm test"');
    const { spec, url } = await prepareRedisServer({ binary, folder: own, guard: [...guard], appendFsync });
    const supervisor = new Supervisor({ logFolder: own, env: process.env }, services);
    await supervisor.start({ ...spec, env: diskShimEnv(shim, spec.name) });
    await using leases = await Leases.open(join(own, "leases.sqlite"), services);
    const injector = await linuxInjector(
      { folder: own, diskShim: { folder: shim } },
      { leases, ...services },
    );
    const target = processTarget("redis", supervisor.pid("redis") ?? assert.fail("it does not run"));
    try {
      await work({
        measure: (fault) =>
          gaugeOf(fault, target, { folder: own, links: [], redisUrl: url, chainUrl: () => undefined }),
        inject: async (fault) => {
          const injection = await injector.inject(fault, [target], Date.now() + LONG_MILLISECONDS);
          return () => injection.heal();
        },
      });
    } finally {
      await supervisor.stop();
    }
  }

  for (const fault of [{ type: "DiskSlow", milliseconds: 300 }, { type: "DiskFull" }])
    void it(`is seen by a client under ${fault.type}, and is as it was afterwards`, options, () =>
      withRedis("always", async ({ measure, inject }) => {
        const parsed = faultSchema.parse(fault);
        const gauge = measure(parsed);
        const before = await gauge(PATIENCE_MILLISECONDS);
        const heal = await inject(parsed);
        await until("it bites", async () => hasBitten(parsed, before, await gauge(PATIENCE_MILLISECONDS)));
        await heal();
        await until(
          "it is healed",
          async () => !hasBitten(parsed, before, await gauge(PATIENCE_MILLISECONDS)),
        );
      }),
    );

  void it("is not called slow where Redis does not wait for it", options, () =>
    withRedis("everysec", async ({ measure }) => {
      const gauge = measure(faultSchema.parse({ type: "DiskSlow", milliseconds: 300 }));
      await assert.rejects(gauge(PATIENCE_MILLISECONDS), {
        code: "REDIS_FSYNC",
        message: /appendfsync everysec/,
      });
    }),
  );

  void it("is refused to a process that was started without the shim", options, async () => {
    await using leases = await Leases.open(join(folder, "leases.sqlite"), services);
    const injector = await linuxInjector({ folder, diskShim: { folder: shim } }, { leases, ...services });
    const target = processTarget("parent", process.ppid);
    await assert.rejects(injector.inject({ type: "DiskFull" }, [target], Date.now() + LONG_MILLISECONDS), {
      code: "NO_SHIM",
      message: /parent was not started with the disk shim.*Nothing was done/,
    });
  });
});

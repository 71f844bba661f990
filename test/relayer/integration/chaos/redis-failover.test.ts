import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gaugeOf } from "../../../../relayer/chaos/adapters/gauges.ts";
import { Leases } from "../../../../relayer/chaos/adapters/leases.ts";
import { portableInjector } from "../../../../relayer/chaos/adapters/portable-injector.ts";
import { hasBitten } from "../../../../relayer/chaos/core/effect.ts";
import { faultSchema } from "../../../../relayer/chaos/core/fault.ts";
import { systemClock } from "../../../../relayer/platform/clock.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { connectRedis } from "../../../../relayer/platform/redis.ts";
import { ChaosScene } from "../../support/chaos-scene.ts";
import { until } from "../../support/processes.ts";
import { SentinelGroup } from "../../support/redis-group.ts";

const services = { clock: systemClock, logger: createLogger("silent", {}) };
const LONG_MILLISECONDS = 60_000;
const PATIENCE_MILLISECONDS = 2_000;
const failOver = faultSchema.parse({ type: "RedisFailover" });

void describe("a fail-over of Redis under Sentinels", () => {
  let group: SentinelGroup;
  before(async () => {
    group = await SentinelGroup.start();
  });
  after(() => group.stop());

  async function withInjector(redisUrl: string, work: (parts: Parts) => Promise<void>): Promise<void> {
    await using scene = new ChaosScene();
    await using leases = await Leases.open(join(scene.folder, "leases.sqlite"), services);
    const target = await scene.target("redis");
    const options = { toxiproxy: "http://127.0.0.1:1", holdFolder: scene.folder, redisUrl };
    const injector = portableInjector(
      { ...options, chainUrl: () => undefined },
      { leases, clock: systemClock },
    );
    const links = { folder: scene.folder, links: [], chainUrl: () => undefined };
    await work({ injector, target, gauge: gaugeOf(failOver, target, { ...links, redisUrl }) });
  }
  type Parts = {
    readonly injector: ReturnType<typeof portableInjector>;
    readonly target: Awaited<ReturnType<ChaosScene["target"]>>;
    readonly gauge: ReturnType<typeof gaugeOf>;
  };

  void it("makes the replica the master, is seen, and loses nothing that was written", () =>
    withInjector(group.url, async ({ injector, target, gauge }) => {
      const redis = connectRedis(group.url, () => undefined);
      try {
        await redis.set("written", "before");
        assert.equal(await redis.wait(1, LONG_MILLISECONDS), 1, "the replica has it");
        const before = await gauge(PATIENCE_MILLISECONDS);
        const { mechanism } = await injector.inject(failOver, [target], Date.now() + LONG_MILLISECONDS);
        assert.equal(mechanism.name, "SENTINEL FAILOVER");
        await until("another is the master", async () =>
          hasBitten(failOver, before, await gauge(PATIENCE_MILLISECONDS)),
        );
        await until("it takes writes", async () => (await redis.set("written", "after", "GET")) === "before");
      } finally {
        redis.disconnect();
      }
    }));

  void it("fails, with what they say, where no Sentinel knows the master", () =>
    withInjector(`${group.url}-other`, async ({ injector, target, gauge }) => {
      const injecting = injector.inject(failOver, [target], Date.now() + LONG_MILLISECONDS);
      await assert.rejects(injecting, /No Sentinel does "failover dchat-other".*No such master/s);
      await assert.rejects(gauge(PATIENCE_MILLISECONDS));
    }));
});

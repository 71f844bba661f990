import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import { z } from "zod";
import { RedisCursors, RedisRequests } from "../../../../relayer/bridge/adapters/redis-cursors.ts";
import { RedisAttestations } from "../../../../relayer/bridge/adapters/redis-stores.ts";
import { ConfigurationError } from "../../../../relayer/domain/errors.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { Queues } from "../../../../relayer/platform/queues.ts";
import { connectRedis, type RedisClient, verifyRedis } from "../../../../relayer/platform/redis.ts";
import { HolderMarks } from "../../../../relayer/platform/transactions/holder-marks.ts";
import { RedisKeyLock } from "../../../../relayer/platform/transactions/key-lock.ts";
import { systemClock } from "../../../../relayer/platform/clock.ts";
import { hashOf, pointAt, publicKeyOfText, signatureOf } from "../../support/bridge.ts";
import { until } from "../../support/processes.ts";
import { RedisCluster, SentinelGroup } from "../../support/redis-group.ts";

const schema = z.object({ value: z.number() });
const logger = createLogger("silent", {});

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function open(url: string): {
  readonly redis: RedisClient;
  readonly queues: Queues;
  readonly seen: number[];
} {
  const redis = connectRedis(url, () => undefined);
  const queues = new Queues(redis, logger);
  closing.push(
    () => {
      redis.disconnect();
    },
    () => queues.close(),
  );
  const seen: number[] = [];
  queues.work("q", schema, ({ value }) => Promise.resolve(void seen.push(value)), { concurrency: 1 });
  return { redis, queues, seen };
}

/** Everything that a role keeps in Redis itself, beside its queues. */
async function useStores(redis: RedisClient): Promise<void> {
  const cursors = new RedisCursors(redis);
  const block = { number: 1, hash: hashOf("block 1") };
  assert.equal(await cursors.move("w", undefined, block), true);
  assert.deepEqual(await cursors.recent("w"), [block]);

  const requests = new RedisRequests(redis);
  const point = pointAt(1, 1n);
  await requests.add("w", point);
  await requests.keep("w", 1, 1);
  assert.equal((await requests.above("w", 0)).length, 1);

  const attestations = new RedisAttestations(redis);
  const attestation = {
    ...point,
    domain: hashOf("domain"),
    epoch: 1n,
    validator: publicKeyOfText("v"),
    signature: signatureOf("s"),
  };
  await attestations.add(point, attestation);
  assert.equal((await attestations.signatures(point, 1n)).size, 1);
  await attestations.withdraw(point);
  await attestations.add(point, attestation);
  await attestations.prune(point.lane, 1n);
  assert.equal((await attestations.pointsAbove(point.lane, 0n)).length, 0);

  const nothing = () => undefined;
  const journal = {
    highestToken: () => 0,
    claim: nothing,
    slots: () => [],
    write: nothing,
    check: nothing,
    close: nothing,
  };
  const folder = mkdtempSync(join(tmpdir(), "dchat-marks-"));
  const lock = new RedisKeyLock(
    { redis, chainId: 1, address: randomUUID(), ttlMilliseconds: 5_000 },
    { journal, logger, clock: systemClock, marks: new HolderMarks(folder) },
  );
  await lock.refresh();
  assert.equal(lock.isHeld, true);
  await lock.release();
  rmSync(folder, { recursive: true });
}

describe("Redis behind Sentinels", () => {
  it("holds queues and stores, and work goes on after a failover", async () => {
    const group = await SentinelGroup.start();
    closing.push(() => group.stop());
    await verifyRedis(group.url);
    const { redis, queues, seen } = open(group.url);
    await useStores(redis);
    await queues.add("q", "before", schema, { value: 1 });
    await until("the first job ran", () => seen.includes(1));
    await group.failOver();
    await queues.add("q", "after", schema, { value: 2 });
    await until("the second job ran", () => seen.includes(2));
  });
});

describe("a Redis Cluster", () => {
  it("holds queues and stores, and is refused when one of its masters evicts", async () => {
    const cluster = await RedisCluster.start();
    closing.push(() => cluster.stop());
    await verifyRedis(cluster.url);
    const { redis, queues, seen } = open(cluster.url);
    await useStores(redis);
    await queues.add("q", "one", schema, { value: 1 });
    await until("the job ran", () => seen.includes(1));
    await until("nothing is left", async () =>
      Object.values(await queues.counts("q")).every((count) => count === 0),
    );

    const last = cluster.ports[2] ?? 0;
    await cluster.ask(last, (server) => server.config("SET", "maxmemory-policy", "allkeys-lru"));
    await assert.rejects(
      verifyRedis(cluster.url),
      (error) => error instanceof ConfigurationError && /allkeys-lru.*noeviction/s.test(error.message),
    );
  });
});

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import type { Redis } from "ioredis";
import { z } from "zod";
import { ConfigurationError, FatalError, RetryableError } from "../../../../relayer/domain/errors.ts";
import { integer } from "../../../../relayer/domain/ids.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { Queues } from "../../../../relayer/platform/queues.ts";
import { verifyRedis } from "../../../../relayer/platform/redis.ts";
import { PrivateRedis } from "../../support/private-redis.ts";
import { until } from "../../support/processes.ts";

const schema = z.object({ value: integer });
const logger = createLogger("silent", {});

let server: PrivateRedis;
let redis: Redis;
let queues: Queues;
before(async () => {
  server = await PrivateRedis.start();
});
beforeEach(async () => {
  redis = server.connect();
  await redis.flushall();
  queues = new Queues(redis, logger);
});
afterEach(async () => {
  await queues.close();
  redis.disconnect();
});
after(() => server.stop());

describe("queues", () => {
  it("carry bigints, and run a job whose id is known already once", async () => {
    const seen: bigint[] = [];
    for (let i = 0; i < 3; i++) await queues.add("q", "31337-0xab-1", schema, { value: 2n ** 200n });
    queues.work("q", schema, ({ value }) => Promise.resolve(void seen.push(value)), { concurrency: 1 });
    await until("the job ran", () => seen.length > 0);
    await until("nothing is left", async () =>
      Object.values(await queues.counts("q")).every((count) => count === 0),
    );
    assert.deepEqual(seen, [2n ** 200n]);
  });

  it("take what is next before all that wait", async () => {
    const seen: bigint[] = [];
    for (const value of [1n, 2n]) await queues.add("q", `job-${value}`, schema, { value });
    for (const value of [3n, 4n]) await queues.add("q", `job-${value}`, schema, { value }, { isNext: true });
    queues.work("q", schema, ({ value }) => Promise.resolve(void seen.push(value)), { concurrency: 1 });
    await until("all ran", () => seen.length === 4);
    assert.deepEqual(seen, [4n, 3n, 1n, 2n]);
  });

  it("leave jobs to others while they are paused", async () => {
    const seen: bigint[] = [];
    const handler = ({ value }: { readonly value: bigint }) => Promise.resolve(void seen.push(value));
    const work = queues.work("q", schema, handler, { concurrency: 1, isPaused: true });
    const other = queues.work("q", schema, handler, { concurrency: 1, isPaused: true });
    for (const [index, each] of [work, other, work].entries()) {
      await queues.add("q", `job-${index}`, schema, { value: BigInt(index) });
      assert.equal(seen.length, index, "nobody takes it");
      each.resume();
      await until("it is taken", () => seen.length > index);
      await each.pause();
    }
    assert.deepEqual(seen, [0n, 1n, 2n]);
  });

  it("are worked on after a pause that is taken back at once", async () => {
    const seen: bigint[] = [];
    const handler = ({ value }: { readonly value: bigint }) => Promise.resolve(void seen.push(value));
    const work = queues.work("q", schema, handler, { concurrency: 1 });
    for (let value = 0n; value < 5n; value++) {
      const paused = work.pause();
      work.resume();
      await paused;
      await queues.add("q", `job-${value}`, schema, { value });
      await until("it ran", () => seen.includes(value), 10_000);
    }
  });

  it("run an id again once it is finished, for it may have been lost further on", async () => {
    let runs = 0;
    queues.work(
      "q",
      schema,
      () => {
        runs++;
        return Promise.resolve();
      },
      { concurrency: 1 },
    );
    for (const expected of [1, 2]) {
      await queues.add("q", "31337-0xab-1", schema, { value: 1n });
      await until("it ran", () => runs === expected);
      await until("it is gone", async () =>
        Object.values(await queues.counts("q")).every((count) => count === 0),
      );
    }
  });

  it("try again after anything but a FatalError, as often as it takes", async () => {
    const errors = [
      new RetryableError("X", "later"),
      new Error("a bug"),
      new RetryableError("X", "later"),
      new TypeError("another"),
    ];
    let runs = 0;
    queues.work(
      "q",
      schema,
      () => {
        const error = errors[runs++];
        return error === undefined ? Promise.resolve() : Promise.reject(error);
      },
      { concurrency: 1 },
    );
    await queues.add("q", "31337-0xab-1", schema, { value: 1n });
    await until("it succeeded", () => runs === errors.length + 1);
  });

  it("keep a job that failed for good with its reason, and start it again, as it is asked then, when it is added again", async () => {
    let fail = true;
    const seen: bigint[] = [];
    queues.work(
      "q",
      schema,
      ({ value }) => {
        seen.push(value);
        return fail ? Promise.reject(new FatalError("NO", "never, for a reason")) : Promise.resolve();
      },
      { concurrency: 1 },
    );
    await queues.add("q", "31337-0xab-1", schema, { value: 1n });
    await until("it is among the failed", async () => (await queues.counts("q"))["failed"] === 1);
    assert.equal(await redis.hget("{dchat}:q:31337-0xab-1", "failedReason"), "never, for a reason");
    assert.deepEqual(seen, [1n]);
    fail = false;
    await queues.add("q", "31337-0xab-1", schema, { value: 2n });
    await until("it ran again", async () => seen.length === 2 && (await queues.counts("q"))["failed"] === 0);
    assert.deepEqual(seen, [1n, 2n]);
  });

  it("fail a job of another shape for good", async () => {
    queues.work(
      "q",
      z.object({ value: z.string().length(99) }),
      () => Promise.reject(new Error("must not run")),
      { concurrency: 1 },
    );
    await queues.add("q", "31337-0xab-1", schema, { value: 1n });
    await until("it is among the failed", async () => (await queues.counts("q"))["failed"] === 1);
  });

  it("go on when Redis is wiped under them", async () => {
    const seen: bigint[] = [];
    queues.work("q", schema, ({ value }) => Promise.resolve(void seen.push(value)), { concurrency: 4 });
    for (let value = 0n; value < 20n; value++) {
      if (value % 5n === 0n) await redis.flushall();
      await queues.add("q", `id-${value}`, schema, { value });
    }
    await queues.add("q", "last", schema, { value: 99n });
    await until("what came after the last wipe ran", () => seen.includes(99n));
  });
});

describe("a Redis that cannot be used", () => {
  const refuses =
    (expected: RegExp, type: typeof ConfigurationError | typeof RetryableError = RetryableError) =>
    (error: unknown) =>
      error instanceof type && expected.test(error.message);

  it("is refused when nothing listens there", async () => {
    await assert.rejects(
      verifyRedis("redis://127.0.0.1:1"),
      refuses(/127\.0\.0\.1:1 cannot be used.*No message is lost.*REDIS_URL/s),
    );
  });

  it("is refused when it evicts", async () => {
    await redis.config("SET", "maxmemory-policy", "allkeys-lru");
    await assert.rejects(verifyRedis(server.url), refuses(/allkeys-lru.*noeviction/s, ConfigurationError));
    await redis.config("SET", "maxmemory-policy", "noeviction");
    await verifyRedis(server.url);
  });

  it("is refused when it takes no writes", async () => {
    await redis.config("SET", "min-replicas-to-write", "1");
    await assert.rejects(verifyRedis(server.url), refuses(/NOREPLICAS/));
    await redis.config("SET", "min-replicas-to-write", "0");
  });
});

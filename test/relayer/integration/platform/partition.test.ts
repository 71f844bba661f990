import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { Queues } from "../../../../relayer/platform/queues.ts";
import { connectRedis } from "../../../../relayer/platform/redis.ts";
import { PrivateRedis } from "../../support/private-redis.ts";
import { until } from "../../support/processes.ts";
import { TcpProxy } from "../../support/tcp-proxy.ts";

const schema = z.object({ value: z.number() });

describe("a partition between a role and Redis", () => {
  it("loses no job, and work goes on after its end", async (context) => {
    const server = await PrivateRedis.start();
    await using proxy = await TcpProxy.inFrontOf(Number(new URL(server.url).port));
    const errors: Error[] = [];
    const redis = connectRedis(`redis://127.0.0.1:${proxy.port}`, (error) => errors.push(error));
    const queues = new Queues(redis, createLogger("silent", {}));
    const outside = new Queues(server.connect(), createLogger("silent", {}));
    try {
      const seen: number[] = [];
      queues.work("q", schema, ({ value }) => Promise.resolve(void seen.push(value)), { concurrency: 1 });
      await queues.add("q", "before", schema, { value: 1 });
      await until("the first job ran", () => seen.includes(1));

      proxy.part();
      const adding = queues.add("q", "meanwhile", schema, { value: 2 });
      await outside.add("q", "outside", schema, { value: 3 });
      await until("the silence is noticed", () => errors.length > 1);
      assert.deepEqual(seen, [1]);
      proxy.heal();
      const healed = performance.now();
      await adding;
      await until("both jobs ran", () => seen.includes(2) && seen.includes(3));
      context.diagnostic(
        `work went on ${Math.round(performance.now() - healed)} ms after the partition's end`,
      );
    } finally {
      await queues.close();
      await outside.close();
      redis.disconnect();
      await server.stop();
    }
  });

  it("leaves no worker behind that was paused and resumed meanwhile", async () => {
    const server = await PrivateRedis.start();
    await using proxy = await TcpProxy.inFrontOf(Number(new URL(server.url).port));
    let errors = 0;
    const redis = connectRedis(`redis://127.0.0.1:${proxy.port}`, () => errors++);
    const queues = new Queues(redis, createLogger("silent", {}));
    try {
      const seen: number[] = [];
      const work = queues.work("q", schema, ({ value }) => Promise.resolve(void seen.push(value)), {
        concurrency: 1,
      });
      for (const value of [1, 2]) {
        await queues.add("q", `job-${value}`, schema, { value });
        await until("it ran", () => seen.includes(value), 10_000);
        await proxy.shut();
        const before = errors;
        await until("it is tried to connect again", () => errors > before + 1);
        void work.pause();
        await proxy.open();
        work.resume();
      }
      await queues.add("q", "job-3", schema, { value: 3 });
      await until("it ran", () => seen.includes(3), 10_000);
    } finally {
      await queues.close();
      redis.disconnect();
      await server.stop();
    }
  });
});

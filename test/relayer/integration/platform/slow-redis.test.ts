import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, it } from "node:test";
import { z } from "zod";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { Queues } from "../../../../relayer/platform/queues.ts";
import { connectRedis } from "../../../../relayer/platform/redis.ts";
import { PrivateRedis } from "../../support/private-redis.ts";
import { until } from "../../support/processes.ts";
import { TcpProxy } from "../../support/tcp-proxy.ts";

const schema = z.object({ value: z.number() });
const logger = createLogger("silent", {});
const JOBS = 60;

describe("a Redis that answers late", () => {
  // Half a second each way is more than a lock is made for: what matters there is that work gets on.
  for (const { delay, most } of [
    { delay: 100, most: JOBS },
    { delay: 500, most: 2 * JOBS },
  ])
    it(
      `has every job done, ${most === JOBS ? "once" : "few of them again"}, ${delay} ms away each way`,
      { timeout: 120_000 },
      async () => {
        const server = await PrivateRedis.start();
        await using proxy = await TcpProxy.inFrontOf(Number(new URL(server.url).port));
        const near = new Queues(server.connect(), logger);
        const redis = connectRedis(`redis://127.0.0.1:${proxy.port}`, () => undefined);
        const far = new Queues(redis, logger);
        try {
          for (let value = 0; value < JOBS; value++) await near.add("q", `job-${value}`, schema, { value });
          await redis.ping();
          proxy.delay = delay;
          const begun: number[] = [];
          const handler = async ({ value }: { readonly value: number }) => {
            begun.push(value);
            await sleep(3 * delay); // it asks somebody, too
          };
          far.work("q", schema, handler, { concurrency: 16 });
          await until(
            "nothing is left",
            async () => Object.values(await near.counts("q")).every((count) => count === 0),
            100_000,
          );
          assert.equal(new Set(begun).size, JOBS);
          assert(begun.length <= most, `${begun.length} were begun`);
        } finally {
          proxy.delay = 0;
          await far.close();
          await near.close();
          redis.disconnect();
          await server.stop();
        }
      },
    );
});

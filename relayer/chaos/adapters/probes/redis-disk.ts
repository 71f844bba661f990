import { z } from "zod";
import { explain, FatalError } from "../../../domain/errors.ts";
import { askRedis } from "../../../platform/redis-ping.ts";

/** What a question leaves behind, for a moment. */
const KEY = "dchat-chaos-probe";
const KEY_MILLISECONDS = 1_000;

/**
 * How long a write to a Redis takes that is on its disk before it is answered, in milliseconds. Asked by a client: no inspector opens
 * Redis.
 * @throws FatalError `REDIS_FSYNC` where Redis answers before its disk has it, so that a slow disk cannot be seen
 */
export async function measureRedisCommit(url: string, patienceMilliseconds: number): Promise<number> {
  return askRedis(url, patienceMilliseconds, async (redis) => {
    const [, policy = "unknown"] = z.array(z.string()).parse(await redis.config("GET", "appendfsync"));
    if (policy !== "always")
      throw new FatalError(
        "REDIS_FSYNC",
        `Redis answers before its disk has what was written (appendfsync ${policy}), so a slow disk shows nowhere. Set appendfsync to always to see it.`,
      );
    const began = performance.now();
    await redis.set(KEY, "", "PX", KEY_MILLISECONDS);
    return performance.now() - began;
  });
}

/** Why a Redis takes no write; null when it does. With a full disk it refuses, or under `appendfsync always` ends. */
export async function refusalOfRedis(url: string, patienceMilliseconds: number): Promise<string | null> {
  try {
    await askRedis(url, patienceMilliseconds, (redis) => redis.set(KEY, "", "PX", KEY_MILLISECONDS));
    return null;
  } catch (error) {
    return explain(error);
  }
}

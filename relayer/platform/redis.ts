import { Redis, type CommonRedisOptions } from "ioredis";
import { ConfigurationError, explain, RetryableError } from "../domain/errors.ts";

/** What every connection of ours shares: quick to notice a dead server, quick to come back. */
export const redisOptions = {
  connectTimeout: 2_000,
  keepAlive: 5_000,
  // BullMQ's workers wait for a server to come back; so does everything else, behind its own time limits.
  maxRetriesPerRequest: null,
  retryStrategy: (attempt: number) => Math.min(50 * attempt, 1_000),
} satisfies CommonRedisOptions;

/** How long a server may take to answer one command while it is looked at. */
const COMMAND_MILLISECONDS = 5_000;

/** Opens a connection to the server at `url`. Errors reach `onError`; commands wait for a server that is away. */
export function connectRedis(url: string, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, redisOptions);
  redis.on("error", onError);
  return redis;
}

/**
 * Makes sure that the server at `url` answers, keeps what it is given, and takes writes.
 * @throws RetryableError `REDIS` when it is away or refuses; ConfigurationError `REDIS_POLICY`
 */
export async function verifyRedis(url: string): Promise<void> {
  const redis = new Redis(url, {
    ...redisOptions,
    lazyConnect: true,
    commandTimeout: COMMAND_MILLISECONDS, // a server that is there and hangs
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // `connect` rejects with "Connection is closed"; the reason for that is in the event before.
  let reason: Error | undefined;
  redis.on("error", (error) => (reason = error));
  try {
    await redis.connect();
    const policy = /^maxmemory_policy:(.+)$/m.exec(await redis.info("memory"))?.[1]?.trim();
    if (policy !== undefined && policy !== "noeviction")
      throw new ConfigurationError(
        "REDIS_POLICY",
        `Redis at ${hostOf(url)} has maxmemory-policy ${policy}, under which jobs vanish without an error. Run "redis-cli config set maxmemory-policy noeviction" and start again.`,
      );
    await redis.set("dchat:probe", "1", "PX", 1_000);
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    throw new RetryableError(
      "REDIS",
      `Redis at ${hostOf(url)} cannot be used: ${explain(reason ?? error)}. No message is lost: the chains keep them all. Start Redis, or correct redisUrl (or REDIS_URL).`,
    );
  } finally {
    redis.disconnect();
  }
}

function hostOf(url: string): string {
  return new URL(url).host;
}

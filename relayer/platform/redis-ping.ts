import { Redis } from "ioredis";

/**
 * Connects anew and asks a server for a sign of life, once.
 * @param milliseconds how long connecting, and the answer, may take each
 * @throws the server's error while it loads its data, the system's while it does not listen, ioredis's when it is too late
 */
export async function pingRedis(url: string, milliseconds: number): Promise<void> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: milliseconds,
    commandTimeout: milliseconds,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    enableReadyCheck: false,
  });
  // ioredis emits the failure of `connect` a second time as an event.
  redis.on("error", () => undefined);
  try {
    await redis.connect();
    await redis.ping();
  } finally {
    redis.disconnect();
  }
}

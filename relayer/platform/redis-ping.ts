import { Redis } from "ioredis";

/** Connects anew and asks a server for a sign of life, once. @throws what {@link askRedis} throws */
export async function pingRedis(url: string, milliseconds: number): Promise<void> {
  await askRedis(url, milliseconds, (redis) => redis.ping());
}

/**
 * Connects anew and asks a server once, without trying again.
 * @param milliseconds how long connecting, and each answer, may take
 * @throws the server's error while it loads its data, the system's while it does not listen, ioredis's when it is too late
 */
export async function askRedis<T>(
  url: string,
  milliseconds: number,
  ask: (redis: Redis) => Promise<T>,
): Promise<T> {
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
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}

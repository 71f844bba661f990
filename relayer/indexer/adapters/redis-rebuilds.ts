import type { RedisClient } from "../../platform/redis.ts";
import type { RebuildRequests } from "../ports.ts";

const KEY = "{dchat}:index:rebuild";

/**
 * {@link RebuildRequests} in Redis, where every process of the fleet finds them: an embedded database can be reached by its own
 * process alone. A request that is lost with Redis is made again by whoever wants it.
 */
export class RedisRebuilds implements RebuildRequests {
  readonly #redis: RedisClient;

  constructor(redis: RedisClient) {
    this.#redis = redis;
  }

  /** Asks for a rebuild. @param id never used before */
  async ask(id: string): Promise<void> {
    await this.#redis.set(KEY, id);
  }

  async last(): Promise<string | undefined> {
    return (await this.#redis.get(KEY)) ?? undefined;
  }
}

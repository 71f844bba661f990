import { z } from "zod";
import type { BlockId, Point } from "../../domain/bridge.ts";
import { hash } from "../../domain/ids.ts";
import { pointSchema } from "../../domain/jobs.ts";
import type { RedisClient } from "../../platform/redis.ts";
import { type CursorStore, RECENT_BLOCKS, type RequestStore } from "../ports.ts";

/**
 * KEYS: the cursor, where it stood lately (by block number). ARGV: where it must stand ("" for nowhere), where it shall stand,
 * the number of that block, how many are remembered.
 */
const MOVE_CURSOR = `
if (redis.call("GET", KEYS[1]) or "") ~= ARGV[1] then return 0 end
if ARGV[2] == "" then
  redis.call("DEL", KEYS[1], KEYS[2])
  return 1
end
redis.call("SET", KEYS[1], ARGV[2])
redis.call("ZREMRANGEBYSCORE", KEYS[2], ARGV[3], "+inf")
redis.call("ZADD", KEYS[2], ARGV[3], ARGV[2])
redis.call("ZREMRANGEBYRANK", KEYS[2], 0, -1 - ARGV[4])
return 1`;

/** A {@link CursorStore} in Redis. */
export class RedisCursors implements CursorStore {
  readonly #redis: RedisClient;

  constructor(redis: RedisClient) {
    this.#redis = redis;
  }

  async read(name: string): Promise<BlockId | undefined> {
    const text = await this.#redis.get(cursorKey(name));
    return text === null ? undefined : readBlock(text);
  }

  async move(name: string, from: BlockId | undefined, to: BlockId | undefined): Promise<boolean> {
    const [key, recent] = [cursorKey(name), recentKey(name)];
    const blocks = [writeBlock(from), writeBlock(to), to?.number ?? 0] as const;
    return (await this.#redis.eval(MOVE_CURSOR, 2, key, recent, ...blocks, RECENT_BLOCKS)) === 1;
  }

  async recent(name: string): Promise<readonly BlockId[]> {
    return (await this.#redis.zrevrange(recentKey(name), 0, -1)).map(readBlock);
  }
}

const cursorKey = (name: string) => `{dchat}:watched:${name}`;
const recentKey = (name: string) => `{dchat}:recent:${name}`;

/** A block as it is stored: its number, a colon, its hash. */
const storedBlock = z.templateLiteral([z.number().int().nonnegative(), ":", z.string()]);
function readBlock(text: string): BlockId {
  const [number, blockHash] = storedBlock.parse(text).split(":");
  return { number: Number(number), hash: hash.parse(blockHash) };
}
const writeBlock = (block: BlockId | undefined) =>
  block === undefined ? "" : `${block.number}:${block.hash}`;

/** A {@link RequestStore} in Redis: a sorted set of points by block number for each watcher. */
export class RedisRequests implements RequestStore {
  readonly #redis: RedisClient;

  constructor(redis: RedisClient) {
    this.#redis = redis;
  }

  async add(name: string, point: Point): Promise<void> {
    const value = JSON.stringify(pointSchema.encode(point));
    await this.#redis.zadd(requestsKey(name), point.position.blockNumber, value);
  }

  async above(name: string, block: number): Promise<readonly Point[]> {
    const values = await this.#redis.zrangebyscore(requestsKey(name), `(${block}`, "+inf");
    return values.map((value) => pointSchema.parse(JSON.parse(value)));
  }

  async keep(name: string, from: number, to: number): Promise<void> {
    await this.#redis
      .multi()
      .zremrangebyscore(requestsKey(name), "-inf", `(${from}`)
      .zremrangebyscore(requestsKey(name), `(${to}`, "+inf")
      .exec();
  }
}

const requestsKey = (name: string) => `{dchat}:requests:${name}`;

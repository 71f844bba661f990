import { Cluster, Redis, type RedisOptions } from "ioredis";
import { ConfigurationError, explain, RetryableError } from "../domain/errors.ts";
import { parseRedisUrl, REDIS_URL_FORMS, redactRedisUrl } from "../domain/redis-url.ts";
import { QUEUE_TIMES } from "./queue-times.ts";

/** A connection to one server, to the master that Sentinels name, or to a cluster. */
export type RedisClient = Redis | Cluster;

/** The options of ours that a connection to a server has, in whatever shape the servers are found. */
type NodeOptions = Pick<
  RedisOptions,
  | "connectTimeout"
  | "keepAlive"
  | "socketTimeout"
  | "maxRetriesPerRequest"
  | "commandTimeout"
  | "username"
  | "password"
  | "tls"
>;

/** How long to wait before the next try to connect, in milliseconds: short, so that work goes on soon after an outage. */
const retryStrategy = (attempt: number) => Math.min(50 * attempt, 250);

/**
 * How every connection of ours behaves: quick to notice a dead server, quick to come back.
 *
 * A partition drops bytes without a word, and TCP would wait for minutes before it repeats them. So a connection that is silent
 * over a command is given up, and a new one is tried, so often that work goes on within two seconds after the partition's end.
 */
const nodeOptions: NodeOptions = {
  connectTimeout: QUEUE_TIMES.connect,
  keepAlive: 1_000,
  socketTimeout: QUEUE_TIMES.silence,
  // BullMQ's workers wait for a server to come back; so does everything else, behind its own time limits.
  maxRetriesPerRequest: null,
};

/** How long a server may take to answer one command while it is looked at. */
const COMMAND_MILLISECONDS = 5_000;

/** Opens a connection to what `url` names. Errors reach `onError`; commands wait for a server that is away. */
export function connectRedis(url: string, onError: (error: Error) => void): RedisClient {
  const redis = open(url, nodeOptions, { retry: retryStrategy, lazyConnect: false });
  redis.on("error", onError);
  return redis;
}

/** Another connection to the same place, which differs in `overrides`. */
export function duplicateRedis(redis: RedisClient, overrides: NodeOptions = {}): RedisClient {
  if (redis instanceof Redis) return redis.duplicate(overrides);
  const known: NodeOptions = redis.options.redisOptions ?? {};
  return redis.duplicate(undefined, { redisOptions: { ...known, ...overrides } });
}

/** What is known of the servers that hold the data, each by its `INFO`. */
export type RedisFacts = {
  /** `maxmemory-policy` of each server. */
  readonly policies: readonly string[];
  /** Whether each server writes what it is given to a log on disk (`appendonly`). */
  readonly persists: readonly boolean[];
  /** What the first of them runs. */
  readonly version: string;
};

/**
 * Looks at the servers, and makes sure that they take writes.
 * @throws RetryableError `REDIS` when one is away or refuses
 */
export async function inspectRedis(url: string): Promise<RedisFacts> {
  // The time limit is for a server that is there and hangs.
  const impatient = {
    ...nodeOptions,
    ...{ commandTimeout: COMMAND_MILLISECONDS, maxRetriesPerRequest: 0 },
  };
  const redis = open(url, impatient, { retry: () => null, lazyConnect: true });
  // `connect` rejects with "Connection is closed"; the reason for that is in the event before.
  let reason: Error | undefined;
  redis.on("error", (error: Error) => {
    reason = "lastNodeError" in error && error.lastNodeError instanceof Error ? error.lastNodeError : error;
  });
  try {
    await redis.connect();
    const masters = redis instanceof Cluster ? redis.nodes("master") : [redis];
    const infos = await Promise.all(masters.map((master) => master.info()));
    const field = (info: string, name: string) => new RegExp(`^${name}:(.+)$`, "m").exec(info)?.[1]?.trim();
    await redis.set("{dchat}:probe", "1", "PX", 1_000);
    return {
      policies: infos.map((info) => field(info, "maxmemory_policy") ?? "noeviction"),
      persists: infos.map((info) => field(info, "aof_enabled") === "1"),
      version: field(infos[0] ?? "", "redis_version") ?? "unknown",
    };
  } catch (error) {
    throw new RetryableError(
      "REDIS",
      `Redis at ${redactRedisUrl(url)} cannot be used: ${explain(reason ?? error)}. No message is lost: the chains keep them all. Start Redis, or correct redisUrl (or REDIS_URL).`,
    );
  } finally {
    redis.disconnect();
  }
}

/**
 * Makes sure that Redis answers, keeps what it is given, and takes writes.
 * @throws RetryableError `REDIS` when it is away or refuses; ConfigurationError `REDIS_POLICY`
 */
export async function verifyRedis(url: string): Promise<void> {
  const { policies } = await inspectRedis(url);
  const evicting = policies.find((policy) => policy !== "noeviction");
  if (evicting !== undefined)
    throw new ConfigurationError(
      "REDIS_POLICY",
      `Redis at ${redactRedisUrl(url)} has maxmemory-policy ${evicting}, under which jobs vanish without an error. Run "redis-cli config set maxmemory-policy noeviction" on every server and start again.`,
    );
}

function open(
  url: string,
  timing: NodeOptions,
  {
    retry,
    lazyConnect,
  }: { readonly retry: (attempt: number) => number | null; readonly lazyConnect: boolean },
): RedisClient {
  const place = parseRedisUrl(url);
  if (place === undefined)
    throw new ConfigurationError("REDIS_URL", `That is no URL of Redis: expected ${REDIS_URL_FORMS}.`);
  const { username, password, isEncrypted } = place;
  const options: NodeOptions = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(isEncrypted ? { tls: {} } : {}),
    ...timing,
  };
  const nodes = place.nodes.map((node) => ({ ...node }));
  switch (place.kind) {
    case "single":
      return new Redis({
        ...options,
        ...place.nodes[0],
        db: place.database,
        retryStrategy: retry,
        lazyConnect,
      });
    case "sentinel":
      return new Redis({
        ...options,
        sentinels: nodes,
        name: place.master,
        db: place.database,
        retryStrategy: retry,
        sentinelRetryStrategy: retry,
        lazyConnect,
        // A master that was deposed and came back as a replica takes no writes: ask the Sentinels again.
        reconnectOnError: (error) => (error.message.startsWith("READONLY") ? 2 : false),
      });
    case "cluster":
      return new Cluster(nodes, {
        redisOptions: options,
        clusterRetryStrategy: retry,
        slotsRefreshInterval: 1_000, // so that a failover is noticed although nothing answers
        lazyConnect,
      });
  }
}

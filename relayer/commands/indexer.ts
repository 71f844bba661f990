import { join } from "node:path";
import { ChainReader } from "../indexer/adapters/chain-reader.ts";
import { migrations } from "../indexer/adapters/migrations.ts";
import { RedisRebuilds } from "../indexer/adapters/redis-rebuilds.ts";
import { SqlIndexStore } from "../indexer/adapters/store.ts";
import type { Tables } from "../indexer/adapters/tables.ts";
import { createIndexerMetrics } from "../indexer/metrics.ts";
import { Follower, rebuildIfAsked } from "../indexer/worker.ts";
import { ConfigurationError } from "../domain/errors.ts";
import { type ChainConfig, chainsOf, type Network } from "../domain/network.ts";
import { systemClock } from "../platform/clock.ts";
import type { Logger } from "../platform/log.ts";
import { repeat } from "../platform/repeat.ts";
import { openSql, type Sql } from "../platform/sql.ts";
import type { CommandContext } from "./context.ts";
import type { Parts } from "./parts.ts";

/** What the indexer needs of {@link Parts}. */
type IndexerParts = Pick<Parts, "chains" | "rpc" | "redis" | "registry" | "logger">;

/** Opens the database of the index, and brings its schema up to date. */
export function openIndex({ databaseUrl, dataFolder }: Network, logger: Logger): Promise<Sql<Tables>> {
  return openSql<Tables>({ url: databaseUrl, folder: join(dataFolder, "index") }, migrations, logger);
}

/**
 * The role `indexer`, for a PostgreSQL server that it shares with the APIs.
 * @throws ConfigurationError `NO_DATABASE` without one: the embedded database belongs to the API's process, which indexes then
 */
export async function startIndexer(parts: Parts, context: CommandContext): Promise<() => Promise<void>> {
  if (context.network.databaseUrl === undefined)
    throw new ConfigurationError(
      "NO_DATABASE",
      "The role indexer needs databaseUrl (or DATABASE_URL), and it is missing. Nothing was started. Without a PostgreSQL server the role api keeps the index in an embedded database and fills it by itself: start that, or name a server.",
    );
  const database = await openIndex(context.network, parts.logger);
  const stop = startFollowers(database, parts, context);
  return async () => {
    await stop();
    await database.close();
  };
}

/**
 * Keeps the index in step with all chains until the signal aborts.
 * @returns what waits for the end of the ticks that are under way
 */
export function startFollowers(
  database: Sql<Tables>,
  { chains, rpc, redis, registry, logger }: IndexerParts,
  { network, signal }: Pick<CommandContext, "network" | "signal">,
): () => Promise<void> {
  const metrics = createIndexerMetrics(registry);
  const requests = new RedisRebuilds(redis);
  const running = chains.map((chain) => {
    const labels = { chain: chain.name };
    const own = logger.child(labels);
    const store = new SqlIndexStore(database, (rows) => {
      metrics.rows.inc(labels, rows);
    });
    const follower = new Follower({
      chain: new ChainReader(rpc(chain.chainId), readerOptions(chain, network)),
      store,
      clock: systemClock,
      logger: own,
      onReorg: () => {
        metrics.reorgs.inc(labels);
      },
    });
    const tick = async () => {
      await rebuildIfAsked(requests, store, own);
      await follower.tick(signal);
    };
    return repeat(tick, chain.pollMilliseconds, { logger: own, clock: systemClock, signal });
  });
  return async () => {
    await Promise.all(running);
  };
}

/** What the reader of a chain has to know of the network. */
function readerOptions({ name }: ChainConfig, network: Network) {
  const sides = Object.values(network.tokens).flatMap((token) => token.sides[name] ?? []);
  return {
    destinations: chainsOf(network).map(({ chainId }) => chainId),
    home: network.home?.chain === name ? network.home : undefined,
    bridges: new Map(sides.map(({ bridge, token }) => [bridge, token])),
  };
}

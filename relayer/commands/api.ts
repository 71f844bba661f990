import { fileURLToPath } from "node:url";
import { Lists } from "../api/lists.ts";
import { type ChainReaders, ReadModel } from "../api/read-model.ts";
import { createApi } from "../api/server.ts";
import { RedisAttestations } from "../bridge/adapters/redis-stores.ts";
import { ConfigurationError, explain } from "../domain/errors.ts";
import { IndexQueries } from "../indexer/adapters/queries.ts";
import { createLagMetrics } from "../indexer/metrics.ts";
import type { Network } from "../domain/network.ts";
import { systemClock } from "../platform/clock.ts";
import { runningSpeakers } from "../speech/adapters/announcement.ts";
import { speechFiles } from "../speech/config.ts";
import type { CommandContext } from "./context.ts";
import { openIndex, startFollowers } from "./indexer.ts";
import type { Parts } from "./parts.ts";

/**
 * The role `api`: serves the HTTP API and the page. Where the index is in an embedded database, which one process alone can open, it
 * is this one that fills it.
 * @throws ConfigurationError `API_PORT` or `SQL_IN_USE`
 */
export async function startApi(parts: Parts, context: CommandContext): Promise<() => Promise<void>> {
  const database = await openIndex(context.network, parts.logger);
  const stopping = new AbortController();
  const signal = AbortSignal.any([context.signal, stopping.signal]);
  const stopIndexing =
    database.kind === "pglite"
      ? startFollowers(database, parts, { ...context, signal })
      : () => Promise.resolve();
  const close = async () => {
    stopping.abort();
    await stopIndexing();
    await database.close();
  };
  try {
    const app = await serve(parts, context, { queries: new IndexQueries(database), database: database.kind });
    return async () => {
      await app.close();
      await close();
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function serve(
  parts: Parts,
  { network }: CommandContext,
  index: Pick<ConstructorParameters<typeof Lists>[0], "queries" | "database">,
) {
  const attestations = new RedisAttestations(parts.redis);
  const readers: ChainReaders[] = parts.chains.map(({ name, chainId, outbox, inbox }) => ({
    name,
    outbox,
    inbox,
    origin: parts.origin(chainId),
    destination: parts.destination(chainId),
  }));
  const lists = new Lists({ ...index, attestations, chains: parts.chains, clock: systemClock });
  createLagMetrics(parts.registry, () => lists.lags());
  parts.readiness.add("index", () => lists.verify());
  const app = await createApi({
    readModel: new ReadModel(readers, attestations),
    lists,
    registry: parts.registry,
    logger: parts.logger,
    readiness: parts.readiness,
    findSpeaker: () => findSpeaker(network),
    pages: fileURLToPath(new URL("../../web/dashboard", import.meta.url)),
  });
  const { host, port } = network.api;
  await app.listen({ host, port }).catch((error: unknown) => {
    throw new ConfigurationError(
      "API_PORT",
      `The API cannot listen on ${host}:${port}: ${explain(error)}. Messages are carried without it. End what listens there, or set api.port (or DCHAT_API_PORT) to a free one.`,
      {},
      error,
    );
  });
  return app;
}

/** Speakers say in the data folder where they listen; for one that has another data folder, the configuration does. */
function findSpeaker({ dataFolder, speech }: Network): string | undefined {
  const [running] = runningSpeakers(speechFiles(dataFolder).folder);
  if (running !== undefined || speech === undefined || speech.port === 0) return running;
  return `http://127.0.0.1:${speech.port}`;
}

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { hexlify } from "ethers";
import type { FastifyInstance } from "fastify";
import { Lists, type ListServices } from "../api/lists.ts";
import { type ChainReaders, ReadModel } from "../api/read-model.ts";
import { viewNetwork } from "../api/network-view.ts";
import { createApi, type Pages } from "../api/server.ts";
import { TokenLanes } from "../api/token-lanes.ts";
import type { WalletServices } from "../api/wallet-routes.ts";
import type { DevelopmentWalletView } from "../api/wallet-schema.ts";
import { RedisAttestations } from "../bridge/adapters/redis-stores.ts";
import { TokenTermsReader } from "../bridge/adapters/token-terms.ts";
import { developmentProblems } from "../domain/development.ts";
import { ConfigurationError, explain } from "../domain/errors.ts";
import { FleetQueries } from "../indexer/adapters/fleet-queries.ts";
import { IndexQueries } from "../indexer/adapters/queries.ts";
import { createLagMetrics } from "../indexer/metrics.ts";
import { chainsOf, type Network } from "../domain/network.ts";
import { systemClock } from "../platform/clock.ts";
import { readKeyFile } from "../platform/key-file.ts";
import type { CommandContext } from "./context.ts";
import { openIndex, startFollowers } from "./indexer.ts";
import { findSpeaker, openOperator } from "./operator.ts";
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
    const [queries, fleetQueries] = [new IndexQueries(database), new FleetQueries(database)];
    const index = { queries, fleetQueries, database: database.kind };
    const stop = await serve(parts, context, index);
    return async () => {
      await stop();
      await close();
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function serve(
  parts: Parts,
  { network, signal }: CommandContext,
  index: Pick<ListServices, "queries" | "database"> & { readonly fleetQueries: FleetQueries },
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
  const readModel = new ReadModel(readers, attestations);
  const { fleetQueries } = index;
  const opened = { ...parts, network, signal, lists, readModel, attestations, fleetQueries };
  const operator = openOperator(opened, parts.redis);
  try {
    const app = await createApi({
      readModel,
      lists,
      registry: parts.registry,
      logger: parts.logger,
      readiness: parts.readiness,
      findSpeaker: () => findSpeaker(network),
      wallet: walletServices(parts, network),
      operator: operator.services,
      pages: pageFolders(),
    });
    await listen(app, network.api);
    return async () => {
      await app.close();
      await operator.close();
    };
  } catch (error) {
    await operator.close();
    throw error;
  }
}

async function listen(app: FastifyInstance, { host, port }: Network["api"]): Promise<void> {
  await app.listen({ host, port }).catch((error: unknown) => {
    throw new ConfigurationError(
      "API_PORT",
      `The API cannot listen on ${host}:${port}: ${explain(error)}. Messages are carried without it. End what listens there, or set api.port (or DCHAT_API_PORT) to a free one.`,
      {},
      error,
    );
  });
}

/** Where a build leaves the pages; undefined before the first. */
function pageFolders(): Pages | undefined {
  const folder = (path: string) => fileURLToPath(new URL(`../../web/dist/${path}`, import.meta.url));
  const pages = { dashboard: folder("dashboard"), wallet: folder("dapp"), assets: folder("assets") };
  return Object.values(pages).every((path) => existsSync(path)) ? pages : undefined;
}

function walletServices(parts: Parts, network: Network): WalletServices {
  const sides = Object.entries(network.tokens).flatMap(([symbol, token]) =>
    parts.chains.flatMap(({ name: chain, chainId }) => {
      const side = token.sides[chain];
      if (side === undefined) return [];
      const reader = new TokenTermsReader(parts.rpc(chainId), side.bridge);
      return [{ symbol, decimals: token.decimals, chain, chainId, bridge: side.bridge, reader }];
    }),
  );
  return {
    network: viewNetwork(network),
    tokenLanes: new TokenLanes(sides),
    developmentWallet: developmentWallet(network),
  };
}

/** The accounts that a local network gives away. The configuration's schema has seen to it that nobody else has any. */
function developmentWallet(network: Network): DevelopmentWalletView | undefined {
  const { developmentAccounts } = network;
  if (developmentAccounts === undefined || developmentProblems(network).length > 0) return undefined;
  return {
    accounts: Object.entries(developmentAccounts).map(([name, file]) => ({
      name,
      key: hexlify(readKeyFile(file, `the development account ${name}`)),
    })),
    chains: chainsOf(network).map(({ chainId, wallets, rpcUrl }) => ({
      chainId,
      rpcUrl: wallets?.rpcUrl ?? rpcUrl,
    })),
  };
}

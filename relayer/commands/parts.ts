import type { Registry } from "prom-client";
import { InboxReader } from "../bridge/adapters/destination.ts";
import { OutboxReader } from "../bridge/adapters/origin.ts";
import { RegistryReader } from "../bridge/adapters/registry.ts";
import type { ChainId } from "../domain/ids.ts";
import { RetryableError } from "../domain/errors.ts";
import type { Emit } from "../domain/events.ts";
import { type ChainConfig, chainsOf, type Network } from "../domain/network.ts";
import type { Destination, Origin, SetOrigin } from "../bridge/ports.ts";
import { systemClock } from "../platform/clock.ts";
import { logEvents } from "../platform/event-log.ts";
import { queueEvents } from "../platform/event-queue.ts";
import { createLogger, type Logger } from "../platform/log.ts";
import { createRegistry } from "../platform/metrics.ts";
import { Queues } from "../platform/queues.ts";
import { connectRedis, type RedisClient, verifyRedis } from "../platform/redis.ts";
import { Readiness } from "../platform/readiness.ts";
import { Rpc } from "../platform/rpc.ts";
import { createRpcMetrics } from "../platform/rpc/metrics.ts";
import { startTracing } from "../platform/tracing.ts";
import type { CommandContext } from "./context.ts";

/** How long to wait before what did not answer at the start is asked again. */
const RETRY_MILLISECONDS = 1_000;

/** What every role has, whatever it does. */
export type CommonParts = {
  readonly redis: RedisClient;
  readonly queues: Queues;
  readonly registry: Registry;
  /** What this role needs; it adds what it alone needs. */
  readonly readiness: Readiness;
  /** Tells of what an operator should hear of. */
  readonly emit: Emit;
  readonly logger: Logger;
  readonly close: () => Promise<void>;
};

/** What every role is built from that has to do with chains. */
export type Parts = CommonParts & {
  readonly chains: readonly ChainConfig[];
  readonly origins: ReadonlyMap<ChainId, Origin>;
  readonly destinations: ReadonlyMap<ChainId, Destination>;
  /** Where validator sets come from; undefined where the configuration names no home. */
  readonly sets: SetOrigin | undefined;
  readonly origin: (id: ChainId) => Origin;
  readonly destination: (id: ChainId) => Destination;
  readonly rpc: (id: ChainId) => Rpc;
};

/** Opens what does not depend on chains, and waits for nothing. */
export async function openCommonParts(
  role: string,
  chain: string | undefined,
  network: Network,
): Promise<CommonParts> {
  const { timeScale } = network;
  const logger = loggerOf(role, chain, network);
  const registry = createRegistry(role);
  const tracing = network.tracesUrl === undefined ? undefined : await startTracing(network.tracesUrl, role);
  const redis = connectRedis(network.redisUrl, (error) => {
    logger.warn({ err: error }, "Redis does not answer; waiting for it");
  });
  const queues = new Queues(redis, logger, { registry, telemetry: tracing?.telemetry, timeScale });
  const listeners = [
    logEvents(logger),
    // Where nobody does the alerting, events would heap up.
    ...(network.alerting === undefined ? [] : [queueEvents(queues, logger)]),
  ];
  return {
    redis,
    queues,
    registry,
    readiness: new Readiness(),
    emit: (event) => {
      for (const tell of listeners) tell(event);
    },
    logger,
    close: async () => {
      await queues.close();
      await tracing?.close();
      redis.disconnect();
    },
  };
}

function loggerOf(role: string, chain: string | undefined, { logLevel }: Network): Logger {
  return createLogger(logLevel, chain === undefined ? { role } : { role, chain });
}

/**
 * Opens the connections of one role and makes sure that they lead where the configuration says; waits for whoever is away, Redis or a node: a
 * machine may start them all at once, and a supervisor that starts a role again and again waits ever longer between.
 * @throws ConfigurationError naming what is wrong
 */
export async function openParts(
  role: string,
  chain: string | undefined,
  { network, signal }: CommandContext,
): Promise<Parts> {
  await verifyUntilAnswered(() => verifyRedis(network.redisUrl), loggerOf(role, chain, network), signal);
  const common = await openCommonParts(role, chain, network);
  const { emit, registry, readiness, logger } = common;
  const chains = chainsOf(network);
  const services = { emit, metrics: createRpcMetrics(registry), timeScale: network.timeScale };
  const rpcs = new Map(chains.map((config) => [config.chainId, new Rpc(config, services)]));
  const close = async () => {
    await common.close();
    for (const rpc of rpcs.values()) rpc.close();
  };
  const verifyChains = async () => {
    await Promise.all([...rpcs.values()].map((rpc) => rpc.verify()));
  };
  try {
    await verifyUntilAnswered(verifyChains, logger, signal);
  } catch (error) {
    await close();
    throw error;
  }

  const ids = chains.map(({ chainId }) => chainId);
  const origins = new Map([...rpcs].map(([id, rpc]) => [id, new OutboxReader(rpc, ids)]));
  const destinations = new Map([...rpcs].map(([id, rpc]) => [id, new InboxReader(rpc)]));
  readiness.add("Redis", () => verifyRedis(network.redisUrl));
  for (const rpc of rpcs.values()) readiness.add(`chain ${rpc.chain.name}`, () => rpc.verify());
  return {
    ...common,
    chains,
    origins,
    destinations,
    sets: setOrigin(network, chains, rpcs),
    origin: (id) => known(origins, id),
    destination: (id) => known(destinations, id),
    rpc: (id) => known(rpcs, id),
    close,
  };
}

/** A wrong chain, or a Redis that evicts, ends the process; what is only away is waited for. */
async function verifyUntilAnswered(
  verify: () => Promise<void>,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      await verify();
      return;
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error;
      logger.warn({ err: error }, "not ready yet; trying again");
      await systemClock.sleep(RETRY_MILLISECONDS, signal);
    }
  }
}

function setOrigin(
  { home }: Network,
  chains: readonly ChainConfig[],
  rpcs: ReadonlyMap<ChainId, Rpc>,
): SetOrigin | undefined {
  const chain = chains.find(({ name }) => name === home?.chain);
  if (home === undefined || chain === undefined) return undefined;
  return new RegistryReader({ chainId: chain.chainId, registry: home.registry }, known(rpcs, chain.chainId));
}

function known<T>(map: ReadonlyMap<ChainId, T>, id: ChainId): T {
  const value = map.get(id);
  if (value === undefined) throw new Error(`no chain ${id}`);
  return value;
}

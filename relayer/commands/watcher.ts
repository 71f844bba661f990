import { RedisCursors, RedisRequests } from "../bridge/adapters/redis-cursors.ts";
import { RedisAttestations } from "../bridge/adapters/redis-stores.ts";
import { TokenBridgeReader } from "../bridge/adapters/token-bridge.ts";
import { requireEd25519 } from "../bridge/worker/scheme.ts";
import { createLaneMetrics, createTokenMetrics } from "../bridge/metrics.ts";
import { AttestationRequests } from "../bridge/worker/attestation-requests.ts";
import { LagMeter } from "../bridge/worker/lag-meter.ts";
import { Rotator } from "../bridge/worker/rotator.ts";
import { TokenMeter } from "../bridge/worker/token-meter.ts";
import { Watcher } from "../bridge/worker/watcher.ts";
import type { Point } from "../domain/bridge.ts";
import type { ChainId } from "../domain/ids.ts";
import {
  attestationJobId,
  attestationQueue,
  attestQueue,
  deliverQueue,
  pointJobId,
  pointSchema,
  setJobId,
} from "../domain/jobs.ts";
import type { ChainConfig, Network } from "../domain/network.ts";
import { systemClock } from "../platform/clock.ts";
import { repeat } from "../platform/repeat.ts";
import { inSpan } from "../platform/tracing.ts";
import type { CommandContext } from "./context.ts";
import type { Parts } from "./parts.ts";

/** How often it is looked, at most, whether there is a validator set that an Inbox does not have yet. */
const ROTATION_MILLISECONDS = 1_000;
/** How often the lag of the lanes is measured. */
const LAG_MILLISECONDS = 2_000;
/** How often each token's bridge is asked for its limits and for what it holds back. */
const TOKEN_MILLISECONDS = 10_000;

/**
 * The role `watcher`: follows one chain and asks for attestations of what became final there.
 * @returns what ends it, once a tick that is under way is through
 */
export function startWatcher(
  chain: ChainConfig,
  parts: Parts,
  { network, signal }: CommandContext,
): Promise<() => Promise<void>> {
  const { queues, redis, logger, emit } = parts;
  const attestations = new RedisAttestations(redis);
  const quorumOf = async (destination: ChainId) =>
    requireEd25519(await parts.destination(destination).validatorSet());
  const validators = async (point: Point) => (await quorumOf(point.destinationChainId)).members;
  const asking = new AttestationRequests(network.queueDepth, {
    quorumOf,
    depth: (key) => queues.depth(attestQueue(key)),
    add: (key, point) => queues.add(attestQueue(key), pointJobId(point), pointSchema, point),
  });
  const watcher = new Watcher(
    { redriveMilliseconds: network.redriveMilliseconds },
    {
      origin: parts.origin(chain.chainId),
      destinations: parts.destinations,
      cursors: new RedisCursors(redis),
      requests: new RedisRequests(redis),
      // The trace of a message begins here: whatever follows from this point is a part of it.
      requestAttestations: (point) => inSpan("source log", spanOf(point), () => asking.request(point)),
      withdraw: async (point) => {
        const { destinationChainId: destination, lane } = point;
        const members = await validators(point);
        await Promise.all([
          ...members.map((key) => queues.remove(attestQueue(key), pointJobId(point))),
          ...members.map((key) => queues.remove(attestationQueue(destination), attestationJobId(point, key))),
          queues.remove(deliverQueue(lane), pointJobId(point)),
        ]);
        await attestations.withdraw(point);
      },
      emit,
      clock: systemClock,
      logger,
    },
  );
  const services = { logger, clock: systemClock, signal };
  const running = repeat(() => watcher.tick(signal), chain.pollMilliseconds, services);
  const rotator = createRotator(chain, parts, network);
  const rotating =
    rotator &&
    repeat(() => rotator.tick(), Math.max(chain.pollMilliseconds, ROTATION_MILLISECONDS), services);
  const measuring = repeat(createLagMeasure(chain, parts), LAG_MILLISECONDS, services);
  // Each by itself, so that one that cannot be read does not hide the others.
  const metering = createTokenMeters(chain, parts, network).map((meter) =>
    repeat(() => meter.measure(), TOKEN_MILLISECONDS, services),
  );
  return Promise.resolve(async () => {
    await Promise.all([running, rotating, measuring, ...metering]);
  });
}

function spanOf({ messageId, lane, nonce, position: { transactionHash, blockNumber } }: Point) {
  return {
    "dchat.message_id": messageId,
    "dchat.lane": lane,
    "dchat.nonce": nonce.toString(),
    "dchat.transaction_hash": transactionHash,
    "dchat.block_number": blockNumber,
  };
}

/** Shows how far the lanes from a chain are behind. */
function createLagMeasure(chain: ChainConfig, parts: Parts): () => Promise<void> {
  const names = new Map(parts.chains.map(({ chainId, name }) => [chainId, name]));
  const metrics = createLaneMetrics(parts.registry);
  const meter = new LagMeter({
    origin: parts.origin(chain.chainId),
    destinations: parts.destinations,
    timeOf: (block) => parts.rpc(chain.chainId).timeOf(block),
    clock: systemClock,
  });
  return async () => {
    for (const { destination, messages, seconds } of await meter.measure()) {
      const lane = { from: chain.name, to: names.get(destination) ?? String(destination) };
      metrics.messages.set(lane, Number(messages));
      metrics.seconds.set(lane, seconds);
    }
  };
}

/** What shows how the bridges of the tokens on a chain are. */
function createTokenMeters(chain: ChainConfig, parts: Parts, { tokens }: Network): readonly TokenMeter[] {
  const metrics = createTokenMetrics(parts.registry);
  return Object.entries(tokens).flatMap(([token, { sides }]) => {
    const side = sides[chain.name];
    if (side === undefined) return [];
    const others = parts.chains.filter(({ name }) => name !== chain.name && sides[name] !== undefined);
    const counterparts = new Map(others.map(({ name, chainId }) => [name, chainId]));
    const bridge = new TokenBridgeReader(side.bridge, parts.rpc(chain.chainId));
    const { name, deploymentBlock } = chain;
    return [
      new TokenMeter(
        { token, chain: name, deploymentBlock, counterparts },
        { bridge, metrics, clock: systemClock },
      ),
    ];
  });
}

/** The home chain's watcher follows the registry of validator sets, too. */
function createRotator(
  chain: ChainConfig,
  parts: Parts,
  { redriveMilliseconds }: Network,
): Rotator | undefined {
  const { sets, destinations, queues, logger } = parts;
  if (sets?.home.chainId !== chain.chainId) return undefined;
  return new Rotator(
    { redriveMilliseconds },
    {
      sets,
      destinations,
      requestAttestations: async (point) => {
        const { members } = requireEd25519(await parts.destination(point.destinationChainId).validatorSet());
        await Promise.all(
          members.map((key) => queues.add(attestQueue(key), setJobId(point), pointSchema, point)),
        );
      },
      clock: systemClock,
      logger,
    },
  );
}

import { RedisCursors, RedisRequests } from "../bridge/adapters/redis-cursors.ts";
import { RedisAttestations } from "../bridge/adapters/redis-stores.ts";
import { requireEd25519 } from "../bridge/worker/scheme.ts";
import { Rotator } from "../bridge/worker/rotator.ts";
import { Watcher } from "../bridge/worker/watcher.ts";
import type { Point } from "../domain/bridge.ts";
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
import type { CommandContext } from "./context.ts";
import type { Parts } from "./parts.ts";

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
  const validators = async (point: Point) =>
    requireEd25519(await parts.destination(point.destinationChainId).validatorSet()).members;
  const watcher = new Watcher(
    { redriveMilliseconds: network.redriveMilliseconds },
    {
      origin: parts.origin(chain.chainId),
      destinations: parts.destinations,
      cursors: new RedisCursors(redis),
      requests: new RedisRequests(redis),
      requestAttestations: async (point) => {
        const members = await validators(point);
        await Promise.all(
          members.map((key) => queues.add(attestQueue(key), pointJobId(point), pointSchema, point)),
        );
      },
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
  const rotator = createRotator(chain, parts, network);
  const tick = async () => {
    await watcher.tick(signal);
    await rotator?.tick();
  };
  const running = repeat(tick, chain.pollMilliseconds, { logger, clock: systemClock, signal });
  return Promise.resolve(() => running);
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

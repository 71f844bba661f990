import { InboxDeliverer } from "../bridge/adapters/deliverer.ts";
import { RedisAttestations } from "../bridge/adapters/redis-stores.ts";
import { InboxRotator } from "../bridge/adapters/set-deliverer.ts";
import { setLane } from "../bridge/core/rotation.ts";
import { createDeliveryMetrics } from "../bridge/metrics.ts";
import type { AttestationStore } from "../bridge/ports.ts";
import { Aggregator } from "../bridge/worker/aggregator.ts";
import { Sender } from "../bridge/worker/sender.ts";
import { SetSender } from "../bridge/worker/set-sender.ts";
import {
  attestationQueue,
  attestationSchema,
  deliverQueue,
  pointJobId,
  pointSchema,
} from "../domain/jobs.ts";
import { batchOf, type ChainConfig } from "../domain/network.ts";
import { systemClock } from "../platform/clock.ts";
import type { QueueWork } from "../platform/queues.ts";
import type { TransactionSender } from "../platform/transaction-sender.ts";
import type { CommandContext } from "./context.ts";
import { openOwnedSender } from "./owned-sender.ts";
import type { Parts } from "./parts.ts";

/** How many attestations one aggregator works on at the same time. */
const AGGREGATOR_CONCURRENCY = 16;
/** One delivery a lane at a time. A standby leaves the jobs to whoever holds the key. */
const DELIVERIES = { concurrency: 1, isPaused: true } as const;

/**
 * The role `sender`: collects attestations for one chain, and delivers there what has a quorum.
 * @returns what ends it, once what is under way is through
 * @throws ConfigurationError `KEY_FILE` or `TRANSACTION_JOURNAL`
 */
export function startSender(
  chain: ChainConfig,
  parts: Parts,
  { network, signal }: CommandContext,
): Promise<() => Promise<void>> {
  const attestations = new RedisAttestations(parts.redis);
  const whose = `the sender on chain ${chain.name}`;
  const { senderKeyFile: keyFile, mostGasPrice } = chain;
  const owned = openOwnedSender({ chain, keyFile, whose, mostGasPrice }, parts, network);
  const work = { chain, parts, attestations, transactions: owned.transactions, signal };
  const works = [...deliverLanes(work), ...rotateSets(work)];
  const giveUp = owned.start((mayUse) => {
    for (const each of works)
      if (mayUse) each.resume();
      else void each.pause();
  }, signal);
  aggregate(work);
  return Promise.resolve(async () => {
    await parts.queues.close();
    await giveUp();
  });
}

/** What the parts of a sender share. */
type Work = {
  readonly chain: ChainConfig;
  readonly parts: Parts;
  readonly attestations: AttestationStore;
  readonly transactions: TransactionSender;
  readonly signal: AbortSignal;
};

function aggregate({ chain, parts, attestations }: Work): void {
  const { sets, queues } = parts;
  const aggregator = new Aggregator({
    destination: parts.destination(chain.chainId),
    attestations,
    setLane: sets && setLane(sets.home, chain.chainId).id,
    requestDelivery: (point) => queues.add(deliverQueue(point.lane), pointJobId(point), pointSchema, point),
  });
  queues.work(
    attestationQueue(chain.chainId),
    attestationSchema,
    ({ point, ...rest }, job) =>
      aggregator.collect(
        point,
        { ...rest, lane: point.lane, nonce: point.nonce, accumulator: point.accumulator },
        job,
      ),
    { concurrency: AGGREGATOR_CONCURRENCY },
  );
}

function deliverLanes({ chain, parts, attestations, transactions, signal }: Work): QueueWork[] {
  const metrics = createDeliveryMetrics(parts.registry);
  const deliverer = new InboxDeliverer(chain.inbox, transactions, (gas) => {
    metrics.gasPerMessage.observe({ chain: chain.name }, gas);
  });
  const destination = parts.destination(chain.chainId);
  return [...parts.origins.values()].flatMap((origin) => {
    const lane = origin.lanes.find(({ destinationChainId }) => destinationChainId === chain.chainId);
    if (lane === undefined) return [];
    const services = { origin, destination, attestations, deliverer, clock: systemClock };
    const sender = new Sender(lane, batchOf(chain), services);
    return parts.queues.work(
      deliverQueue(lane.id),
      pointSchema,
      (point, job) => sender.deliver(point, { ...job, signal }),
      DELIVERIES,
    );
  });
}

function rotateSets({ chain, parts, attestations, transactions, signal }: Work): QueueWork[] {
  const { sets, queues } = parts;
  if (sets === undefined) return [];
  const destination = parts.destination(chain.chainId);
  const deliverer = new InboxRotator(chain.inbox, transactions);
  const sender = new SetSender({ sets, destination, attestations, deliverer });
  return [
    queues.work(
      deliverQueue(setLane(sets.home, chain.chainId).id),
      pointSchema,
      (point, job) => sender.rotate(point, { ...job, signal }),
      DELIVERIES,
    ),
  ];
}

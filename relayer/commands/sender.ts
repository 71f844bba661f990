import { Participation } from "../bridge/core/participation.ts";
import { InboxDeliverer } from "../bridge/adapters/deliverer.ts";
import { RedisAttestations } from "../bridge/adapters/redis-stores.ts";
import { InboxRotator } from "../bridge/adapters/set-deliverer.ts";
import { digestOf } from "../domain/attestation.ts";
import { setLane } from "../bridge/core/rotation.ts";
import { createAttestationMetrics, createDeliveryMetrics } from "../bridge/metrics.ts";
import type { AttestationStore, Deliverer } from "../bridge/ports.ts";
import { Aggregator } from "../bridge/worker/aggregator.ts";
import { Sender } from "../bridge/worker/sender.ts";
import { SetSender } from "../bridge/worker/set-sender.ts";
import type { Attestation } from "../domain/bridge.ts";
import type { LaneId } from "../domain/ids.ts";
import {
  attestationQueue,
  attestationSchema,
  deliverQueue,
  pointJobId,
  pointSchema,
  WATCH_QUEUE,
  watchedSchema,
  watchJobId,
} from "../domain/jobs.ts";
import { batchOf, type ChainConfig } from "../domain/network.ts";
import { systemClock } from "../platform/clock.ts";
import type { Queues, QueueWork } from "../platform/queues.ts";
import { inSpan } from "../platform/tracing.ts";
import type { TransactionSender } from "../platform/transaction-sender.ts";
import { createTransactionMetrics } from "../platform/transactions/metrics.ts";
import type { CommandContext } from "./context.ts";
import { openOwnedSender } from "./owned-sender.ts";
import type { Parts } from "./parts.ts";

/**
 * How many attestations one aggregator works on at the same time. Each asks Redis half a dozen things, one after the other: with sixteen, half a
 * second more for every answer let fewer through than came.
 */
const AGGREGATOR_CONCURRENCY = 64;
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
  const metrics = createTransactionMetrics(parts.registry);
  const owned = openOwnedSender({ chain, keyFile, whose, mostGasPrice, metrics }, parts, network);
  const isWatched = network.home?.watchtower !== undefined;
  const work = { chain, parts, attestations, transactions: owned.transactions, isWatched, signal };
  const senders = sendersOf(work);
  const works = [...deliverLanes(senders, work), ...rotateSets(work)];
  const giveUp = owned.start((mayUse) => {
    for (const each of works)
      if (mayUse) each.resume();
      else void each.pause();
  }, signal);
  aggregate(senders, work);
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
  /** Whether there is a watchtower. Without one, what it should see would heap up. */
  readonly isWatched: boolean;
  readonly signal: AbortSignal;
};

/** The senders of the lanes that end on the chain. */
type Senders = ReadonlyMap<LaneId, Sender>;

function aggregate(senders: Senders, { chain, parts, attestations, isWatched }: Work): void {
  const metrics = createAttestationMetrics(parts.registry);
  const participation = new Participation();
  const { sets, queues } = parts;
  const aggregator = new Aggregator({
    destination: parts.destination(chain.chainId),
    attestations,
    setLane: sets && setLane(sets.home, chain.chainId).id,
    // The newest delivers what the others ask for, too: of those, nothing is left to do then.
    requestDelivery: (point) => {
      senders.get(point.lane)?.noteQuorum(point);
      return queues.add(deliverQueue(point.lane), pointJobId(point), pointSchema, point, { isNext: true });
    },
    watch: isWatched ? (attestation) => showWatchtower(queues, attestation) : undefined,
    onSeen: (seen, members) => {
      participation.hear(seen, members, Date.now());
      metrics.behind.reset();
      for (const [validator, behind] of participation.behind())
        metrics.behind.set({ chain: chain.name, validator }, behind / 1_000);
    },
    onCounted: (validator) => {
      metrics.attestations.inc({ chain: chain.name, validator });
    },
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

function showWatchtower(queues: Queues, attestation: Attestation): Promise<void> {
  const id = watchJobId(digestOf(attestation), attestation.validator);
  return queues.add(WATCH_QUEUE, id, watchedSchema, attestation);
}

function sendersOf({ chain, parts, attestations, transactions }: Work): Senders {
  const metrics = createDeliveryMetrics(parts.registry);
  const inbox = new InboxDeliverer(chain.inbox, transactions, (gas) => {
    metrics.gasPerMessage.observe({ chain: chain.name }, gas);
  });
  const deliverer: Deliverer = {
    deliver: (lane, delivery, quorum, ending) =>
      inSpan("deliver", { "dchat.lane": lane.id }, async (span) => {
        span.setAttribute(
          "dchat.message_ids",
          delivery.messages.map(({ id }) => id),
        );
        const result = await inbox.deliver(lane, delivery, quorum, ending);
        if (typeof result === "string") span.setAttribute("dchat.outcome", result);
        else span.setAttribute("dchat.transaction_hash", result.transactionHash);
        return result;
      }),
  };
  const destination = parts.destination(chain.chainId);
  const lanes = [...parts.origins.values()].flatMap((origin) => {
    const lane = origin.lanes.find(({ destinationChainId }) => destinationChainId === chain.chainId);
    if (lane === undefined) return [];
    const services = { origin, destination, attestations, deliverer, clock: systemClock };
    return [[lane.id, new Sender(lane, batchOf(chain), services)] as const];
  });
  return new Map(lanes);
}

function deliverLanes(senders: Senders, { parts, signal }: Work): QueueWork[] {
  return [...senders].map(([lane, sender]) =>
    parts.queues.work(
      deliverQueue(lane),
      pointSchema,
      (point, job) => sender.deliver(point, { ...job, signal }),
      DELIVERIES,
    ),
  );
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

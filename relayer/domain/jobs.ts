import { z } from "zod";
import type { LogPosition, Point } from "./bridge.ts";
import {
  chainId,
  hash,
  type Hash,
  integer,
  laneId,
  type LaneId,
  messageId,
  publicKey,
  type PublicKey,
  signature,
} from "./ids.ts";

const position = z.object({
  blockNumber: z.number().int().nonnegative(),
  blockHash: hash,
  transactionHash: hash,
  logIndex: z.number().int().nonnegative(),
});

/** A {@link Point} as it travels through queues. */
export const pointSchema = z.object({
  lane: laneId,
  originChainId: chainId,
  destinationChainId: chainId,
  messageId,
  nonce: integer,
  accumulator: hash,
  position,
});

/** An attestation and the point that it is about, as it travels from a signer to an aggregator. */
export const attestationSchema = z.object({
  point: pointSchema,
  domain: hash,
  epoch: integer,
  validator: publicKey,
  signature,
});

/** What a validator signed, as it travels from an aggregator to the watchtower. */
export const watchedSchema = z.object({
  domain: hash,
  lane: laneId,
  nonce: integer,
  accumulator: hash,
  epoch: integer,
  validator: publicKey,
  signature,
});

/** The id of everything that follows from one origin log: the same whoever finds it, and however often. */
export function jobId(originChainId: number, { transactionHash, logIndex }: LogPosition): string {
  return `${originChainId}-${transactionHash}-${logIndex}`;
}

/** {@link jobId} of a point. */
export function pointJobId(point: Point): string {
  return jobId(point.originChainId, point.position);
}

/** The job that asks for attestations of a set: one log is a point of the lanes to all destinations. */
export function setJobId(point: Point): string {
  return `${pointJobId(point)}-to-${point.destinationChainId}`;
}

/** The id of one validator's attestation to a point. */
export function attestationJobId(point: Point, validator: PublicKey): string {
  return `${pointJobId(point)}-${validator.slice(2, 18)}`;
}

/** The queue in which a validator's signer finds the points that it is asked to attest to. */
export function attestQueue(validator: PublicKey): string {
  return `attest-${validator.slice(2, 18)}`;
}

/** The queue in which a destination's aggregator finds attestations. */
export function attestationQueue(destinationChainId: number): string {
  return `attestations-${destinationChainId}`;
}

/** The queue in which a lane's sender finds points that have a quorum. */
export function deliverQueue(lane: LaneId): string {
  return `deliver-${lane.slice(2, 18)}`;
}

/** The queue in which the watchtower finds everything that validators have signed. */
export const WATCH_QUEUE = "watch";

/** The queue that asks the alerting role to evaluate its rules; one job, again and again. */
export const ALERT_EVALUATE_QUEUE = "alert-evaluate";

/** A request to evaluate all rules that are due. */
export const alertEvaluateSchema = z.object({});

/** The queue that asks the alerting role to look into its outbox. */
export const ALERT_NOTIFY_QUEUE = "alert-notify";

/** A request to send what waits for a receiver. The outbox is the alerting role's own; the job only wakes it. */
export const alertNotifySchema = z.object({ receiver: z.string() });

/** One job a receiver, however many notifications wait for it. Names may hold what ids of jobs may not. */
export function alertNotifyJobId(receiver: string): string {
  return `notify-${Buffer.from(receiver).toString("hex")}`;
}

/** The queue in which a chaos controller finds the runs that were asked for. */
export const CHAOS_QUEUE = "chaos";

/** A run to be done. What it is stands in the controller's own store; the job only wakes it. */
export const chaosRunSchema = z.object({ run: z.string().min(1).max(200) });

/** The id of what one validator signed, by the digest of that: one job, however many signatures there are over it. */
export function watchJobId(digest: Hash, validator: PublicKey): string {
  return `${digest.slice(2)}-${validator.slice(2, 18)}`;
}

import type { Message } from "../../domain/bridge.ts";

/** When what waits is delivered: as soon as the first of these is reached. */
export type BatchRule = {
  /** How long the oldest message may wait for others. */
  readonly ageMilliseconds: number;
  readonly size: number;
  readonly gas: number;
};

/** The signature check, the validator set and the transaction itself, which every delivery pays once. */
const DELIVERY_GAS = 800_000n;
/** What the Inbox spends on a message beside the gas that the message asks for. */
const MESSAGE_GAS = 60_000n;
/** EIP-2028: a byte of calldata that is not zero. */
const CALLDATA_GAS = 16n;

/** At most, and usually far too much: only the size of batches hangs on it; the node's own estimate decides about sending. */
function gasOfOne({ gasLimit, payload }: Message): bigint {
  const bytes = BigInt((payload.length - 2) / 2);
  return gasLimit + MESSAGE_GAS + bytes * CALLDATA_GAS;
}

/** What messages are expected to take of the gas that they may: the share is never taken for less. */
const LEAST_SHARE = 0.1;
/** How much more than the last time a message may take before a batch comes out too big. */
const SHARE_MARGIN = 1.25;

/**
 * What messages take of the gas that they may take, as a share of 1: messages of a lane are much alike, and most ask for far more
 * than they use. A guess that is too low costs a simulation; one that is too high, half-empty transactions.
 * @param gasUsed what the delivery of `messages` took in all
 */
export function gasShare(messages: readonly Message[], gasUsed: bigint): number {
  const most = messages.reduce((sum, message) => sum + gasOfOne(message), 0n);
  return Math.min(1, Math.max(LEAST_SHARE, (Number(gasUsed) / Number(most)) * SHARE_MARGIN));
}

/**
 * How much gas a delivery should get by experience: what it is expected to take, and beside it what the greediest message has to
 * find left when its turn comes (the Inbox keeps a 64th of it back, EIP-150).
 */
export function gasBound(messages: readonly Message[], share: number): bigint {
  const most = messages.reduce((sum, message) => sum + gasOfOne(message), 0n);
  const greediest = messages.reduce((limit, { gasLimit }) => (gasLimit > limit ? gasLimit : limit), 0n);
  return DELIVERY_GAS + (most * perMilleOf(share)) / 1_000n + (greediest * 64n) / 63n;
}

const perMilleOf = (share: number) => BigInt(Math.ceil(share * 1_000));

/** What is known of a lane when a batch is cut. */
export type BatchFacts = {
  /** How long the oldest waiting message has waited, in milliseconds. */
  readonly waited: number;
  /** Whether more wait than are at hand: then it never pays to wait. */
  readonly isMoreBehind: boolean;
  /** {@link gasShare} of the last delivery; 1 before there was one. */
  readonly share: number;
};

/** How many of the waiting messages to deliver now: 0 while it pays to wait for more. */
export function dueCount(
  messages: readonly Message[],
  { waited, isMoreBehind, share }: BatchFacts,
  rule: BatchRule,
): number {
  const perMille = perMilleOf(share);
  let gas = DELIVERY_GAS;
  let count = 0;
  for (const message of messages) {
    gas += (gasOfOne(message) * perMille) / 1_000n;
    if (count > 0 && (count === rule.size || gas > BigInt(rule.gas))) return count;
    count++;
  }
  const isFull = count >= rule.size || gas >= BigInt(rule.gas);
  return isFull || isMoreBehind || waited >= rule.ageMilliseconds ? count : 0;
}

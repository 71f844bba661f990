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

/** Roughly, and rather too much: only the size of batches hangs on it; the node's own estimate decides about sending. */
function gasOfOne({ gasLimit, payload }: Message): bigint {
  const bytes = BigInt((payload.length - 2) / 2);
  return gasLimit + MESSAGE_GAS + bytes * CALLDATA_GAS;
}

/**
 * How many of the waiting messages to deliver now: 0 while it pays to wait for more.
 * @param waited how long the oldest of them has waited, in milliseconds
 */
export function dueCount(messages: readonly Message[], waited: number, rule: BatchRule): number {
  let gas = DELIVERY_GAS;
  let count = 0;
  for (const message of messages) {
    gas += gasOfOne(message);
    if (count > 0 && (count === rule.size || gas > BigInt(rule.gas))) return count;
    count++;
  }
  const isFull = count >= rule.size || gas >= BigInt(rule.gas);
  return isFull || waited >= rule.ageMilliseconds ? count : 0;
}

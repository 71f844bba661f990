import type { Attempt, Slot } from "./core.ts";

/** A signed transaction as a journal keeps it. `calldata` and `to` are those of the call that the nonce is meant for. */
export type RecordedAttempt = Attempt & {
  /** The signed bytes, so that the very same transaction can be broadcast again. */
  readonly raw: string;
  readonly gasLimit: bigint;
  readonly to: string;
  readonly data: string;
};

/** A nonce as a journal keeps it. */
export type RecordedSlot = Slot<RecordedAttempt>;

/**
 * Remembers, on a disk, every transaction that one key signed on one chain, until its nonce is final.
 *
 * Each write names the fencing token of its writer and fails if a higher one was ever seen: whoever lost the lock on the key,
 * and does not know it, changes nothing here. All methods answer once what they wrote is durable.
 */
export interface TransactionJournal {
  /** The highest token that was ever seen. */
  highestToken(): number;
  /** Makes `token` the highest. @throws RetryableError `NOT_OWNER` when there is a higher one */
  claim(token: number): void;
  /** Every nonce that is kept, lowest first. */
  slots(): readonly RecordedSlot[];
  /** Writes a nonce with all of its attempts. @throws RetryableError `NOT_OWNER` */
  write(slot: RecordedSlot, token: number): void;
  /** Makes sure, before something is broadcast, that nobody has a higher token. @throws RetryableError `NOT_OWNER` */
  check(token: number): void;
  close(): void;
}

import type { Statement } from "../../domain/bridge.ts";
import type { Hash } from "../../domain/ids.ts";

/**
 * What a signer remembers of one (validator, domain, lane, nonce). Without an accumulator it is closed: something was signed
 * there that is not known, or two things were, so nothing may be signed there any more.
 */
export type SignedRecord = { readonly accumulator: Hash | undefined };

/** What a signer remembers that bears on one statement. */
export type Memory = {
  /** What was signed at the statement's nonce. */
  readonly record: SignedRecord | undefined;
  /** The highest nonce of the (validator, domain, lane) that an import has closed; 0 if there was none. */
  readonly lowWaterMark: bigint;
};

/** Whether a statement may be signed. */
export type Decision =
  | { readonly kind: "sign" }
  /** `signed` is missing where it is not known. */
  | { readonly kind: "conflict"; readonly signed: Hash | undefined }
  | { readonly kind: "below-mark"; readonly lowWaterMark: bigint };

/**
 * The rule that keeps a validator from being slashed for double signing: one accumulator for a (domain, lane, nonce), in
 * whatever epoch, for ever; and nothing new at or below a low-water mark. The same accumulator may be signed again, for a later
 * epoch or because an answer was lost.
 *
 * It is EIP-3076's complete condition for what is recorded, and its stricter minimal one below an import.
 */
export function decide({ nonce, accumulator }: Statement, { record, lowWaterMark }: Memory): Decision {
  if (record !== undefined)
    return record.accumulator === accumulator
      ? { kind: "sign" }
      : { kind: "conflict", signed: record.accumulator };
  return nonce <= lowWaterMark ? { kind: "below-mark", lowWaterMark } : { kind: "sign" };
}

/**
 * What is remembered when two memories of one place meet. Nothing that either of them refuses becomes possible: two different
 * accumulators close the place, and what is closed stays closed.
 */
export function mergeRecords(known: SignedRecord | undefined, other: SignedRecord): SignedRecord {
  return known === undefined || known.accumulator === other.accumulator ? other : { accumulator: undefined };
}

import type { Statement } from "../../domain/bridge.ts";
import type { Hash } from "../../domain/ids.ts";

/** What a signer remembers of a (domain, lane, nonce) that it once signed. */
export type SignedRecord = Pick<Statement, "accumulator">;

/** Whether a statement may be signed, given what was signed before for the same (domain, lane, nonce). */
export type Decision = { readonly kind: "sign" } | { readonly kind: "conflict"; readonly signed: Hash };

/**
 * The rule that keeps a validator from being slashed for double signing: one accumulator for a (domain, lane, nonce), in
 * whatever epoch, for ever. The same accumulator may be signed again, for a later epoch or because an answer was lost.
 */
export function decide(statement: Statement, signed: SignedRecord | undefined): Decision {
  if (signed === undefined || signed.accumulator === statement.accumulator) return { kind: "sign" };
  return { kind: "conflict", signed: signed.accumulator };
}

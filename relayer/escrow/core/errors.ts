import type { EscrowId, Hex, State } from "./types.ts";

/**
 * Why an operation is refused: the contract's custom errors, by name, their arguments in order.
 * IEscrowErrors.sol says what each means.
 */
export type EscrowError =
  | { readonly code: "AmountOutOfRange"; readonly actual: bigint; readonly min: bigint; readonly max: bigint }
  | { readonly code: "InvalidAccount"; readonly account: Hex }
  | { readonly code: "InvalidArbiter"; readonly arbiter: Hex }
  | { readonly code: "InvalidRules"; readonly rules: bigint }
  | { readonly code: "InvalidPayee"; readonly index: bigint; readonly payee: Hex }
  | { readonly code: "NoPayee" }
  | { readonly code: "PayeesUnsorted"; readonly index: bigint; readonly actual: Hex; readonly previous: Hex }
  | { readonly code: "SharesSum"; readonly actual: bigint; readonly expected: bigint }
  | { readonly code: "ShareTooLarge"; readonly actual: bigint; readonly max: bigint }
  | { readonly code: "DeadlineTooEarly"; readonly actual: bigint; readonly earliest: bigint }
  | { readonly code: "DeadlineTooLate"; readonly actual: bigint; readonly latest: bigint }
  | { readonly code: "MalformedTerms" }
  | { readonly code: "MilestonesSum"; readonly actual: bigint; readonly expected: bigint }
  | { readonly code: "LastMilestone"; readonly actual: bigint; readonly expected: bigint }
  | { readonly code: "AlreadyExists"; readonly id: EscrowId; readonly actual: State }
  | { readonly code: "NotOpen"; readonly id: EscrowId; readonly actual: State }
  | { readonly code: "WrongState"; readonly id: EscrowId; readonly actual: State; readonly expected: State }
  | { readonly code: "WindowClosed"; readonly actual: bigint; readonly deadline: bigint }
  | { readonly code: "NotDue"; readonly actual: bigint; readonly dueAt: bigint }
  | { readonly code: "Unauthorized"; readonly actual: Hex; readonly expected: Hex }
  | { readonly code: "NotParty"; readonly actual: Hex; readonly buyer: Hex; readonly seller: Hex };

export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: EscrowError };

export function accept<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function refuse(error: EscrowError): { readonly ok: false; readonly error: EscrowError } {
  return { ok: false, error };
}

import type { KnownEscrow } from "./ledger.ts";

/** `Escrow.MAX_BATCH`: the most items that `processExpirations` takes. */
export const MAX_BATCH = 100;

/** BatchLib's caps: what one item may spend, by the number of its payees, and what EIP-150 wants on top. */
const ITEM_GAS = 100_000n;
const PAYMENT_GAS = 220_000n;
const OTHER_PAYMENTS = 2n;

/** The most gas that one item can take from a batch. */
export function mostGasOf({ terms }: KnownEscrow): bigint {
  const cap = ITEM_GAS + (BigInt(terms.payees.length) + OTHER_PAYMENTS) * PAYMENT_GAS;
  return cap + cap / 63n;
}

/**
 * The first of `due` that fit into one call even if every item takes all that it may; at least one, if there is any.
 * @param mostGas what the call may take
 */
export function planBatch(due: readonly KnownEscrow[], mostGas: bigint): readonly KnownEscrow[] {
  const batch: KnownEscrow[] = [];
  let gas = 0n;
  for (const item of due.slice(0, MAX_BATCH)) {
    gas += mostGasOf(item);
    if (batch.length > 0 && gas > mostGas) break;
    batch.push(item);
  }
  return batch;
}

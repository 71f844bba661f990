import type { Hex, Payee, Payment } from "./types.ts";
import { portion } from "./windows.ts";

/** An amount split by shares, each part rounded down; the last payee takes the rest. Nothing is not paid. */
export function split(payees: readonly Payee[], amount: bigint): readonly Payment[] {
  const first = payees
    .slice(0, -1)
    .map(({ account, share }) => ({ to: account, amount: portion(amount, share) }));
  const left = first.reduce((rest, part) => rest - part.amount, amount);
  const last = payees.slice(-1).map(({ account }) => ({ to: account, amount: left }));
  return [...first, ...last].filter((payment) => payment.amount > 0n);
}

/** One payment, or none if there is nothing to pay. */
export function single(to: Hex, amount: bigint): readonly Payment[] {
  return amount > 0n ? [{ to, amount }] : [];
}

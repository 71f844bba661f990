import { parseAmount } from "../../../relayer/domain/amount.ts";
import { explain } from "../../../relayer/domain/errors.ts";
import type { LaneTermsView } from "../../../relayer/api/wallet-schema.ts";
import { showAmount, showSpan } from "../../shared/core/format.ts";

/** What is known while somebody types an amount; `undefined` for what is not known yet. Amounts in the smallest unit. */
export type AmountFacts = {
  readonly text: string;
  readonly decimals: number;
  readonly symbol: string;
  readonly balance: bigint | undefined;
  readonly terms: LaneTermsView | undefined;
};

/** What the field says: nothing yet, an amount with notices that do not hinder it, or why it cannot be sent. */
export type AmountState =
  | { readonly kind: "empty" }
  | { readonly kind: "ready"; readonly amount: bigint; readonly notices: readonly string[] }
  | { readonly kind: "refused"; readonly message: string };

/** Judges an amount before anything is asked of a wallet. The first thing that stands against it is said. */
export function judgeAmount({ text, decimals, symbol, balance, terms }: AmountFacts): AmountState {
  const trimmed = text.trim();
  if (trimmed === "") return { kind: "empty" };
  let amount: bigint;
  try {
    amount = parseAmount(trimmed, decimals);
  } catch (error) {
    return { kind: "refused", message: explain(error) };
  }
  const show = (value: bigint) => showAmount(value, decimals, symbol);
  if (balance !== undefined && amount > balance)
    return { kind: "refused", message: `You have ${show(balance)}. Nothing was sent; choose less.` };
  if (terms === undefined) return { kind: "ready", amount, notices: [] };
  const refusal = refusalOf(amount, terms, show);
  if (refusal !== undefined) return { kind: "refused", message: refusal };
  return { kind: "ready", amount, notices: noticesOf(amount, terms, show) };
}

/** The most that can be sent now: what one has, as far as the limit lets it pass. */
export function mostSendable(balance: bigint, { outgoing, unit }: LaneTermsView): bigint {
  const least = balance < outgoing.available ? balance : outgoing.available;
  return least - (least % unit);
}

function refusalOf(
  amount: bigint,
  { outgoing, from, unit, pausedUntil }: LaneTermsView,
  show: (amount: bigint) => string,
): string | undefined {
  if (pausedUntil.origin > 0)
    return `The bridge on ${from} is paused. Your money stays in your wallet; the pause ends by itself.`;
  if (amount < unit)
    return `That is less than ${show(unit)}, the smallest amount that can cross. Nothing was sent.`;
  if (amount > outgoing.capacity)
    return `No transfer can be larger than ${show(outgoing.capacity)}. Nothing was sent; send it in parts.`;
  if (amount > outgoing.available)
    return `Only ${show(outgoing.available)} may leave ${from} now; the limit refills within ${showSpan(outgoing.windowSeconds)}. Nothing was sent.`;
  return undefined;
}

function noticesOf(
  amount: bigint,
  { incoming, to, unit, delay, pausedUntil }: LaneTermsView,
  show: (amount: bigint) => string,
): readonly string[] {
  const notices: string[] = [];
  const dust = amount % unit;
  if (dust > 0n) notices.push(`${show(dust)} are too small to cross and stay in your wallet.`);
  if (amount >= delay.threshold)
    notices.push(
      `From ${show(delay.threshold)} on a transfer waits ${showSpan(delay.seconds)} on ${to} before it is paid, so that a forged one can be stopped.`,
    );
  if (amount > incoming.available)
    notices.push(
      `Only ${show(incoming.available)} may arrive on ${to} now. The rest of the way may take until that limit has refilled; the money is not lost meanwhile.`,
    );
  if (pausedUntil.destination > 0)
    notices.push(`The bridge on ${to} is paused, so that the money arrives when the pause has ended.`);
  return notices;
}

import { formatAmount } from "../../../relayer/domain/amount.ts";

/** Numbers, times and ids as people read them, in the language of their browser. */

const amounts = new Intl.NumberFormat(undefined, { maximumFractionDigits: 36, useGrouping: true });
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** An amount in the smallest unit with its symbol: no digit is lost, for it is money. */
export function showAmount(amount: bigint, decimals: number, symbol: string): string {
  // The exact digits as text: a number would round them.
  const text = formatAmount(amount, decimals) as Intl.StringNumericLiteral;
  return `${amounts.format(text)} ${symbol}`;
}

const rough = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });

/** An amount that is a guess anyway, such as a fee: three digits of it. */
export function showRoughly(amount: bigint, decimals: number, symbol: string): string {
  return `${rough.format(formatAmount(amount, decimals) as Intl.StringNumericLiteral)} ${symbol}`;
}

/** A moment in the reader's zone. @param seconds Unix seconds */
export function showMoment(seconds: number | bigint): string {
  return moments.format(new Date(Number(seconds) * 1_000));
}

/** `0x1234…abcd` */
export function shorten(hex: string, front = 6, back = 4): string {
  return hex.length <= front + back + 1 ? hex : `${hex.slice(0, front)}…${hex.slice(-back)}`;
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** From so many on, days alone are said: nobody counts the hours of a year. */
const DAYS_ALONE = 10;

/** A span by its largest units, such as `2 days 3 hours`. @param seconds not negative @param most how many units */
export function showSpan(seconds: number, most = 2): string {
  const whole = Math.max(0, Math.floor(seconds));
  const first = UNITS.findIndex(([, size]) => whole >= size);
  if (first === -1) return unit(0, "second");
  const days = Math.floor(whole / 86_400);
  if (days >= DAYS_ALONE) return unit(days, "day");
  let rest = whole;
  const parts: string[] = [];
  for (const [name, size] of UNITS.slice(first, first + most)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(unit(count, name));
  }
  return parts.join(" ");
}

/** How long until a moment, or since it. @param at Unix seconds @param now Unix seconds @param most how many units are said */
export function showCountdown(at: number, now: number, most = 2): string {
  return at > now ? `in ${showSpan(at - now, most)}` : `${showSpan(now - at, most)} ago`;
}

function unit(count: number, name: "day" | "hour" | "minute" | "second"): string {
  return new Intl.NumberFormat(undefined, { style: "unit", unit: name, unitDisplay: "long" }).format(count);
}

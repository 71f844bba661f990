import type { HistoryView } from "../../../relayer/api/operator-schema.ts";
import { showSpan } from "../../shared/core/format.ts";

/** Measured values as charts and people read them. What was not measured stays so: null, never zero. */

const numbers = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });
const ticks = new Intl.NumberFormat(undefined, { notation: "compact", maximumSignificantDigits: 3 });
const wholes = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });

/** What is shown where nothing is known. */
export const UNKNOWN = "–";

export function showNumber(value: number | null | undefined): string {
  return value == null ? UNKNOWN : numbers.format(value);
}

/** As narrow as an axis is: 200K. */
export function showTick(value: number): string {
  return ticks.format(value);
}

export function showCount(value: number | bigint | null | undefined): string {
  return value == null ? UNKNOWN : wholes.format(value);
}

/** A short span: fractions of a second, too. @param seconds null where it is not known */
export function showSeconds(seconds: number | null | undefined): string {
  if (seconds == null) return UNKNOWN;
  if (seconds < 1) return `${wholes.format(seconds * 1_000)} ms`;
  return seconds < 60 ? `${numbers.format(seconds)} s` : showSpan(seconds);
}

/** A series of a chart. */
export type Series = { readonly name: string; readonly values: readonly (number | null)[] };
export type ChartData = { readonly times: readonly number[]; readonly series: readonly Series[] };

/**
 * The series of a history that a chart shows. Times in Unix seconds.
 * @param names a series' name in the history and before people; a name that ends in `:` stands for all that begin so
 */
export function chartData(
  { times, series }: HistoryView,
  names: Readonly<Record<string, string>>,
): ChartData {
  const chosen = Object.entries(names).flatMap(([name, label]) =>
    name.endsWith(":")
      ? Object.keys(series)
          .filter((each) => each.startsWith(name))
          .sort()
          .map((each) => ({ name: `${label}${each.slice(name.length)}`, values: series[each] ?? [] }))
      : [{ name: label, values: series[name] ?? [] }],
  );
  return { times: times.map((at) => at / 1_000), series: chosen };
}

/** A series in one sentence, for whoever does not see the chart. */
export function summaryOf({ name, values }: Series, unit: string): string {
  const known = values.filter((value) => value !== null);
  const last = values.at(-1);
  if (known.length === 0) return `${name}: nothing was measured.`;
  const most = known.reduce((a, b) => Math.max(a, b));
  return `${name}: now ${last == null ? "not known" : `${showNumber(last)} ${unit}`}, at most ${showNumber(most)} ${unit}.`;
}

import { table } from "../../relayer/platform/table.ts";
import { type Comparison, findFaults, type Limit } from "./compare.ts";

const HEAD = ["figure", "ours", "peer", "by", "limit", "aim", "verdict", "ours:peer", "ours:limit"];

/** As people write it: at most three digits behind the point. */
export function sayNumber(value: number): string {
  return value.toLocaleString("en");
}

/** `≤ 78,000`, `≥ 300`, or nothing. */
export function sayLimit({ max, min }: Limit): string {
  const said = [
    ...(max === undefined ? [] : [`≤ ${sayNumber(max)}`]),
    ...(min === undefined ? [] : [`≥ ${sayNumber(min)}`]),
  ];
  return said.join(", ");
}

/** Whether the limit holds, and the aim where there is one; nothing where there is no limit. */
export function sayVerdict({ verdict, meetsAim }: Comparison): string {
  if (verdict === "no limit") return "";
  if (verdict !== "met" || meetsAim === undefined) return verdict;
  return meetsAim ? "met, and the aim" : "met, not the aim";
}

/** The table of one benchmark, a row for each figure. */
export function tableOf(comparisons: readonly Comparison[]): string {
  return table(HEAD, comparisons.map(rowOf));
}

function rowOf(comparison: Comparison): readonly string[] {
  const { key, ours, limit, peers, toPeer, toLimit } = comparison;
  const number = (value: number | undefined) => (value === undefined ? "" : sayNumber(value));
  const ratio = (value: number | undefined) => value?.toFixed(2) ?? "";
  const [best] = peers;
  return [
    ...[key, number(ours), number(best?.value), best?.by ?? "", sayLimit(limit), number(limit.aim)],
    ...[sayVerdict(comparison), ratio(toPeer), ratio(toLimit)],
  ];
}

/** One line on what a benchmark's limits came to. */
export function sumUp(name: string, comparisons: readonly Comparison[]): string {
  const count = comparisons.filter(({ verdict }) => verdict !== "no limit").length;
  if (count === 0) return `${name}: no limits are set.`;
  const faults = findFaults(comparisons);
  if (faults.length === 0) return `${name}: all ${count} limits met.`;
  const named = faults.map(({ key, verdict }) => (verdict === "missed" ? key : `${key} (not measured)`));
  return `${name}: ${count - faults.length} of ${count} limits met; not met: ${named.join(", ")}.`;
}

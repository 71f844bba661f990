import { address, chainName, publicKey, type PublicKey } from "../../../domain/ids.ts";
import type { MetricFacts } from "./facts.ts";
import { quantileOf } from "./quantile.ts";

/** The series of one name, of all roles. */
export type SeriesOf = (
  name: string,
) => readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];

/** What of an offence is not settled: by the states of the watchtower's cases. */
const OPEN_STATES: readonly string[] = ["seen", "committed", "submitted"];
const P95 = 0.95;

/** Reads what the fleet's own metrics tell. A role may run many times; what its processes say is put together. */
export function metricFacts(series: SeriesOf): MetricFacts {
  return {
    behind: behindOf(series),
    windows: windowsOf(series),
    openCases: openCasesOf(series),
    senders: sendersOf(series),
    gas: gasOf(series),
    waits: percentiles(series, "dchat_queue_wait_seconds"),
    runs: percentiles(series, "dchat_queue_run_seconds"),
  };
}

/** Of several senders each hears a part of what is signed, so whoever heard of it last is right. */
function behindOf(series: SeriesOf): MetricFacts["behind"] {
  const chains = new Map<string, Map<PublicKey, number>>();
  for (const { labels, value } of series("dchat_validator_behind_seconds")) {
    const key = publicKey.safeParse(labels["validator"]).data;
    if (key === undefined) continue;
    const chain = labels["chain"] ?? "";
    const known = chains.get(chain) ?? new Map<PublicKey, number>();
    chains.set(chain, known.set(key, Math.min(value, known.get(key) ?? Infinity)));
  }
  return chains;
}

/** A standby of the watchtower judges nothing, and says nothing. */
function windowsOf(series: SeriesOf): MetricFacts["windows"] {
  const of = Math.max(0, ...series("dchat_watchtower_judged_points").map(({ value }) => value));
  return new Map(
    series("dchat_watchtower_missed_points").flatMap(({ labels, value: missed }) => {
      const key = publicKey.safeParse(labels["validator"]).data;
      return key === undefined ? [] : [[key, { missed, of }] as const];
    }),
  );
}

function openCasesOf(series: SeriesOf): number | undefined {
  // A watchtower that has judged nobody yet has found nothing, and shows this all the same.
  if (series("dchat_watchtower_judged_points").length === 0) return undefined;
  return series("dchat_watchtower_cases")
    .filter(({ labels }) => OPEN_STATES.includes(labels["state"] ?? ""))
    .reduce((sum, { value }) => sum + value, 0);
}

function sendersOf(series: SeriesOf): MetricFacts["senders"] {
  const pending = series("dchat_sender_pending");
  const found = series("dchat_sender_balance_wei").flatMap(({ labels }) => {
    const [chain, account] = [
      chainName.safeParse(labels["chain"]).data,
      address.safeParse(labels["address"]).data,
    ];
    if (chain === undefined || account === undefined) return [];
    const own = pending.filter(
      (each) => each.labels["instance"] === labels["instance"] && each.labels["chain"] === chain,
    );
    return [{ chain, account, pending: Math.max(0, ...own.map(({ value }) => value)) }];
  });
  const byKey = Map.groupBy(found, ({ chain, account }) => `${chain} ${account}`);
  return [...byKey.values()].flatMap((same) => same.toSorted((a, b) => b.pending - a.pending).slice(0, 1));
}

function gasOf(series: SeriesOf): MetricFacts["gas"] {
  const total = (suffix: string) => {
    const sums = new Map<string, number>();
    for (const { labels, value } of series(`dchat_delivery_gas_per_message_${suffix}`)) {
      const chain = labels["chain"] ?? "";
      sums.set(chain, (sums.get(chain) ?? 0) + value);
    }
    return sums;
  };
  const counts = total("count");
  return new Map([...total("sum")].map(([chain, sum]) => [chain, { sum, count: counts.get(chain) ?? 0 }]));
}

function percentiles(series: SeriesOf, name: string): ReadonlyMap<string, number> {
  const queues = Map.groupBy(series(`${name}_bucket`), ({ labels }) => labels["queue"] ?? "");
  return new Map(
    [...queues].flatMap(([queue, all]) => {
      const counts = new Map<number, number>();
      for (const { labels, value } of all) {
        const atMost = labels["le"] === "+Inf" ? Infinity : Number(labels["le"]);
        counts.set(atMost, (counts.get(atMost) ?? 0) + value);
      }
      const p95 = quantileOf(
        [...counts].map(([atMost, count]) => ({ atMost, count })),
        P95,
      );
      return p95 === undefined ? [] : [[queue, p95] as const];
    }),
  );
}

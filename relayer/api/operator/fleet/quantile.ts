/** One bucket of a histogram: how many were at most so much. */
export type Bucket = { readonly atMost: number; readonly count: number };

/**
 * What so many of all observations did not exceed, as Prometheus estimates it: evenly spread within a bucket; beyond the last bound, that
 * bound. Source: `histogram_quantile` of Prometheus.
 * @param buckets cumulative, in any order
 * @returns undefined where nothing was observed
 */
export function quantileOf(buckets: readonly Bucket[], part: number): number | undefined {
  const sorted = buckets.toSorted((a, b) => a.atMost - b.atMost);
  const total = sorted.at(-1)?.count ?? 0;
  if (total <= 0) return undefined;
  const rank = part * total;
  const index = sorted.findIndex(({ count }) => count >= rank);
  const [found, before] = [sorted[index], sorted[index - 1] ?? { atMost: 0, count: 0 }];
  if (found === undefined) return undefined;
  if (!Number.isFinite(found.atMost)) return before.atMost;
  const within = found.count - before.count;
  if (within <= 0) return found.atMost;
  return before.atMost + (found.atMost - before.atMost) * ((rank - before.count) / within);
}

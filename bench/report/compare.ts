/** What is asked of a figure: `max` and `min` must hold, `aim` is striven for, `peer` is what others published. */
export type Limit = {
  readonly max?: number;
  readonly min?: number;
  readonly aim?: number;
  readonly peer?: number;
};

/** Limits by the figure's key. */
export type Limits = Readonly<Record<string, Limit>>;

/** Somebody else's figure for the same work; `isPublished` where it was not measured beside ours. */
export type Peer = { readonly by: string; readonly value: number; readonly isPublished?: true };

/** Peers by the key of our figure. */
export type Peers = Readonly<Record<string, readonly Peer[]>>;

/** `not measured`: a limit is there, and no figure. */
export type Verdict = "met" | "missed" | "not measured" | "no limit";

/** A figure beside everything that it can be held to. */
export type Comparison = {
  readonly key: string;
  readonly ours: number | undefined;
  readonly limit: Limit;
  readonly verdict: Verdict;
  /** undefined where nothing is aimed at, or nothing was measured */
  readonly meetsAim: boolean | undefined;
  /** The best first. A published one is there only where none was measured. */
  readonly peers: readonly Peer[];
  /** ours : the best peer's */
  readonly toPeer: number | undefined;
  /** ours : `max`, or `min` where there is no `max` */
  readonly toLimit: number | undefined;
};

/**
 * Holds figures to their limits and their peers.
 * @returns what has a limit, in the limits' order, measured or not; then what else was measured
 */
export function compare(
  figures: Readonly<Record<string, number>>,
  limits: Limits,
  peers: Peers,
): readonly Comparison[] {
  const keys = new Set([...Object.keys(limits), ...Object.keys(figures)]);
  return [...keys].map((key) => {
    const limit = limits[key] ?? {};
    const ours = figures[key];
    const measured = peers[key] ?? [];
    const all = measured.length > 0 ? sortBest(measured, limit) : publishedOf(limit);
    return {
      ...{ key, ours, limit, peers: all },
      verdict: judge(ours, limit),
      meetsAim: ours === undefined || limit.aim === undefined ? undefined : isWithin(ours, limit, limit.aim),
      toPeer: ratio(ours, all[0]?.value),
      toLimit: ratio(ours, limit.max ?? limit.min),
    };
  });
}

/** Those whose limit does not hold, or was not put to the test. */
export function findFaults(comparisons: readonly Comparison[]): readonly Comparison[] {
  return comparisons.filter(({ verdict }) => verdict === "missed" || verdict === "not measured");
}

function judge(ours: number | undefined, { max, min }: Limit): Verdict {
  if (max === undefined && min === undefined) return "no limit";
  if (ours === undefined) return "not measured";
  // Written so that what is not a number misses either.
  return ours <= (max ?? Infinity) && ours >= (min ?? -Infinity) ? "met" : "missed";
}

/** More is better where the least is asked for; else less is. */
const isMoreBetter = ({ max, min }: Limit) => max === undefined && min !== undefined;

function isWithin(ours: number, limit: Limit, aim: number): boolean {
  return isMoreBetter(limit) ? ours >= aim : ours <= aim;
}

function sortBest(peers: readonly Peer[], limit: Limit): readonly Peer[] {
  const sign = isMoreBetter(limit) ? -1 : 1;
  return peers.toSorted((a, b) => sign * (a.value - b.value));
}

function publishedOf({ peer }: Limit): readonly Peer[] {
  return peer === undefined ? [] : [{ by: "published", value: peer, isPublished: true }];
}

function ratio(ours: number | undefined, other: number | undefined): number | undefined {
  return ours === undefined || other === undefined || other === 0 ? undefined : ours / other;
}

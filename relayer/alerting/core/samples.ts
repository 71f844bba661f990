import type { Labels, Matcher } from "./labels.ts";
import { compileMatcher, type Predicate } from "./matchers.ts";
import { METRIC_NAME } from "./promql.ts";

/** One reading of a series. */
export type Sample = {
  /** What tells the series from others of the same source. */
  readonly key: string;
  /** With the metric's name under `__name__`. */
  readonly labels: Labels;
  readonly value: number;
};

/** A series and its newest value. The same object as long as the series lives, so that it can stand for it in maps. */
export type Series = {
  readonly labels: Labels;
  value: number;
  /** When it was read, Unix milliseconds. */
  at: number;
  /** The last reading of its source in which it was. */
  round: number;
};

/** Prometheus's: a series that was not read for so long counts as gone. */
export const LOOKBACK_MILLISECONDS = 5 * 60_000;

/** What selects series, prepared for many uses. */
export type Selector = { readonly equal: readonly Matcher[]; readonly rest: readonly Predicate[] };

/** Prepares matchers: those with `=` find series through the index, the others look at what was found. */
export function prepareSelector(matchers: readonly Matcher[]): Selector {
  const isIndexed = ({ operator, value }: Matcher) => operator === "=" && value !== "";
  return {
    equal: matchers.filter(isIndexed),
    rest: matchers.filter((matcher) => !isIndexed(matcher)).map(compileMatcher),
  };
}

const NONE: ReadonlySet<Series> = new Set();

/** The newest samples of all sources, found by any label and value. */
export class SampleIndex {
  readonly #sources = new Map<string, Map<string, Series>>();
  /** By name and value of each label. */
  readonly #byLabel = new Map<string, Set<Series>>();
  readonly #all = new Set<Series>();
  #round = 0;

  /** How many series there are. */
  get size(): number {
    return this.#all.size;
  }

  /**
   * Everything that a source has to say now: what it no longer has is gone at once.
   * @returns whether any value, or the set of series, changed
   */
  replace(source: string, samples: Iterable<Sample>, at: number): boolean {
    const known = this.#sources.get(source) ?? new Map<string, Series>();
    this.#sources.set(source, known);
    let changed = false;
    const round = ++this.#round;
    for (const { key, labels, value } of samples) {
      const series = known.get(key);
      if (series === undefined) {
        changed = true;
        const added = { labels, value, at, round };
        known.set(key, added);
        this.#add(added);
      } else {
        if (!Object.is(series.value, value)) changed = true;
        series.value = value;
        series.at = at;
        series.round = round;
      }
    }
    for (const [key, series] of known) {
      if (series.round === round) continue;
      changed = true;
      known.delete(key);
      this.#remove(series);
    }
    return changed;
  }

  /** Nothing of a source is known any more. */
  drop(source: string): boolean {
    const series = this.#sources.get(source);
    this.#sources.delete(source);
    for (const each of series?.values() ?? []) this.#remove(each);
    return series !== undefined && series.size > 0;
  }

  /** The series that fit and are fresh. */
  select({ equal, rest }: Selector, now: number): readonly Series[] {
    let candidates: ReadonlySet<Series> | undefined;
    for (const { name, value } of equal) {
      const found = this.#byLabel.get(indexKey(name, value)) ?? NONE;
      if (candidates === undefined || found.size < candidates.size) candidates = found;
    }
    const fitting: Series[] = [];
    for (const series of candidates ?? this.#all)
      if (
        series.at >= now - LOOKBACK_MILLISECONDS &&
        equal.every(({ name, value }) => series.labels[name] === value) &&
        rest.every((fits) => fits(series.labels))
      )
        fitting.push(series);
    return fitting;
  }

  #add(series: Series): void {
    this.#all.add(series);
    for (const [name, value] of Object.entries(series.labels)) {
      const key = indexKey(name, value);
      const set = this.#byLabel.get(key);
      if (set === undefined) this.#byLabel.set(key, new Set([series]));
      else set.add(series);
    }
  }

  #remove(series: Series): void {
    this.#all.delete(series);
    for (const [name, value] of Object.entries(series.labels)) {
      const key = indexKey(name, value);
      const set = this.#byLabel.get(key);
      set?.delete(series);
      if (set?.size === 0) this.#byLabel.delete(key);
    }
  }
}

/** No name of a label holds a NUL. */
function indexKey(name: string, value: string): string {
  return `${name}\0${value}`;
}

/** A series' labels without the metric's name. */
export function withoutName(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => name !== METRIC_NAME));
}

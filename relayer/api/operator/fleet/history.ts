import type { HistoryView } from "../../operator-schema.ts";

/** How often something is kept, and for how long, in milliseconds. */
export const HISTORY_MILLISECONDS = 5_000;
const KEPT_MILLISECONDS = 24 * 3_600_000;
/** How many points one answer has at most. */
export const MOST_POINTS = 720;

/** What was measured at one moment; null where nothing was to be measured. */
export type Measured = {
  /** Unix milliseconds. */
  readonly at: number;
  readonly values: Readonly<Record<string, number | null>>;
};

/** The last day, in memory: a restart begins anew. */
export class History {
  readonly #measured: Measured[] = [];

  add(measured: Measured): void {
    this.#measured.push(measured);
    const first = this.#measured.findIndex(({ at }) => at > measured.at - KEPT_MILLISECONDS);
    if (first > 0) this.#measured.splice(0, first);
  }

  /** The last minutes, each point the mean of what was measured within it. Points stay where they are as time goes on. */
  last(minutes: number, now: number): HistoryView {
    const width = Math.max(HISTORY_MILLISECONDS, (minutes * 60_000) / MOST_POINTS);
    const newest = Math.floor(now / width);
    const points = Map.groupBy(
      this.#measured.filter(
        ({ at }) => Math.floor(at / width) > newest - MOST_POINTS && at > now - minutes * 60_000,
      ),
      ({ at }) => Math.floor(at / width),
    );
    const within = [...points.values()];
    const names = new Set(within.flatMap((all) => all.flatMap(({ values }) => Object.keys(values))));
    return {
      times: [...points.keys()].map((point) => Math.round((point + 1) * width)),
      series: Object.fromEntries(
        [...names].sort().map((name) => [name, within.map((all) => meanOf(all, name))]),
      ),
    };
  }
}

function meanOf(all: readonly Measured[], name: string): number | null {
  const values = all.flatMap(({ values: { [name]: value } }) =>
    value === undefined || value === null ? [] : [value],
  );
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

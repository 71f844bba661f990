import { burstsOf } from "../bursts.ts";
import type { Experiment } from "../experiment.ts";
import { judge, type Sample } from "../halting.ts";
import type { FaultRecord, RecoveryMetrics } from "./record.ts";

/** What recovery is worked out from. Times in Unix milliseconds. */
export type RecoveryFacts = {
  readonly experiment: Experiment;
  /** When the first fault was there, and when the last was healed. */
  readonly injectedAt: number;
  readonly healedAt: number;
  /** When the fleet itself said that something is wrong: an alert that fired, a role that was not ready. */
  readonly noticedAt: readonly number[];
  /** When messages were executed. */
  readonly executedAt: readonly number[];
  /** What was measured after the first fault, in the order of time. */
  readonly samples: readonly Sample[];
  /** Up to how many messages on their way are no backlog. */
  readonly backlogAtRest: number;
};

/** How the fleet came back: each in milliseconds, undefined where it did not happen in what was seen. */
export function recoveryOf(facts: RecoveryFacts): RecoveryMetrics {
  const { injectedAt, healedAt, noticedAt, executedAt, samples, backlogAtRest } = facts;
  const after = samples.filter(({ at }) => at >= healedAt);
  const drained = after.find(({ values }) => (values.backlog ?? Infinity) <= backlogAtRest);
  const lastBroken = after.findLastIndex((sample) => !isSteady(facts.experiment, sample));
  return {
    detect: since(injectedAt, noticedAt),
    firstSuccess: since(healedAt, executedAt),
    drained: drained && drained.at - healedAt,
    steady: millisecondsTo(after[lastBroken + 1]?.at, healedAt),
  };
}

function isSteady(experiment: Experiment, sample: Sample): boolean {
  return judge(experiment, "after", sample).every(({ holds }) => holds);
}

/** From a moment to the first of others that are not before it. */
function since(moment: number, others: readonly number[]): number | undefined {
  const after = others.filter((each) => each >= moment);
  return after.length === 0 ? undefined : after.reduce((a, b) => Math.min(a, b)) - moment;
}

function millisecondsTo(at: number | undefined, from: number): number | undefined {
  return at === undefined ? undefined : at - from;
}

/**
 * From the healing of the last fault of each burst to the first message that was executed after it, in milliseconds, undefined where there was
 * none: while another fault lasts, what is late is that one's doing. A burst of which nothing was done is left out.
 * @param faults as they are in a record, or in its JSON
 */
export function recoveriesOfBursts(
  method: Parameters<typeof burstsOf>[0],
  faults: readonly {
    readonly step: number;
    readonly healedAt?: FaultRecord["healedAt"] | null;
    readonly firstSuccess?: FaultRecord["firstSuccess"] | null;
  }[],
): readonly (number | undefined)[] {
  const healed = (fault: (typeof faults)[number]) => fault.healedAt ?? Infinity;
  return burstsOf(method).flatMap(({ places }) => {
    const [last] = faults
      .filter(({ step }) => places.includes(step))
      .toSorted((a, b) => healed(b) - healed(a));
    return last === undefined ? [] : [last.firstSuccess ?? undefined];
  });
}

/** How one recovery metric was over several runs. */
export type Spread = {
  readonly runs: number;
  /** Runs in which it did not happen. They count as slower than any other. */
  readonly never: number;
  /** Milliseconds; undefined where so many runs never came there. */
  readonly p50: number | undefined;
  readonly p95: number | undefined;
};

/** Each recovery metric over several runs. */
export function spreadOf(runs: readonly RecoveryMetrics[]): Readonly<Record<keyof RecoveryMetrics, Spread>> {
  const of = (metric: keyof RecoveryMetrics) => {
    const values = runs.map((run) => run[metric]);
    const never = values.filter((value) => value === undefined).length;
    return { runs: runs.length, never, p50: quantile(values, 0.5), p95: quantile(values, 0.95) };
  };
  return {
    detect: of("detect"),
    firstSuccess: of("firstSuccess"),
    drained: of("drained"),
    steady: of("steady"),
  };
}

/** The nearest-rank quantile: the smallest value that at least this share of all values do not exceed. */
export function quantile(values: readonly (number | undefined)[], share: number): number | undefined {
  const sorted = values.map((value) => value ?? Infinity).toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  return value === Infinity ? undefined : value;
}

import { type Experiment, isWithin, type Measure, MEASURES, type Phase, type Probe } from "./experiment.ts";

/** What was measured at one moment (Unix milliseconds). A measure that is missing could not be taken. */
export type Sample = { readonly at: number; readonly values: Readonly<Partial<Record<Measure, number>>> };

/** What became of one probe in one phase. */
export type ProbeResult = {
  readonly name: string;
  readonly measure: Measure;
  /** undefined where it could not be measured, which does not hold. */
  readonly value: number | undefined;
  readonly holds: boolean;
};

/** Whether the steady state holds in a phase, probe by probe. */
export function judge({ steadyState }: Experiment, phase: Phase, { values }: Sample): readonly ProbeResult[] {
  return steadyState.probes
    .filter(({ phases }) => phases.includes(phase))
    .map((probe) => {
      const value = values[probe.measure];
      return { name: probe.name, measure: probe.measure, value, holds: holds(probe, value) };
    });
}

/**
 * Why an experiment has to be halted, by what was measured during its faults so far; undefined while it may go on. What cannot be measured is
 * broken: nobody goes on blindly.
 * @param samples in the order of time
 */
export function haltReason(experiment: Experiment, samples: readonly Sample[]): string | undefined {
  for (const rule of experiment.halting) {
    const broken = brokenSince(rule, samples);
    const last = samples.at(-1);
    if (broken === undefined || last === undefined || last.at - broken < rule.forMilliseconds) continue;
    const value = last.values[rule.measure];
    return `${MEASURES[rule.measure]} are ${value ?? "not to be measured"}, outside of ${bounds(rule)}, for ${last.at - broken} ms`;
  }
  const { mostBrokenShare } = experiment.errorBudget;
  const spent = brokenShare(experiment, samples);
  if (spent <= mostBrokenShare) return undefined;
  return `the error budget is spent: the steady state was broken in ${percent(spent)} of the looks at it, and ${percent(mostBrokenShare)} may be`;
}

/** In which share of all looks during the faults the steady state was broken; 0 before the first. */
export function brokenShare(experiment: Experiment, samples: readonly Sample[]): number {
  const broken = samples.filter((sample) => judge(experiment, "during", sample).some((each) => !each.holds));
  return samples.length === 0 ? 0 : broken.length / samples.length;
}

/** The beginning of the stretch at the end in which a measure was outside. */
function brokenSince(
  rule: Pick<Probe, "measure" | "tolerance">,
  samples: readonly Sample[],
): number | undefined {
  const lastGood = samples.findLastIndex(({ values }) => holds(rule, values[rule.measure]));
  return samples[lastGood + 1]?.at;
}

function holds({ tolerance }: Pick<Probe, "tolerance">, value: number | undefined): boolean {
  return value !== undefined && isWithin(tolerance, value);
}

function bounds({ tolerance: { least, most } }: Pick<Probe, "tolerance">): string {
  if (least === undefined) return `at most ${most ?? Infinity}`;
  return most === undefined ? `at least ${least}` : `${least} to ${most}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

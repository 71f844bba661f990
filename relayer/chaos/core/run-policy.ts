import type { Step } from "./experiment.ts";
import type { FaultRecord } from "./report/record.ts";

/** How strict a run is about single steps. */
export type RunPolicy = {
  /** What a step does to the run that cannot be done: end it, or count as one that did not bite. */
  readonly failedStep: "halt" | "goOn";
  /** Which share of the windows (of the steps, where there are none) must be proven to have bitten with work in flight; from 0 to 1. */
  readonly leastEffectiveShare: number;
  /** How many messages are sent at least, before recovery is watched. */
  readonly leastMessages: number;
  /** Whether steps wait for each other that would hide each other's effect, and for targets that are just starting. */
  readonly takesTurns: boolean;
};

/** An experiment is one question: each of its faults has to be there. */
export const experimentPolicy: RunPolicy = {
  failedStep: "halt",
  leastEffectiveShare: 1,
  leastMessages: 0,
  takesTurns: false,
};

/** Of hundreds of faults at random, one in twenty may miss. @param leastMessages how much work there has to be in all */
export function campaignPolicy(leastMessages: number): RunPolicy {
  return { failedStep: "goOn", leastEffectiveShare: 0.95, leastMessages, takesTurns: true };
}

/** One window, or one step where there are no windows, and whether all its faults bit with work in flight. */
export type WindowOutcome = {
  readonly name: string;
  readonly isEffective: boolean;
};

/** A step, as far as it names a window. */
type NamedStep = {
  readonly window?: Step["window"];
  readonly name?: Step["name"];
  readonly fault: { readonly type: string };
};
/** A fault that was done, as far as it tells whether it bit; JSON has null for what was not measured. */
type DoneFault = Pick<FaultRecord, "step"> & {
  readonly effect?: Pick<NonNullable<FaultRecord["effect"]>, "isEffective" | "inFlight"> | null | undefined;
};

/** What became of each window of a method, in the order of their beginnings. A step that was not done did not bite. */
export function windowsOf(
  method: readonly NamedStep[],
  faults: readonly DoneFault[],
): readonly WindowOutcome[] {
  const bitten = new Set(
    faults
      .filter(({ effect }) => effect?.isEffective === true && effect.inFlight > 0)
      .map(({ step }) => step),
  );
  const windows = new Map<string, boolean>();
  for (const [index, { window, name, fault }] of method.entries()) {
    const key = window === undefined ? (name ?? `${fault.type} (step ${index + 1})`) : `window ${window + 1}`;
    windows.set(key, (windows.get(key) ?? true) && bitten.has(index));
  }
  return [...windows].map(([name, isEffective]) => ({ name, isEffective }));
}

/** The share of windows that were effective; 1 where there are none. */
export function effectiveShare(windows: readonly WindowOutcome[]): number {
  if (windows.length === 0) return 1;
  return windows.filter(({ isEffective }) => isEffective).length / windows.length;
}

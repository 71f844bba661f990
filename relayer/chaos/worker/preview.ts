import { resolveAll } from "../core/blast-radius.ts";
import { type Experiment, methodMilliseconds } from "../core/experiment.ts";
import type { Fault } from "../core/fault.ts";
import { fencedNames } from "../core/fence.ts";
import type { Inventory } from "../core/selector.ts";
import type { Injector, Mechanism } from "../ports.ts";
import { injectorFor } from "./step-run.ts";

/** One step as it would be done. */
export type PreviewStep = {
  readonly fault: Fault;
  readonly mechanism: Mechanism;
  readonly targets: readonly string[];
  readonly startMilliseconds: number;
  readonly durationMilliseconds: number;
};

/** What a run would do: to whom, by what means, and for how long. */
export type RunPreview = {
  readonly title: string;
  readonly steps: readonly PreviewStep[];
  /** Every process that would suffer at some time, in the order of names, and how many there are in all. */
  readonly suffering: readonly string[];
  readonly processes: number;
  /** Until the last fault is over. */
  readonly milliseconds: number;
};

/** @throws ConfigurationError where the experiment is refused: `BLAST_RADIUS`, `PROTECTED_TARGET`, `NO_TARGET`, `NO_MECHANISM` */
export function previewOf(
  experiment: Experiment,
  inventory: Inventory,
  injectors: readonly Injector[],
): RunPreview {
  const plan = resolveAll(experiment, inventory);
  const steps = plan.map(({ step, targets }) => {
    const { fault, startMilliseconds, durationMilliseconds } = step;
    const mechanism = injectorFor(fault, injectors).mechanismOf(fault.type);
    if (mechanism === undefined) throw new Error(`${fault.type} has a mechanism and has none`);
    const names = targets.map(({ name }) => name);
    return { fault, mechanism, targets: names, startMilliseconds, durationMilliseconds };
  });
  return {
    title: experiment.title,
    steps,
    suffering: fencedNames(plan.flatMap(({ targets }) => targets)),
    processes: inventory.processes.length,
    milliseconds: methodMilliseconds(experiment),
  };
}

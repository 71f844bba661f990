import { ConfigurationError } from "../../domain/errors.ts";
import type { Experiment, Step } from "./experiment.ts";
import { type Inventory, resolve } from "./selector.ts";
import type { Target } from "./target.ts";

/** A step with the explicit list of what it is done to. */
export type ResolvedStep = { readonly step: Step; readonly targets: readonly Target[] };

/**
 * What each step of an experiment is done to, all before anything is done.
 * @throws ConfigurationError of {@link resolve}; `BLAST_RADIUS` when at some moment more processes would suffer than the experiment allows
 */
export function resolveAll(
  { title, method, blastRadius }: Experiment,
  inventory: Inventory,
): readonly ResolvedStep[] {
  const steps = method.map((step) => ({ step, targets: resolve(step.fault.type, step, inventory) }));
  const { mostTargets, mostShare } = blastRadius;
  const most = Math.min(mostTargets, Math.floor(inventory.processes.length * mostShare));
  // The most suffer at a moment when something begins.
  for (const { step } of steps) {
    const suffering = sufferingAt(steps, step.startMilliseconds);
    if (suffering.size <= most) continue;
    throw new ConfigurationError(
      "BLAST_RADIUS",
      `"${title}" would hit ${suffering.size} of ${inventory.processes.length} processes at ${step.startMilliseconds} ms (${[...suffering].join(", ")}), and may hit ${most}. Nothing was done; choose fewer, or allow more.`,
    );
  }
  return steps;
}

/** Who suffers at a moment: a link's fault is its client's, who cannot work. */
function sufferingAt(steps: readonly ResolvedStep[], at: number): ReadonlySet<string> {
  const active = steps.filter(
    ({ step }) => step.startMilliseconds <= at && at < step.startMilliseconds + step.durationMilliseconds,
  );
  const names = active.flatMap(({ targets }) =>
    targets.map((target) => (target.kind === "link" ? target.client : target.name)),
  );
  return new Set(names.toSorted());
}

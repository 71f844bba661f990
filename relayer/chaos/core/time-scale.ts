import { ConfigurationError } from "../../domain/errors.ts";
import type { Experiment } from "./experiment.ts";
import type { Fault } from "./fault.ts";

/** No delay is made less than this, unless it was before, in milliseconds: a shorter one cannot be told from a busy machine. */
const LEAST_DELAY = 100;

/** How times are compressed, by factors above 0 and of at most 1, which changes nothing. */
export type TimeFactors = {
  /** What every duration is multiplied with. */
  readonly durations: number;
  /**
   * What delays that faults cause are multiplied with: as the time-outs of the fleet are. A delay that is shortened alone no longer reaches
   * them, and one that is not goes beyond them all.
   */
  readonly delays: number;
};

/**
 * T is never less than this, in milliseconds, unless it was before: what a process needs to start does not shrink with the time, nor do the
 * messages that were held up, which are as many as in full time.
 */
const LEAST_EXECUTED_WITHIN = 60_000;

/**
 * An experiment in compressed time: offsets, durations, restart delays, halting and T together, and work as much faster.
 * @throws ConfigurationError `TIME_SCALE` for a factor out of its range
 */
export function scaleExperiment(experiment: Experiment, { durations, delays }: TimeFactors): Experiment {
  requireFactor(durations);
  requireFactor(delays);
  const by = (factor: number) => (milliseconds: number) =>
    milliseconds === 0 ? 0 : Math.max(1, Math.round(milliseconds * factor));
  const times = by(durations);
  const delay = (milliseconds: number) =>
    Math.max(by(delays)(milliseconds), Math.min(milliseconds, LEAST_DELAY));
  return {
    ...experiment,
    method: experiment.method.map((step) => ({
      ...step,
      fault: scaleFault(step.fault, times, delay),
      startMilliseconds: times(step.startMilliseconds),
      durationMilliseconds: times(step.durationMilliseconds),
    })),
    halting: experiment.halting.map((rule) => ({ ...rule, forMilliseconds: times(rule.forMilliseconds) })),
    executedWithinMilliseconds: Math.max(
      times(experiment.executedWithinMilliseconds),
      Math.min(experiment.executedWithinMilliseconds, LEAST_EXECUTED_WITHIN),
    ),
    load: { everyMilliseconds: times(experiment.load.everyMilliseconds) },
  };
}

type Scaling = (milliseconds: number) => number;

function scaleFault(fault: Fault, durations: Scaling, delays: Scaling): Fault {
  if (fault.type === "ServiceCrash")
    return { ...fault, restartDelayMilliseconds: durations(fault.restartDelayMilliseconds) };
  if (!("milliseconds" in fault)) return fault;
  const milliseconds = Math.sign(fault.milliseconds) * delays(Math.abs(fault.milliseconds));
  if (fault.type !== "Latency") return { ...fault, milliseconds };
  const share = fault.milliseconds === 0 ? 1 : milliseconds / fault.milliseconds;
  return { ...fault, milliseconds, jitterMilliseconds: Math.round(fault.jitterMilliseconds * share) };
}

function requireFactor(factor: number): void {
  if (factor > 0 && factor <= 1) return;
  throw new ConfigurationError(
    "TIME_SCALE",
    `A time scale of ${factor} is not above 0 and at most 1. Nothing was done; 1 is full time.`,
  );
}

import { ConfigurationError } from "../../domain/errors.ts";
import type { Network } from "../../domain/network.ts";
import type { Experiment } from "./experiment.ts";
import type { Fault } from "./fault.ts";

/** How times are compressed. */
export type TimeScale = {
  /** What every duration is multiplied with: above 0, at most 1, which changes nothing. */
  readonly factor: number;
  /**
   * Whether delays that faults cause are multiplied, too. Only where the time-outs of the fleet are: a delay that is scaled alone no longer
   * reaches them, and one that is not goes beyond them all.
   */
  readonly amplitudes: "kept" | "scaled";
};

/** T is never less than this, in milliseconds, unless it was before: what a process needs to start does not shrink with the time. */
const LEAST_EXECUTED_WITHIN = 30_000;

/**
 * An experiment in compressed time: offsets, durations, restart delays, halting and T together, and work as much faster.
 * @throws ConfigurationError `TIME_SCALE` for a factor out of its range
 */
export function scaleExperiment(experiment: Experiment, { factor, amplitudes }: TimeScale): Experiment {
  requireFactor(factor);
  const times = (milliseconds: number) =>
    milliseconds === 0 ? 0 : Math.max(1, Math.round(milliseconds * factor));
  return {
    ...experiment,
    method: experiment.method.map((step) => ({
      ...step,
      fault: scaleFault(step.fault, times, amplitudes === "scaled"),
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

function scaleFault(fault: Fault, times: (milliseconds: number) => number, isAmplitude: boolean): Fault {
  if (fault.type === "ServiceCrash")
    return { ...fault, restartDelayMilliseconds: times(fault.restartDelayMilliseconds) };
  if (!isAmplitude || !("milliseconds" in fault)) return fault;
  const milliseconds = Math.sign(fault.milliseconds) * times(Math.abs(fault.milliseconds));
  return fault.type === "Latency"
    ? { ...fault, milliseconds, jitterMilliseconds: times(fault.jitterMilliseconds) }
    : { ...fault, milliseconds };
}

/** The least that the configuration takes, in milliseconds. */
const LEAST = 10;
const LEAST_KEY_LOCK = 500;

/**
 * A network's configuration with its time-outs and intervals in compressed time, down to the least that the configuration allows. What is
 * constant in the code (the queues' locks and back-off, Redis's time-outs) stays.
 * @throws ConfigurationError `TIME_SCALE` for a factor out of its range
 */
export function scaleNetwork(network: Network, factor: number): Network {
  requireFactor(factor);
  const times = (milliseconds: number) => Math.max(LEAST, Math.round(milliseconds * factor));
  return {
    ...network,
    chains: Object.fromEntries(
      Object.entries(network.chains).map(([name, chain]) => [
        name,
        {
          ...chain,
          pollMilliseconds: times(chain.pollMilliseconds),
          rpcTimeoutMilliseconds: times(chain.rpcTimeoutMilliseconds),
          ...(chain.batch && {
            batch: { ...chain.batch, ageMilliseconds: Math.round(chain.batch.ageMilliseconds * factor) },
          }),
        },
      ]),
    ),
    redriveMilliseconds: times(network.redriveMilliseconds),
    replaceMilliseconds: times(network.replaceMilliseconds),
    keyLockMilliseconds: Math.max(LEAST_KEY_LOCK, Math.round(network.keyLockMilliseconds * factor)),
  };
}

function requireFactor(factor: number): void {
  if (factor > 0 && factor <= 1) return;
  throw new ConfigurationError(
    "TIME_SCALE",
    `A time scale of ${factor} is not above 0 and at most 1. Nothing was done; 1 is full time.`,
  );
}

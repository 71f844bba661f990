import type { Violation } from "../checker/violation.ts";
import type { Experiment, Phase } from "../experiment.ts";
import type { ProbeResult } from "../halting.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Target, Tier } from "../target.ts";

/** What was measured of one fault, to prove that it bit. */
export type EffectMeasurement = {
  /** What was measured, and in what, in words: "round trip through the proxy (ms)". */
  readonly measure: string;
  readonly before: number;
  readonly during: number;
  readonly isEffective: boolean;
  /** How many messages were on their way while it was measured: a fault that hits nothing proves nothing. */
  readonly inFlight: number;
};

/** One fault as it was done. Times in Unix milliseconds. */
export type FaultRecord = {
  /** Its place among the steps of the method, from 0. */
  readonly step: number;
  readonly type: string;
  /** How it was really done. */
  readonly mechanism: { readonly tier: Tier; readonly name: string; readonly what: string };
  readonly targets: readonly Target[];
  readonly injectedAt: number;
  /** undefined while it is not healed. */
  readonly healedAt: number | undefined;
  readonly effect: EffectMeasurement | undefined;
  /** From its healing to the first message that was executed after it, in milliseconds; undefined while there was none. */
  readonly firstSuccess?: number | undefined;
};

/** A step that could not be done, and why. */
export type SkippedStep = { readonly step: number; readonly type: string; readonly reason: string };

/** One point of a series: a moment in Unix milliseconds, and what was measured. */
export type Point = readonly [at: number, value: number];

/** How the fleet came back; see {@link ./recovery.ts}. Milliseconds, undefined where it did not happen. */
export type RecoveryMetrics = {
  readonly detect: number | undefined;
  readonly firstSuccess: number | undefined;
  readonly drained: number | undefined;
  /** Since then the steady state held to the end of the record. */
  readonly steady: number | undefined;
};

/**
 * How it ended. passed: all that was hypothesised held. failed: it did not, or something was violated. ineffective: a fault did not bite, or
 * bit nothing, so nothing was shown. halted: it was ended early.
 */
export type Verdict = {
  readonly kind: "passed" | "failed" | "ineffective" | "halted";
  readonly reason: string;
};

/** Everything that is known of one run of an experiment, from which reports are made. */
export type ExperimentRecord = {
  /** The run's own id. */
  readonly id: string;
  readonly experiment: Experiment;
  /** By what durations were multiplied. */
  readonly timeScale: number;
  /** The seed, where the run is drawn from one. */
  readonly seed: number | undefined;
  /** Every state that the run was in, in order. */
  readonly phases: readonly Lifecycle[];
  readonly faults: readonly FaultRecord[];
  /** Steps that were not done, and did not end the run. */
  readonly skipped: readonly SkippedStep[];
  /** How many messages were sent while it lasted. */
  readonly messages: number;
  readonly hypothesis: Readonly<Record<Phase, readonly ProbeResult[]>>;
  readonly series: {
    /** Messages executed a second. */
    readonly throughput: readonly Point[];
    /** Milliseconds from deposit to execution, of 95 of 100. */
    readonly latency: readonly Point[];
  };
  readonly recovery: RecoveryMetrics;
  readonly violations: readonly Violation[];
  readonly verdict: Verdict;
};

import { explain } from "../../domain/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { type ResolvedStep, resolveAll } from "../core/blast-radius.ts";
import type { Violation } from "../core/checker/violation.ts";
import type { Experiment } from "../core/experiment.ts";
import type { ProbeResult, Sample } from "../core/halting.ts";
import { type ExperimentState, type Lifecycle, move, pending } from "../core/lifecycle.ts";
import type { ExperimentRecord, RecoveryMetrics, Verdict } from "../core/report/record.ts";
import { recoveryOf } from "../core/report/recovery.ts";
import { effectiveShare, experimentPolicy, type RunPolicy, windowsOf } from "../core/run-policy.ts";
import type { Checker, Observer, Traffic } from "../ports.ts";
import { Load } from "./load.ts";
import { Lookout } from "./lookout.ts";
import { MethodRun, type MethodServices } from "./method-run.ts";
import { rollBack } from "./rollback.ts";
import { injectorFor } from "./step-run.ts";

/** For how long the work runs before the steady state is judged, at most, in milliseconds. */
const WARM_UP_MILLISECONDS = 20_000;

/** Up to how many messages on their way are no backlog. */
const BACKLOG_AT_REST = 20;

/** Whether the fleet itself says that something is wrong. */
const isNoticed = ({ values }: Sample) => (values.firingAlerts ?? 0) > 0 || (values.readyShare ?? 1) < 1;

/** What a run works with. */
export type RunServices = Omit<MethodServices, "onFault"> & {
  readonly observer: Observer;
  readonly traffic: Traffic;
  readonly checker: Checker;
  readonly logger: Logger;
  /** Told of every move and every fault, so that it can be shown and kept. */
  readonly onChange: (record: ExperimentRecord) => void;
};

/** How an experiment is run. */
export type RunOptions = {
  readonly id: string;
  /** In compressed time, if it is compressed. */
  readonly experiment: Experiment;
  readonly timeFactor: number;
  readonly seed?: number | undefined;
  /** How strict it is; as an experiment is if left out. */
  readonly policy?: RunPolicy;
};

/**
 * One run of an experiment, from the steady state before to the verdict. Whatever happens, faults are healed before it ends: by the steps,
 * by their leases, or by the dead-man.
 */
export class ExperimentRun {
  readonly #options: RunOptions;
  readonly #policy: RunPolicy;
  readonly #services: RunServices;
  readonly #lookout: Lookout;
  readonly #load: Load;
  readonly #method: MethodRun;
  #lifecycle: readonly Lifecycle[];
  #before: readonly ProbeResult[] = [];
  #after: readonly ProbeResult[] = [];
  #violations: readonly Violation[] = [];
  #recovery: RecoveryMetrics = {
    detect: undefined,
    firstSuccess: undefined,
    drained: undefined,
    steady: undefined,
  };
  #verdict: Verdict = { kind: "halted", reason: "it is not over" };

  constructor(options: RunOptions, services: RunServices) {
    const { experiment, policy = experimentPolicy } = options;
    this.#options = options;
    this.#policy = policy;
    this.#services = services;
    this.#lookout = new Lookout(experiment, services);
    this.#load = new Load(experiment.load.everyMilliseconds, services);
    this.#method = new MethodRun(policy, {
      ...services,
      onFault: () => {
        services.onChange(this.record());
      },
    });
    this.#lifecycle = [pending(services.clock.now())];
  }

  /**
   * @param signal the kill switch: everything is healed, and the run has failed
   * @returns what became of it; never throws
   */
  async run(signal: AbortSignal): Promise<ExperimentRecord> {
    const ending = new AbortController();
    const until = AbortSignal.any([signal, ending.signal]);
    const working = [this.#load.keepSending(until), this.#lookout.keepLooking(until)];
    try {
      await this.#perform(signal);
    } catch (error) {
      this.#end("halted", `it could not be done: ${explain(error)}`);
    } finally {
      ending.abort();
      await Promise.all(working);
    }
    return this.record();
  }

  /** What is known of the run by now. */
  record(): ExperimentRecord {
    const { id, experiment, timeFactor: timeScale, seed } = this.#options;
    const { observer } = this.#services;
    const faults = this.#method.faults.map((fault) => {
      const success = fault.healedAt === undefined ? undefined : observer.firstExecutedAfter(fault.healedAt);
      return { ...fault, firstSuccess: success && fault.healedAt && success - fault.healedAt };
    });
    return {
      ...{ id, experiment, timeScale, seed },
      ...{ phases: this.#lifecycle, faults, skipped: this.#method.skipped, messages: this.#load.sent },
      hypothesis: { before: this.#before, during: this.#lookout.worst, after: this.#after },
      series: {
        throughput: this.#lookout.series("throughput"),
        latency: this.#lookout.series("latencyP95"),
      },
      ...{ recovery: this.#recovery, violations: this.#violations, verdict: this.#verdict },
    };
  }

  async #perform(signal: AbortSignal): Promise<void> {
    const { experiment } = this.#options;
    const { inventory, injectors, clock } = this.#services;
    const plan = resolveAll(experiment, inventory());
    for (const { step } of plan) injectorFor(step.fault, injectors);
    const began = clock.now();
    await this.#check(began, began);
    this.#before = await this.#lookout.untilSteady("before", WARM_UP_MILLISECONDS, signal);
    const broken = this.#before.find(({ holds }) => !holds);
    if (broken !== undefined) {
      this.#end("failed", `the steady state did not hold before any fault: ${broken.name}`);
      return;
    }
    this.#move("Running", "the steady state holds");
    const halted = await this.#doMethod(plan, signal);
    const failedRollback = await rollBack(experiment, this.#services);
    const healedAt = clock.now();
    this.#move("Recovering", halted ?? "every fault is healed");
    const steady = await this.#recover(healedAt, signal);
    await this.#check(began, healedAt);
    this.#after = this.#withViolations(steady);
    this.#conclude(halted ?? failedRollback, signal);
  }

  async #check(since: number, healedAt: number): Promise<void> {
    const { executedWithinMilliseconds: executedWithin } = this.#options.experiment;
    this.#violations = await this.#services.checker.check({ since, healedAt, executedWithin });
    this.#lookout.violations = this.#violations.length;
  }

  /** @returns why it was halted; undefined when every step was done, or may be missing */
  async #doMethod(plan: readonly ResolvedStep[], signal: AbortSignal): Promise<string | undefined> {
    const halting = new AbortController();
    const ended = new AbortController();
    const halt = () => {
      halting.abort();
    };
    const either = AbortSignal.any([signal, halting.signal]);
    const watching = this.#lookout.watchForHalt(halt, AbortSignal.any([either, ended.signal]));
    const failed = await this.#method.perform(plan, halt, either);
    if (failed === undefined) await this.#load.untilSent(this.#policy.leastMessages, either);
    ended.abort();
    const reason = await watching;
    return signal.aborted ? "the kill switch was used" : (reason ?? failed);
  }

  /** The steady state as it came back, with what the checker has found since: it was not asked at each look. */
  #withViolations(steady: readonly ProbeResult[]): readonly ProbeResult[] {
    const now = new Map(this.#lookout.judge("after").map((result) => [result.name, result]));
    const counts = new Set(
      this.#options.experiment.steadyState.probes
        .filter(({ measure }) => measure === "violations")
        .map(({ name }) => name),
    );
    return steady.map((result) => (counts.has(result.name) ? (now.get(result.name) ?? result) : result));
  }

  /**
   * Waits until the fleet is well again and has carried what the faults held up, for T at most: what is on its way then is stuck.
   * @returns the steady state when it was back, or at the end of T
   */
  async #recover(healedAt: number, signal: AbortSignal): Promise<readonly ProbeResult[]> {
    const { experiment } = this.#options;
    const { observer, clock } = this.#services;
    const deadline = healedAt + experiment.executedWithinMilliseconds;
    const steady = await this.#lookout.untilSteady("after", deadline - clock.now(), signal);
    const isCarried = () => observer.inFlight(healedAt) === 0;
    await this.#lookout.until(isCarried, deadline - clock.now(), signal);
    const injectedAt = Math.min(...this.#method.faults.map((fault) => fault.injectedAt));
    const success = observer.firstExecutedAfter(healedAt);
    const samples = this.#lookout
      .samplesSince(injectedAt)
      .map(({ at, values }) => ({ at, values: { ...values, violations: 0 } }));
    this.#recovery = recoveryOf({
      ...{ experiment, injectedAt, healedAt, samples },
      noticedAt: samples.filter(isNoticed).map(({ at }) => at),
      executedAt: success === undefined ? [] : [success],
      backlogAtRest: BACKLOG_AT_REST,
    });
    return steady;
  }

  #conclude(halted: string | undefined, signal: AbortSignal): void {
    const windows = windowsOf(this.#options.experiment.method, this.#method.faults);
    const broken = this.#after.find(({ holds }) => !holds);
    const [violation] = this.#violations;
    if (violation !== undefined)
      this.#end("failed", `${this.#violations.length} violations, first of all: ${violation.text}`);
    else if (signal.aborted) this.#end("halted", "the kill switch was used");
    else if (halted !== undefined) this.#end("halted", halted);
    else if (broken !== undefined) this.#end("failed", `the steady state did not come back: ${broken.name}`);
    else if (effectiveShare(windows) < this.#policy.leastEffectiveShare) {
      const names = windows.filter(({ isEffective }) => !isEffective).map(({ name }) => name);
      this.#end("ineffective", `not proven to bite with work in flight: ${names.join(", ")}`);
    } else {
      const all = windows.every(({ isEffective }) => isEffective);
      const bit = all ? "every fault bit" : `${percent(effectiveShare(windows))} of the windows bit`;
      const reason = `${bit}, and nothing was lost, doubled or stuck`;
      this.#verdict = { kind: "passed", reason };
      this.#move("Completed", reason);
    }
  }

  /** Ends it as failed, on the road that its lifecycle has. */
  #end(kind: Verdict["kind"], reason: string): void {
    this.#verdict = { kind, reason };
    if (this.#lifecycle.at(-1)?.state === "Running") this.#move("Recovering", reason);
    this.#move("Failed", reason);
  }

  #move(to: ExperimentState, reason: string): void {
    const now = this.#lifecycle.at(-1) ?? pending(this.#services.clock.now());
    this.#lifecycle = [
      ...this.#lifecycle,
      move(now, to, Math.max(now.at, this.#services.clock.now()), reason),
    ];
    this.#services.onChange(this.record());
  }
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))}%`;
}

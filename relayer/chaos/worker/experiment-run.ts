import { explain } from "../../domain/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { type ResolvedStep, resolveAll } from "../core/blast-radius.ts";
import type { Violation } from "../core/checker/violation.ts";
import type { Experiment, Measure, Phase } from "../core/experiment.ts";
import { haltReason, judge, type ProbeResult, type Sample } from "../core/halting.ts";
import { type ExperimentState, type Lifecycle, move, pending } from "../core/lifecycle.ts";
import type { ExperimentRecord, FaultRecord, RecoveryMetrics, Verdict } from "../core/report/record.ts";
import { recoveryOf } from "../core/report/recovery.ts";
import type { Inventory } from "../core/selector.ts";
import type { Checker, Traffic, Observer } from "../ports.ts";
import { injectorFor, runStep, type StepServices } from "./step-run.ts";

/** How often the fleet is looked at, in milliseconds. */
const SAMPLE_MILLISECONDS = 500;
/** For how long the work runs before the steady state is judged, at most, in milliseconds. */
const WARM_UP_MILLISECONDS = 20_000;

/** Up to how many messages on their way are no backlog. */
const BACKLOG_AT_REST = 20;

/** Whether the fleet itself says that something is wrong. */
const isNoticed = ({ values }: Sample) => (values.firingAlerts ?? 0) > 0 || (values.readyShare ?? 1) < 1;

/** What a run works with. */
export type RunServices = StepServices & {
  readonly inventory: () => Inventory;
  readonly observer: Observer;
  readonly traffic: Traffic;
  readonly checker: Checker;
  readonly logger: Logger;
  /** Told of every move, so that it can be shown and kept. */
  readonly onMove: (record: ExperimentRecord) => void;
};

/** How an experiment is run. */
export type RunOptions = {
  readonly id: string;
  /** In compressed time, if it is compressed. */
  readonly experiment: Experiment;
  readonly timeFactor: number;
  readonly seed?: number | undefined;
};

/**
 * One run of an experiment, from the steady state before to the verdict. Whatever happens, faults are healed before it ends: by the steps,
 * by their leases, or by the dead-man.
 */
export class ExperimentRun {
  readonly #options: RunOptions;
  readonly #services: RunServices;
  #lifecycle: readonly Lifecycle[];
  #faults: readonly FaultRecord[] = [];
  readonly #samples: Sample[] = [];
  #before: readonly ProbeResult[] = [];
  #worst: readonly ProbeResult[] = [];
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
    this.#options = options;
    this.#services = services;
    this.#lifecycle = [pending(services.clock.now())];
  }

  /**
   * @param signal the kill switch: everything is healed, and the run has failed
   * @returns what became of it; never throws
   */
  async run(signal: AbortSignal): Promise<ExperimentRecord> {
    const ending = new AbortController();
    const load = AbortSignal.any([signal, ending.signal]);
    const working = [this.#keepSending(load), this.#keepSampling(load)];
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
    const series = (measure: Measure) =>
      this.#samples.flatMap(({ at, values }) => {
        const value = values[measure];
        return value === undefined ? [] : [[at, value] as const];
      });
    return {
      ...{ id, experiment, timeScale, seed },
      phases: this.#lifecycle,
      faults: this.#faults,
      hypothesis: { before: this.#before, during: this.#worst, after: this.#after },
      series: { throughput: series("throughput"), latency: series("latencyP95") },
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
    this.#before = await this.#untilSteady("before", WARM_UP_MILLISECONDS, signal);
    const broken = this.#before.find(({ holds }) => !holds);
    if (broken !== undefined) {
      this.#end("failed", `the steady state did not hold before any fault: ${broken.name}`);
      return;
    }
    this.#move("Running", "the steady state holds");
    const halted = await this.#doMethod(plan, signal);
    const healedAt = clock.now();
    this.#move("Recovering", halted ?? "every fault is healed");
    await this.#recover(healedAt, signal);
    await this.#check(began, healedAt);
    this.#after = judge(experiment, "after", this.#latest());
    this.#conclude(halted, signal);
  }

  async #check(since: number, healedAt: number): Promise<void> {
    const { executedWithinMilliseconds: executedWithin } = this.#options.experiment;
    this.#violations = await this.#services.checker.check({ since, healedAt, executedWithin });
  }

  /** The last sample, with what the checker found the last time: it reads too much to be asked each time. */
  #latest(): Sample {
    const { at, values } = this.#samples.at(-1) ?? { at: this.#services.clock.now(), values: {} };
    return { at, values: { ...values, violations: this.#violations.length } };
  }

  /** @returns why it was halted; undefined when every step was done */
  async #doMethod(plan: readonly ResolvedStep[], signal: AbortSignal): Promise<string | undefined> {
    const { clock } = this.#services;
    const halting = new AbortController();
    const ended = new AbortController();
    const either = AbortSignal.any([signal, halting.signal]);
    const watching = this.#watchForHalt(halting, AbortSignal.any([either, ended.signal]));
    const outcomes = await Promise.allSettled(
      plan.map(async (each, index) => {
        await clock.sleep(each.step.startMilliseconds, either);
        const done = await runStep(each, index, this.#services, either);
        this.#faults = [...this.#faults, done].sort((a, b) => a.step - b.step);
      }),
    );
    ended.abort();
    const reason = await watching;
    if (signal.aborted) return "the kill switch was used";
    if (reason !== undefined) return reason;
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    return failed && `a step could not be done: ${explain(failed.reason)}`;
  }

  /** Looks at the fleet while faults last, and halts them when the experiment says so. @returns why it did */
  async #watchForHalt(halting: AbortController, signal: AbortSignal): Promise<string | undefined> {
    const { clock } = this.#services;
    const began = clock.now();
    while (!signal.aborted) {
      const during = this.#samples.filter(({ at }) => at >= began);
      const last = during.at(-1);
      if (last !== undefined) this.#noteWorst(last);
      const reason = haltReason(this.#options.experiment, during);
      if (reason !== undefined) {
        halting.abort();
        return reason;
      }
      await clock.sleep(SAMPLE_MILLISECONDS, signal).catch(() => undefined);
    }
    return undefined;
  }

  /** Waits until the fleet is well again, for T at most. */
  async #recover(healedAt: number, signal: AbortSignal): Promise<void> {
    const { observer } = this.#services;
    const { experiment } = this.#options;
    await this.#untilSteady("after", experiment.executedWithinMilliseconds, signal);
    const injectedAt = Math.min(...this.#faults.map((fault) => fault.injectedAt));
    const success = observer.firstExecutedAfter(healedAt);
    const samples = this.#samples
      .filter(({ at }) => at >= injectedAt)
      .map(({ at, values }) => ({ at, values: { ...values, violations: 0 } }));
    this.#recovery = recoveryOf({
      ...{ experiment, injectedAt, healedAt, samples },
      noticedAt: samples.filter(isNoticed).map(({ at }) => at),
      executedAt: success === undefined ? [] : [success],
      backlogAtRest: BACKLOG_AT_REST,
    });
  }

  /** Of each probe, the look during the faults at which it was broken first, or else the last one. */
  #noteWorst(sample: Sample): void {
    const known = new Map(this.#worst.map((result) => [result.name, result]));
    this.#worst = judge(this.#options.experiment, "during", sample).map((result) => {
      const before = known.get(result.name);
      return before?.holds === false ? before : result;
    });
  }

  /** Looks again and again until the steady state holds, or for so long. */
  async #untilSteady(
    phase: Phase,
    milliseconds: number,
    signal: AbortSignal,
  ): Promise<readonly ProbeResult[]> {
    const { clock } = this.#services;
    const began = clock.now();
    for (;;) {
      const sample = this.#latest();
      const results = judge(this.#options.experiment, phase, sample);
      const isOver = signal.aborted || clock.now() - began >= milliseconds;
      if (isOver || (sample.at >= began && results.every(({ holds }) => holds))) return results;
      await clock.sleep(SAMPLE_MILLISECONDS, signal).catch(() => undefined);
    }
  }

  #conclude(halted: string | undefined, signal: AbortSignal): void {
    const { method } = this.#options.experiment;
    const ineffective = this.#faults.filter(({ effect }) => !effect?.isEffective || effect.inFlight === 0);
    const broken = this.#after.find(({ holds }) => !holds);
    const [violation] = this.#violations;
    if (violation !== undefined)
      this.#end("failed", `${this.#violations.length} violations, first of all: ${violation.text}`);
    else if (signal.aborted) this.#end("halted", "the kill switch was used");
    else if (halted !== undefined) this.#end("halted", halted);
    else if (broken !== undefined) this.#end("failed", `the steady state did not come back: ${broken.name}`);
    else if (ineffective.length > 0) {
      const names = ineffective.map(({ step, type }) => method[step]?.name ?? type).join(", ");
      this.#end("ineffective", `not proven to bite with work in flight: ${names}`);
    } else {
      const reason = "every fault bit, and nothing was lost, doubled or stuck";
      this.#verdict = { kind: "passed", reason };
      this.#move("Completed", reason);
    }
  }

  async #keepSending(signal: AbortSignal): Promise<void> {
    const { clock, traffic, logger } = this.#services;
    const { everyMilliseconds } = this.#options.experiment.load;
    while (!signal.aborted) {
      try {
        await traffic.send(signal);
      } catch (error) {
        logger.debug({ reason: explain(error) }, "nothing could be sent this time");
      }
      await clock.sleep(everyMilliseconds, signal).catch(() => undefined);
    }
  }

  async #keepSampling(signal: AbortSignal): Promise<void> {
    const { clock, observer, logger } = this.#services;
    while (!signal.aborted) {
      try {
        this.#samples.push(await observer.sample());
      } catch (error) {
        logger.debug({ reason: explain(error) }, "the fleet could not be looked at this time");
      }
      await clock.sleep(SAMPLE_MILLISECONDS, signal).catch(() => undefined);
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
    this.#services.onMove(this.record());
  }
}

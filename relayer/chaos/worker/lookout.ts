import { explain } from "../../domain/errors.ts";
import { pause } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import type { Experiment, Measure, Phase } from "../core/experiment.ts";
import { haltReason, judge, type ProbeResult, type Sample } from "../core/halting.ts";
import type { Point } from "../core/report/record.ts";
import type { Clock, Observer } from "../ports.ts";

/** How often the fleet is looked at, in milliseconds. */
const SAMPLE_MILLISECONDS = 500;

/** What a look-out sees by. */
export type LookoutServices = {
  readonly observer: Pick<Observer, "sample">;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** Looks at the fleet again and again for as long as an experiment lasts, and judges its steady state. */
export class Lookout {
  readonly #experiment: Experiment;
  readonly #services: LookoutServices;
  readonly #samples: Sample[] = [];
  #worst: readonly ProbeResult[] = [];
  #violations = 0;

  constructor(experiment: Experiment, services: LookoutServices) {
    this.#experiment = experiment;
    this.#services = services;
  }

  /** Of each probe, the look during the faults at which it was broken first, or else the last one. */
  get worst(): readonly ProbeResult[] {
    return this.#worst;
  }

  /** What the checker found the last time: it reads too much to be asked at each look. */
  set violations(count: number) {
    this.#violations = count;
  }

  samplesSince(moment: number): readonly Sample[] {
    return this.#samples.filter(({ at }) => at >= moment);
  }

  series(measure: Measure): readonly Point[] {
    return this.#samples.flatMap(({ at, values }) => {
      const value = values[measure];
      return value === undefined ? [] : [[at, value] as const];
    });
  }

  /** Looks until the signal aborts. A look that fails is none. */
  async keepLooking(signal: AbortSignal): Promise<void> {
    const { observer, logger } = this.#services;
    while (!signal.aborted) {
      try {
        this.#samples.push(await observer.sample());
      } catch (error) {
        logger.debug({ reason: explain(error) }, "the fleet could not be looked at this time");
      }
      await this.#pause(signal);
    }
  }

  judge(phase: Phase): readonly ProbeResult[] {
    return judge(this.#experiment, phase, this.#latest());
  }

  /** Waits until the steady state holds, for so long at most. @returns how it is then */
  async untilSteady(
    phase: Phase,
    milliseconds: number,
    signal: AbortSignal,
  ): Promise<readonly ProbeResult[]> {
    const { clock } = this.#services;
    const began = clock.now();
    for (;;) {
      const { at } = this.#latest();
      const results = this.judge(phase);
      const isOver = signal.aborted || clock.now() - began >= milliseconds;
      if (isOver || (at >= began && results.every(({ holds }) => holds))) return results;
      await this.#pause(signal);
    }
  }

  /** Waits for something that is seen at some look, for so long at most. */
  async until(isSeen: () => boolean, milliseconds: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#services;
    const began = clock.now();
    while (!isSeen() && !signal.aborted && clock.now() - began < milliseconds) await this.#pause(signal);
  }

  /** Watches while faults last, and calls `halt` once when the experiment says so. @returns why it did */
  async watchForHalt(halt: () => void, signal: AbortSignal): Promise<string | undefined> {
    const began = this.#services.clock.now();
    while (!signal.aborted) {
      const during = this.samplesSince(began);
      const last = during.at(-1);
      if (last !== undefined) this.#noteWorst(last);
      const reason = haltReason(this.#experiment, during);
      if (reason !== undefined) {
        halt();
        return reason;
      }
      await this.#pause(signal);
    }
    return undefined;
  }

  #latest(): Sample {
    const { at, values } = this.#samples.at(-1) ?? { at: this.#services.clock.now(), values: {} };
    return { at, values: { ...values, violations: this.#violations } };
  }

  #noteWorst(sample: Sample): void {
    const known = new Map(this.#worst.map((result) => [result.name, result]));
    this.#worst = judge(this.#experiment, "during", sample).map((result) => {
      const before = known.get(result.name);
      return before?.holds === false ? before : result;
    });
  }

  #pause(signal: AbortSignal): Promise<void> {
    return pause(this.#services.clock, SAMPLE_MILLISECONDS, signal);
  }
}

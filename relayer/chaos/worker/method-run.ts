import { ConfigurationError, explain } from "../../domain/errors.ts";
import type { ResolvedStep } from "../core/blast-radius.ts";
import { type Burst, burstsOf } from "../core/bursts.ts";
import { claimsOf } from "../core/claims.ts";
import { methodMilliseconds } from "../core/experiment.ts";
import type { FaultRecord, SkippedStep } from "../core/report/record.ts";
import type { RunPolicy } from "../core/run-policy.ts";
import type { Inventory } from "../core/selector.ts";
import type { ProcessTarget, Target } from "../core/target.ts";
import { runStep, type StepServices } from "./step-run.ts";
import { Turns } from "./turns.ts";

/** For how long a step waits for a target that is just starting, and how often it looks, in milliseconds. */
const MOST_START_MILLISECONDS = 60_000;
const LOOK_MILLISECONDS = 200;

/** What a method is done with. */
export type MethodServices = StepServices & {
  readonly inventory: () => Inventory;
  /** Whether a process has started so far that it works. */
  readonly isUp: (target: ProcessTarget) => boolean;
  /** Told of every fault that was done. */
  readonly onFault: (record: FaultRecord) => void;
};

/** The steps of one method, each at its time, on what goes by the targets' names then. */
export class MethodRun {
  readonly #policy: RunPolicy;
  readonly #services: MethodServices;
  readonly #turns = new Turns();
  #faults: readonly FaultRecord[] = [];
  #skipped: readonly SkippedStep[] = [];

  constructor(policy: RunPolicy, services: MethodServices) {
    this.#policy = policy;
    this.#services = services;
  }

  /** In the order of the method's steps. */
  get faults(): readonly FaultRecord[] {
    return this.#faults;
  }

  /** Steps that could not be done, in the order in which that was seen. */
  get skipped(): readonly SkippedStep[] {
    return this.#skipped;
  }

  /**
   * Does all steps, and returns once each is healed or was not done.
   * @param halt ends the others, where the policy says so
   * @returns why a step could not be done, where that ends the run
   */
  async perform(
    plan: readonly ResolvedStep[],
    halt: () => void,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    let over = 0;
    for (const { places, endMilliseconds } of this.#burstsOf(plan)) {
      const failures = await Promise.all(
        places.map((place) => this.#attempt(plan, place, { after: over, halt, signal })),
      );
      const failure = failures.find((each) => each !== undefined);
      if (failure !== undefined || signal.aborted) return failure;
      over = endMilliseconds;
    }
    return undefined;
  }

  /** Where steps wait for each other, what comes after calm waits for all before it, so that there is that calm however long they took. */
  #burstsOf(plan: readonly ResolvedStep[]): readonly Burst[] {
    const steps = plan.map(({ step }) => step);
    if (this.#policy.takesTurns) return burstsOf(steps);
    return [{ places: [...steps.keys()], endMilliseconds: methodMilliseconds({ method: steps }) }];
  }

  /** @returns why it could not be done, where that ends the run */
  async #attempt(
    plan: readonly ResolvedStep[],
    place: number,
    {
      after,
      halt,
      signal,
    }: { readonly after: number; readonly halt: () => void; readonly signal: AbortSignal },
  ): Promise<string | undefined> {
    const each = plan[place];
    if (each === undefined) return undefined;
    try {
      await this.#services.clock.sleep(each.step.startMilliseconds - after, signal);
      await this.#perform(each, place, signal);
      return undefined;
    } catch (error) {
      if (signal.aborted) return undefined;
      const reason = explain(error);
      this.#skipped = [...this.#skipped, { step: place, type: each.step.fault.type, reason }];
      if (this.#policy.failedStep === "goOn") return undefined;
      halt();
      return `a step could not be done: ${reason}`;
    }
  }

  async #perform(each: ResolvedStep, index: number, signal: AbortSignal): Promise<void> {
    const run = async () => {
      const targets = this.#policy.takesTurns
        ? await this.#untilUp(each.targets, signal)
        : this.#asNow(each.targets);
      const done = await runStep({ step: each.step, targets }, index, this.#services, signal);
      this.#faults = [...this.#faults, done].toSorted((a, b) => a.step - b.step);
      this.#services.onFault(done);
    };
    if (!this.#policy.takesTurns) return run();
    return this.#turns.take(claimsOf(each.step.fault, each.targets), signal, run);
  }

  /** The same processes by name as they are now: one that was started again has another pid. */
  #asNow(targets: readonly Target[]): readonly Target[] {
    const { processes } = this.#services.inventory();
    return targets.map((target) =>
      target.kind === "link" ? target : (processes.find(({ name }) => name === target.name) ?? target),
    );
  }

  async #untilUp(targets: readonly Target[], signal: AbortSignal): Promise<readonly Target[]> {
    const { clock, inventory, isUp } = this.#services;
    for (const deadline = clock.now() + MOST_START_MILLISECONDS; ;) {
      const up = new Map(
        inventory()
          .processes.filter(isUp)
          .map((each) => [each.name, each]),
      );
      const missing = targets.filter(({ kind, name }) => kind === "process" && !up.has(name));
      if (missing.length === 0) return targets.map((target) => up.get(target.name) ?? target);
      if (clock.now() >= deadline)
        throw new ConfigurationError(
          "TARGET_AWAY",
          `${missing.map(({ name }) => name).join(", ")} did not come up within ${MOST_START_MILLISECONDS / 1_000} s. Nothing was done to it.`,
        );
      await clock.sleep(LOOK_MILLISECONDS, signal);
    }
  }
}

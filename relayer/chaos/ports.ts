import type { Violation } from "./core/checker/violation.ts";
import type { Fault, FaultType } from "./core/fault.ts";
import type { Fence } from "./core/fence.ts";
import type { Sample } from "./core/halting.ts";
import type { ExperimentRecord } from "./core/report/record.ts";
import type { ChaosAct, RunEntry, ScheduleEntry } from "./core/run-entry.ts";
import type { Target, Tier } from "./core/target.ts";

/** Time, so that tests can bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Waits, or rejects as soon as `signal` aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** How a fault is done, in words for reports: what the tier really does, which may be less than the fault's name says. */
export type Mechanism = { readonly tier: Tier; readonly name: string; readonly what: string };

/** A fault that is being done. */
export interface Injection {
  /** How it is done. */
  readonly mechanism: Mechanism;
  /** Takes it back; says again and again that it is done changes nothing. Rejects when something could not be taken back. */
  heal(): Promise<void>;
}

/** What does faults by the means of one tier. */
export interface Injector {
  readonly tier: Tier;
  /** How it would do such a fault here; `undefined` where it cannot. It never does a weaker one in its place without saying so here. */
  mechanismOf(type: FaultType): Mechanism | undefined;
  /** Why it cannot do such a fault here; `undefined` where it can. */
  whyNot(type: FaultType): string | undefined;
  /**
   * Does the fault to the targets. It ends by itself at `until`, even when this process is gone by then.
   * @param until Unix milliseconds
   * @param fence of the run that does it; it is refused when another run has got one of the targets since
   * @throws Error when it cannot be done; nothing is left of it then
   */
  inject(fault: Fault, targets: readonly Target[], until: number, fence?: Fence): Promise<Injection>;
}

/** What is seen of the fleet as a whole, past every proxy. */
export interface Observer {
  /** What can be measured now; what cannot is missing. */
  sample(): Promise<Sample>;
  /** When the first message after a moment was executed (Unix milliseconds); undefined while none was. */
  firstExecutedAfter(moment: number): number | undefined;
  /** How many messages are on their way; only those that were there before a moment (Unix milliseconds), if one is given. */
  inFlight(sentBefore?: number): number;
}

/** The work that faults shall harm: whoever sends messages. */
export interface Traffic {
  /**
   * The ways that messages go, each with what sends one message that way, and rejects when it cannot be sent now. None waits for another, so that
   * there is work while one is barred.
   */
  readonly ways: readonly ((signal: AbortSignal) => Promise<void>)[];
}

/**
 * Takes one number again and again: what a fault changes about its target.
 * @param patience how long one question may take at most, in milliseconds: what is answered after a fault's end says nothing about it
 */
export type Gauge = (patience: number) => Promise<number>;

/** Gets ready to measure what a fault does to a target. It knows nothing of whoever does it. */
export type GaugeOf = (fault: Fault, target: Target) => Gauge;

/** Reads both chains and the signers' records, and says what is not as it must be. */
export interface Checker {
  /**
   * @param times `since`: when the experiment began, and `healedAt`: when its last fault was healed, in Unix milliseconds;
   * `executedWithin`: T, in milliseconds
   * @throws RetryableError when the evidence cannot be read
   */
  check(times: {
    readonly since: number;
    readonly healedAt: number;
    readonly executedWithin: number;
  }): Promise<readonly Violation[]>;
}

/** What a controller must not forget: runs, schedules, and who did what. Everything is durable when a call returns. */
export interface ChaosStore {
  /** Notes a run that was asked for. @returns false where there is one with this id */
  addRun(entry: RunEntry): boolean;
  /** Notes how far a run is, with all that was measured. */
  saveRecord(record: ExperimentRecord): void;
  /** One run; undefined where there is none by this id. */
  run(id: string): RunEntry | undefined;
  /** What was measured in a run; undefined while it has not begun. */
  record(id: string): ExperimentRecord | undefined;
  /** The newest first. */
  runs(limit: number): readonly RunEntry[];
  /** Runs that are not over, the oldest first. */
  unfinished(): readonly RunEntry[];
  /** Ends a run that nobody goes on with. */
  abandon(id: string, reason: string): void;
  /** All schedules. */
  schedules(): readonly ScheduleEntry[];
  /** Keeps a schedule in the place of one by the same name. */
  putSchedule(entry: ScheduleEntry): void;
  /** @returns whether there was one */
  removeSchedule(name: string): boolean;
  /** Up to when a schedule was looked for runs that are due. */
  noteLook(name: string, at: number): void;
  /** Notes what somebody did. */
  addAct(act: ChaosAct): void;
  /** The newest first. */
  acts(limit: number): readonly ChaosAct[];
  /** Forgets runs that were over before a moment; acts stay. */
  prune(before: number): void;
}

import type { ExperimentState } from "./lifecycle.ts";
import type { RecoveryMetrics, Verdict } from "./report/record.ts";
import type { RunRequest } from "./run-request.ts";
import type { Schedule } from "./schedule.ts";

/** One run as it is kept, without what was measured. Times in Unix milliseconds. */
export type RunEntry = {
  readonly id: string;
  readonly title: string;
  readonly request: RunRequest;
  /** Who asked for it: a user's name, or `schedule` and a name. */
  readonly askedBy: string;
  readonly askedAt: number;
  /** The schedule that planned it. */
  readonly schedule: string | undefined;
  readonly state: ExperimentState;
  /** Once it is over. */
  readonly verdict: Verdict | undefined;
  readonly recovery: RecoveryMetrics | undefined;
};

/** A schedule, what it runs, and up to when it was looked for runs that are due. */
export type ScheduleEntry = {
  readonly schedule: Schedule;
  readonly request: RunRequest;
  readonly askedBy: string;
  /** Unix milliseconds. */
  readonly lookedAt: number;
};

/** An act of somebody, for the audit log. */
export type ChaosAct = {
  readonly at: number;
  readonly who: string;
  /** The address of the client. */
  readonly from: string;
  /** Such as `run-asked-for`, `run-stopped`, `schedule-set`, `schedule-skipped`. */
  readonly what: string;
  readonly detail: string;
};

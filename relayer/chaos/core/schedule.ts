import { createHash } from "node:crypto";
import { Cron } from "croner";
import { z } from "zod";
import { explain } from "../../domain/errors.ts";

/** Jitter is at most an hour. */
const MOST_JITTER = 3_600_000;
/** How many runs are looked at when a scheduler was away, the newest ones. */
const MOST_MISSED = 1_000;

/** When an experiment is run by itself. */
export const scheduleSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "expected small letters, digits and dashes"),
    /** Five fields (minute, hour, day, month, day of the week), or six with seconds before them. */
    cron: z.string().min(1).max(200),
    /** An IANA name, such as Europe/Zurich. */
    timeZone: z.string().min(1).max(100).default("UTC"),
    isEnabled: z.boolean().default(true),
    /** Each run begins later by a part of this, which follows from its name and time. */
    jitterMilliseconds: z.number().int().min(0).max(MOST_JITTER).default(0),
    /** Forbid: a run that is due while one before it is not over is left out. */
    overlap: z.enum(["Forbid", "Allow"]).default("Forbid"),
  })
  .superRefine(({ cron, timeZone }, context) => {
    const problem = problemOf(cron, timeZone);
    if (problem !== undefined)
      context.addIssue({ code: "custom", path: [problem.path], message: problem.message });
  });
/** {@link scheduleSchema}, read. */
export type Schedule = z.output<typeof scheduleSchema>;

/** One run of a schedule. Times in Unix milliseconds. */
export type PlannedRun = {
  /** The same for whoever plans it: what keeps it from being run twice. */
  readonly id: string;
  /** When it is due by the clock's hands. */
  readonly plannedAt: number;
  /** When it begins: that, and its jitter. */
  readonly startsAt: number;
};

/** The next run that is planned after a moment; undefined where the schedule is disabled, or has no more. */
export function nextRun(schedule: Schedule, after: number): PlannedRun | undefined {
  if (!schedule.isEnabled) return undefined;
  const at = cronOf(schedule.cron, schedule.timeZone).nextRun(new Date(after))?.getTime();
  return at === undefined ? undefined : plan(schedule, at);
}

/** What is to be done about a schedule at one moment. */
export type DueRuns = {
  readonly start: readonly PlannedRun[];
  /** Left out, and why. */
  readonly skip: readonly { readonly run: PlannedRun; readonly reason: string }[];
};

/**
 * The runs that begin after `from` and up to `to`. Of several that became due while nobody looked only the last is started.
 * @param isRunning whether a run of the schedule is not over
 */
export function dueRuns(
  schedule: Schedule,
  { from, to, isRunning }: { readonly from: number; readonly to: number; readonly isRunning: boolean },
): DueRuns {
  const due = plannedBetween(schedule, from - schedule.jitterMilliseconds, to).filter(
    ({ startsAt }) => startsAt > from && startsAt <= to,
  );
  const last = due.at(-1);
  if (last === undefined) return { start: [], skip: [] };
  const missed = due.slice(0, -1).map((each) => ({ run: each, reason: "nobody was there to start it" }));
  if (isRunning && schedule.overlap === "Forbid")
    return { start: [], skip: [...missed, { run: last, reason: "the run before it is not over" }] };
  return { start: [last], skip: missed };
}

/** The runs that are planned after `from` and up to `to`, in order; the newest ones, if there are very many. */
function plannedBetween(schedule: Schedule, from: number, to: number): readonly PlannedRun[] {
  const runs: PlannedRun[] = [];
  if (!schedule.isEnabled) return runs;
  const cron = cronOf(schedule.cron, schedule.timeZone);
  for (let before = to + 1; runs.length < MOST_MISSED;) {
    const [date] = cron.previousRuns(1, new Date(before));
    if (date === undefined || date.getTime() <= from) break;
    before = date.getTime();
    runs.unshift(plan(schedule, before));
  }
  return runs;
}

function plan({ name, jitterMilliseconds }: Schedule, plannedAt: number): PlannedRun {
  const id = `${name}-${new Date(plannedAt).toISOString()}`;
  // 32 bits of a hash, as a share of the jitter.
  const share = createHash("sha256").update(id).digest().readUInt32BE() / 2 ** 32;
  return { id, plannedAt, startsAt: plannedAt + Math.floor(share * jitterMilliseconds) };
}

function cronOf(cron: string, timezone: string): Cron {
  return new Cron(cron, { timezone, paused: true, mode: "5-or-6-parts" });
}

function problemOf(cron: string, timeZone: string) {
  if (!isTimeZone(timeZone))
    return { path: "timeZone", message: "expected the IANA name of a time zone, such as Europe/Zurich" };
  try {
    cronOf(cron, timeZone);
    return undefined;
  } catch (error) {
    return { path: "cron", message: `expected a cron expression: ${explain(error)}` };
  }
}

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

import type { Actor } from "../../domain/actor.ts";
import { explain, FatalError } from "../../domain/errors.ts";
import type { Logger } from "../../platform/log.ts";
import type { RunEntry, ScheduleEntry } from "../core/run-entry.ts";
import type { RunRequest } from "../core/run-request.ts";
import { dueRuns, nextRun, type PlannedRun, type Schedule } from "../core/schedule.ts";
import type { ChaosStore, Clock } from "../ports.ts";
import type { ChaosController } from "./controller.ts";

/** What a scheduler works with. */
export type SchedulerServices = {
  readonly store: Pick<
    ChaosStore,
    "schedules" | "putSchedule" | "removeSchedule" | "noteLook" | "unfinished"
  >;
  readonly controller: Pick<ChaosController, "preview" | "request" | "note">;
  readonly clock: Pick<Clock, "now">;
  readonly logger: Logger;
};

/** A schedule as it is shown. */
export type ScheduleView = ScheduleEntry & { readonly next: PlannedRun | undefined };

/** Asks for the runs that schedules plan, each once: its id follows from the schedule's name and the time. */
export class Scheduler {
  readonly #services: SchedulerServices;

  constructor(services: SchedulerServices) {
    this.#services = services;
  }

  /** Takes a schedule, or another one in the place of the one of its name. @throws ConfigurationError where its run would be refused now */
  put(schedule: Schedule, request: RunRequest, actor: Actor): ScheduleView {
    const { store, controller, clock } = this.#services;
    controller.preview(request);
    const entry = { schedule, request, askedBy: actor.name, lookedAt: clock.now() };
    store.putSchedule(entry);
    controller.note(actor, "schedule-set", JSON.stringify(schedule));
    return this.#view(entry);
  }

  /** @throws FatalError `NO_SCHEDULE` */
  enable(name: string, isEnabled: boolean, actor: Actor): ScheduleView {
    const { store, controller, clock } = this.#services;
    const known = this.#require(name);
    // What was due while it was disabled is not caught up with.
    const entry = { ...known, schedule: { ...known.schedule, isEnabled }, lookedAt: clock.now() };
    store.putSchedule(entry);
    controller.note(actor, isEnabled ? "schedule-enabled" : "schedule-disabled", name);
    return this.#view(entry);
  }

  /** @throws FatalError `NO_SCHEDULE` */
  remove(name: string, actor: Actor): void {
    this.#require(name);
    this.#services.store.removeSchedule(name);
    this.#services.controller.note(actor, "schedule-removed", name);
  }

  list(): readonly ScheduleView[] {
    return this.#services.store.schedules().map((entry) => this.#view(entry));
  }

  /** Asks for what has become due since the last look. */
  tick(): void {
    const { store, clock } = this.#services;
    const now = clock.now();
    const unfinished = store.unfinished();
    for (const entry of store.schedules()) this.#tick(entry, unfinished, now);
  }

  #tick(entry: ScheduleEntry, unfinished: readonly RunEntry[], now: number): void {
    const { schedule, request, lookedAt } = entry;
    const { store, controller, logger } = this.#services;
    const by: Actor = { name: `schedule ${schedule.name}`, from: "scheduler" };
    const isRunning = unfinished.some((run) => run.schedule === schedule.name);
    const { start, skip } = dueRuns(schedule, { from: lookedAt, to: now, isRunning });
    for (const { run, reason } of skip) controller.note(by, "schedule-skipped", `${run.id}: ${reason}`);
    for (const run of start) {
      try {
        controller.request(request, by, { id: runIdOf(run), schedule: schedule.name });
      } catch (error) {
        logger.warn({ schedule: schedule.name, err: error }, "a planned run was refused");
        controller.note(by, "schedule-refused", `${run.id}: ${explain(error)}`);
      }
    }
    // Should this process end before this line, the same runs are due again, and have the same ids.
    if (start.length + skip.length > 0) store.noteLook(schedule.name, now);
  }

  #view(entry: ScheduleEntry): ScheduleView {
    return { ...entry, next: nextRun(entry.schedule, this.#services.clock.now()) };
  }

  #require(name: string): ScheduleEntry {
    const found = this.#services.store.schedules().find(({ schedule }) => schedule.name === name);
    if (found !== undefined) return found;
    throw new FatalError("NO_SCHEDULE", `There is no schedule ${name}. Nothing was changed.`);
  }
}

/** Ids of runs are names of files and of jobs, in which there are no colons. */
function runIdOf({ id }: PlannedRun): string {
  return id.replaceAll(/[:.]/g, "-");
}

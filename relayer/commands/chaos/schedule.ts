import { z } from "zod";
import { scheduleSchema } from "../../chaos/core/schedule.ts";
import { UsageError } from "../../domain/errors.ts";
import { table } from "../../platform/table.ts";
import type { CommandContext } from "../context.ts";
import { ChaosClient, scheduleView } from "./client.ts";
import { readRequest, type RequestOptions } from "./request.ts";

/** The options of `dchat chaos schedule set`. */
export type ScheduleOptions = RequestOptions & {
  readonly cron: string;
  readonly timeZone: string;
  readonly jitter: string;
  readonly overlap: "Forbid" | "Allow";
  readonly disabled?: true;
};

/** `dchat chaos schedule set`. @throws UsageError `SCHEDULE` with everything that is wrong */
export async function setSchedule(
  name: string,
  experiment: string,
  options: ScheduleOptions,
  { network, output }: CommandContext,
): Promise<void> {
  const { cron, timeZone, jitter, overlap, disabled } = options;
  const read = scheduleSchema.safeParse({
    ...{ name, cron, timeZone, overlap, isEnabled: disabled === undefined },
    jitterMilliseconds: Math.round(Number(jitter) * 1_000),
  });
  if (!read.success) {
    const problems = read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new UsageError("SCHEDULE", `The schedule is wrong: ${problems.join("; ")}. Nothing was changed.`);
  }
  const body = { schedule: read.data, request: readRequest(experiment, options) };
  const view = await new ChaosClient(network).post("/api/v1/schedules", body, scheduleView);
  output.result(view, describeAll([view]));
}

/** `dchat chaos schedule list` */
export async function listSchedules({ network, output }: CommandContext): Promise<void> {
  const listed = z.object({ schedules: z.array(scheduleView) });
  const shown = await new ChaosClient(network).get("/api/v1/schedules", listed);
  output.result(
    shown,
    shown.schedules.length === 0 ? "There are no schedules." : describeAll(shown.schedules),
  );
}

/** `dchat chaos schedule enable` and `disable` */
export async function enableSchedule(
  name: string,
  isEnabled: boolean,
  { network, output }: CommandContext,
): Promise<void> {
  const path = `/api/v1/schedules/${encodeURIComponent(name)}`;
  const view = await new ChaosClient(network).post(path, { isEnabled }, scheduleView);
  output.result(view, describeAll([view]));
}

/** `dchat chaos schedule remove` */
export async function removeSchedule(name: string, { network, output }: CommandContext): Promise<void> {
  const path = `/api/v1/schedules/${encodeURIComponent(name)}`;
  const answer = await new ChaosClient(network).delete(path, undefined, z.object({ removed: z.string() }));
  output.result(answer, `${name} runs nothing any more`);
}

function describeAll(views: readonly z.output<typeof scheduleView>[]): string {
  return table(
    ["Name", "When", "Time zone", "Next", "Overlap", "Asked by"],
    views.map(({ schedule, next, askedBy }) => [
      schedule.name,
      schedule.cron,
      schedule.timeZone,
      !schedule.isEnabled ? "disabled" : next === undefined ? "never" : new Date(next.startsAt).toISOString(),
      schedule.overlap,
      askedBy,
    ]),
  );
}

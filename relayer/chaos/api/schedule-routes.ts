import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { runRequestSchema } from "../core/run-request.ts";
import { scheduleSchema } from "../core/schedule.ts";
import type { ChaosApiServices } from "./services.ts";

const named = z.object({ name: z.string().min(1).max(200) });
const scheduled = z.strictObject({ schedule: scheduleSchema, request: runRequestSchema });
const change = z.strictObject({ isEnabled: z.boolean() });

/** When what is run by itself. */
export function addScheduleRoutes(app: FastifyInstance, { scheduler, access }: ChaosApiServices): void {
  app.get("/api/v1/schedules", () => ({ schedules: scheduler.list() }));
  app.post("/api/v1/schedules", (request, reply) => {
    const actor = access.require(request, "admin");
    const { schedule, request: run } = scheduled.parse(request.body);
    return reply.code(201).send(scheduler.put(schedule, run, actor));
  });
  app.post("/api/v1/schedules/:name", (request) => {
    const actor = access.require(request, "admin");
    return scheduler.enable(named.parse(request.params).name, change.parse(request.body).isEnabled, actor);
  });
  app.delete("/api/v1/schedules/:name", (request) => {
    const actor = access.require(request, "admin");
    const { name } = named.parse(request.params);
    scheduler.remove(name, actor);
    return { removed: name };
  });
}

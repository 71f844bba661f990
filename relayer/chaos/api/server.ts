import type { FastifyInstance } from "fastify";
import type { Logger } from "../../platform/log.ts";
import type { Access } from "../../platform/access.ts";
import { createHttpApi } from "../../platform/http-api.ts";
import { refusalOf } from "../../platform/local-requests.ts";
import type { Inventory } from "../core/selector.ts";
import type { ChaosStore, Injector } from "../ports.ts";
import type { ChaosController } from "../worker/controller.ts";
import type { Scheduler } from "../worker/scheduler.ts";
import { addRunRoutes } from "./run-routes.ts";
import { addScheduleRoutes } from "./schedule-routes.ts";

/** How large a request may be, in bytes: an experiment of thousands of steps fits. */
const MOST_BYTES = 4 * 1024 * 1024;

/** What the API serves from. */
export type ChaosApiServices = {
  readonly controller: ChaosController;
  readonly scheduler: Scheduler;
  readonly store: ChaosStore;
  readonly inventory: () => Inventory;
  /** All tiers that there are here. */
  readonly injectors: readonly Injector[];
  readonly access: Access;
  readonly logger: Logger;
};

/** The HTTP API of a chaos controller, on loopback: every request needs a user's token, and what does faults an admin's. */
export async function createChaosApi(services: ChaosApiServices): Promise<FastifyInstance> {
  const app = await createHttpApi({ logger: services.logger, bodyLimit: MOST_BYTES });
  app.addHook("onRequest", async (request, reply) => {
    const refusal = refusalOf(request.headers);
    if (refusal !== undefined) return reply.code(403).send({ error: refusal });
    services.access.require(request, "viewer");
    reply.header("cache-control", "no-store");
  });
  addRunRoutes(app, services);
  addScheduleRoutes(app, services);
  return app;
}

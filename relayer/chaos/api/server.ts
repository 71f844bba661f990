import type { FastifyInstance } from "fastify";
import { createHttpApi } from "../../platform/http-api.ts";
import { refusalOf } from "../../platform/local-requests.ts";
import { addRunRoutes } from "./run-routes.ts";
import { addScheduleRoutes } from "./schedule-routes.ts";
import type { ChaosApiServices } from "./services.ts";

/** How large a request may be, in bytes: an experiment of thousands of steps fits. */
const MOST_BYTES = 4 * 1024 * 1024;

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

import type { FastifyInstance } from "fastify";
import { createHttpApi } from "../../platform/http-api.ts";
import { addOwnRoutes } from "./routes-own.ts";
import { addV2Routes } from "./routes-v2.ts";
import type { ApiServices } from "./services.ts";

/** How large a request may be, in bytes: ten thousand alerts fit. */
const MOST_BYTES = 16 * 1024 * 1024;

/** The HTTP API of alerting: Alertmanager's v2, and beside it what that has not. */
export async function createAlertingApi(services: ApiServices): Promise<FastifyInstance> {
  const app = await createHttpApi({
    logger: services.logger,
    bodyLimit: MOST_BYTES,
    // Alertmanager answers errors with a JSON string, which amtool shows.
    errorBody: (url, code, message) => (url.startsWith("/api/v2/") ? message : { error: { code, message } }),
  });
  addV2Routes(app, services);
  addOwnRoutes(app, services);
  return app;
}

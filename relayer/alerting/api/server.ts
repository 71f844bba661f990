import helmet from "@fastify/helmet";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  LogController,
} from "fastify";
import { z } from "zod";
import { DchatError, explain, FatalError, RetryableError } from "../../domain/errors.ts";
import { AccessError, challenge } from "./access.ts";
import { addOwnRoutes } from "./routes-own.ts";
import { addV2Routes } from "./routes-v2.ts";
import type { ApiServices } from "./services.ts";

/** How large a request may be, in bytes: ten thousand alerts fit. */
const MOST_BYTES = 16 * 1024 * 1024;

/** The HTTP API of alerting: Alertmanager's v2, and beside it what that has not. */
export async function createAlertingApi(services: ApiServices): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = services.logger;
  const app = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MOST_BYTES,
    forceCloseConnections: true,
  });
  await app.register(helmet);
  app.setErrorHandler((error, request, reply) => {
    const { status, code, message } = answerTo(error);
    if (status >= 500) services.logger.warn({ err: error, url: request.url }, "request failed");
    if (status === 401) challenge(reply);
    return say(reply.code(status), request.url, code, message);
  });
  app.setNotFoundHandler((request, reply) =>
    say(reply.code(404), request.url, "NOT_FOUND", `There is no ${request.method} ${request.url} here.`),
  );
  addV2Routes(app, services);
  addOwnRoutes(app, services);
  return app;
}

/** Where a program finds the kind of an error that is told in Alertmanager's way. */
const CODE_HEADER = "x-error-code";

/** Alertmanager answers errors with a JSON string, which amtool shows; we say what kind it is, too. */
function say(reply: FastifyReply, url: string, code: string, message: string): FastifyReply {
  const body = url.startsWith("/api/v2/") ? message : { error: { code, message } };
  return reply.header(CODE_HEADER, code).type("application/json").send(JSON.stringify(body));
}

function answerTo(error: unknown): {
  readonly status: number;
  readonly code: string;
  readonly message: string;
} {
  if (error instanceof AccessError) return { status: error.status, code: error.code, message: error.message };
  if (error instanceof z.ZodError)
    return { status: 400, code: "BAD_REQUEST", message: z.prettifyError(error) };
  // A wrong file of users is no fault of who asks.
  if (error instanceof FatalError && error.code !== "USERS_FILE") {
    const isMissing = error.code.startsWith("NO_");
    return { status: isMissing ? 404 : 400, code: error.code, message: error.message };
  }
  if (error instanceof RetryableError && error.code === "TOO_MANY_ATTEMPTS")
    return { status: 429, code: error.code, message: error.message };
  if (error instanceof DchatError) return { status: 503, code: error.code, message: error.message };
  // Fastify's own: a body that is no JSON, or too large.
  if (error instanceof Error && "statusCode" in error && typeof error.statusCode === "number")
    return { status: error.statusCode, code: "BAD_REQUEST", message: error.message };
  return { status: 500, code: "INTERNAL", message: explain(error) };
}

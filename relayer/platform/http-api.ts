import helmet from "@fastify/helmet";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  LogController,
} from "fastify";
import { z } from "zod";
import { DchatError, explain, FatalError, RetryableError } from "../domain/errors.ts";
import { AccessError, challenge } from "./access.ts";
import { CODE_HEADER } from "./error-code.ts";
import type { Logger } from "./log.ts";

/** How a server of one of our APIs is set up. */
export type HttpApiOptions = {
  readonly logger: Logger;
  /** How large a request may be, in bytes. */
  readonly bodyLimit: number;
  /** The body that tells an error; `{ error: { code, message } }` if left out. */
  readonly errorBody?: (url: string, code: string, message: string) => unknown;
};

/** A server without routes, which answers every error as what it is: whose fault it is, and what to do. */
export async function createHttpApi({
  logger,
  bodyLimit,
  errorBody,
}: HttpApiOptions): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = logger;
  const app = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    forceCloseConnections: true,
  });
  await app.register(helmet);
  const say = answerErrors(app, { logger, challenge, errorBody });
  app.setNotFoundHandler((request, reply) =>
    say(reply.code(404), request.url, "NOT_FOUND", `There is no ${request.method} ${request.url} here.`),
  );
  return app;
}

/** How errors are answered. */
type ErrorOptions = Pick<HttpApiOptions, "logger"> & {
  readonly errorBody?: HttpApiOptions["errorBody"] | undefined;
  /** Says what whoever is unknown has to show. */
  readonly challenge: (reply: FastifyReply) => FastifyReply;
};

/** Has a server, or a part of one, answer every error as what it is. @returns what answers with a code and a message */
export function answerErrors(app: FastifyInstance, { logger, errorBody, challenge: ask }: ErrorOptions) {
  const bodyOf = errorBody ?? ((_url, code, message) => ({ error: { code, message } }));
  const say = (reply: FastifyReply, url: string, code: string, message: string) =>
    reply
      .header(CODE_HEADER, code)
      .type("application/json")
      .send(JSON.stringify(bodyOf(url, code, message)));
  app.setErrorHandler((error, request, reply) => {
    const { status, code, message } = answerTo(error);
    if (status >= 500) logger.warn({ err: error, url: request.url }, "request failed");
    if (status === 401) ask(reply);
    return say(reply.code(status), request.url, code, message);
  });
  return say;
}

/** Whose fault an error is, and what is told of it. */
export function answerTo(error: unknown): {
  readonly status: number;
  readonly code: string;
  readonly message: string;
} {
  if (error instanceof AccessError) return { status: error.status, code: error.code, message: error.message };
  if (error instanceof z.ZodError)
    return { status: 400, code: "BAD_REQUEST", message: z.prettifyError(error) };
  // A wrong file of users is no fault of who asks.
  if (error instanceof FatalError && error.code !== "USERS_FILE") {
    const isMissing = /^(NO|UNKNOWN)_/.test(error.code);
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

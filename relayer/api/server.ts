import helmet from "@fastify/helmet";
import files from "@fastify/static";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import { type Registry } from "prom-client";
import { z } from "zod";
import { DchatError, explain } from "../domain/errors.ts";
import { messageId } from "../domain/ids.ts";
import type { Logger } from "../platform/log.ts";
import type { ReadModel } from "./read-model.ts";
import type { errorView } from "./schema.ts";
import { messageList, messageView, statusView } from "./schema.ts";

/** How many messages of each lane the list shows. */
const RECENT_PER_LANE = 10;

/** What the API serves from. */
export type ApiServices = {
  readonly readModel: ReadModel;
  readonly registry: Registry;
  readonly logger: Logger;
  /** Throws when the process cannot do its work now. */
  readonly ready: () => Promise<void>;
  /** The folder with the page. */
  readonly pages: string;
};

/** The HTTP API and the page. It only reads: nothing here needs a key. */
export async function createApi({
  readModel,
  registry,
  logger,
  ready,
  pages,
}: ApiServices): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = logger;
  const app = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    // A connection whose answer was under way at the close would be kept alive and waited for; readers simply ask again.
    forceCloseConnections: true,
  });
  await app.register(helmet, {
    contentSecurityPolicy: { directives: { "default-src": ["'self'"], "upgrade-insecure-requests": null } },
    strictTransportSecurity: false, // served over loopback; a proxy in front brings TLS
  });
  await app.register(files, { root: pages });

  app.get("/healthz", () => ({ ok: true }));
  app.get("/readyz", async () => {
    await ready();
    return { ok: true };
  });
  app.get("/metrics", async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
  app.get("/api/v1/status", async () => statusView.encode(await readModel.status()));
  app.get("/api/v1/messages", async () => messageList.encode(await readModel.recent(RECENT_PER_LANE)));
  app.get("/api/v1/messages/:id", async (request, reply) => {
    const { id } = z.object({ id: messageId }).parse(request.params);
    const view = await readModel.message(id);
    if (view !== undefined) return messageView.encode(view);
    return reply
      .code(404)
      .send(
        failure(
          "UNKNOWN_MESSAGE",
          `No chain of this network has a message ${id}. Check the id, and that its transaction is in a block.`,
        ),
      );
  });

  app.setErrorHandler((error, request, reply) => {
    if (error instanceof z.ZodError)
      return reply
        .code(400)
        .send(
          failure(
            "BAD_REQUEST",
            error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "),
          ),
        );
    logger.warn({ err: error, url: request.url }, "request failed");
    const code = error instanceof DchatError ? error.code : "INTERNAL";
    return reply.code(503).send(failure(code, error instanceof DchatError ? error.message : explain(error)));
  });
  return app;
}

function failure(code: string, message: string): z.input<typeof errorView> {
  return { error: { code, message } };
}

import helmet, { type FastifyHelmetOptions } from "@fastify/helmet";
import files from "@fastify/static";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import { type Registry } from "prom-client";
import { z } from "zod";
import { DchatError, explain, FatalError } from "../domain/errors.ts";
import type { Logger } from "../platform/log.ts";
import type { Readiness } from "../platform/readiness.ts";
import { addListRoutes } from "./list-routes.ts";
import { fullStatusView } from "./list-schema.ts";
import type { Lists } from "./lists.ts";
import { addOperatorApi, type OperatorServices } from "./operator/operator-api.ts";
import type { ReadModel } from "./read-model.ts";
import type { errorView } from "./schema.ts";
import { addSpeechRoutes, type FindSpeaker } from "./speech-routes.ts";
import { addWalletRoutes, type WalletServices } from "./wallet-routes.ts";

/** Folders with what a build of `web` leaves. */
export type Pages = { readonly dashboard: string; readonly wallet: string; readonly assets: string };

/** What the API serves from. */
export type ApiServices = {
  readonly readModel: ReadModel;
  readonly lists: Lists;
  readonly registry: Registry;
  readonly logger: Logger;
  readonly readiness: Readiness;
  readonly findSpeaker: FindSpeaker;
  /** What the wallet page is served from. */
  readonly wallet: WalletServices;
  /** What operators work with; left out where there are none. */
  readonly operator?: OperatorServices;
  /** The folders of the built pages, and of what they load; undefined where nobody has built them. */
  readonly pages: Pages | undefined;
};

/** The HTTP API and the pages. Nothing here needs a key; whoever changes something is signed in. */
export async function createApi({
  readModel,
  lists,
  registry,
  logger,
  readiness,
  findSpeaker,
  wallet,
  operator,
  pages,
}: ApiServices): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = logger;
  const app = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    // A connection whose answer was under way at the close would be kept alive and waited for; readers simply ask again.
    forceCloseConnections: true,
  });
  // Before all routes: those that stand before something that is waited for would keep Fastify's own.
  answerErrors(app, logger);
  await app.register(helmet, securityHeaders(wallet));
  await servePages(app, pages);

  app.get("/healthz", () => ({ ok: true }));
  app.get("/readyz", async (_request, reply) => {
    const reasons = await readiness.reasons();
    return reply.code(reasons.length === 0 ? 200 : 503).send({ ok: reasons.length === 0, reasons });
  });
  app.get("/metrics", async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
  app.get("/api/v1/status", async () => {
    const [status, index] = await Promise.all([readModel.status(), lists.index()]);
    return fullStatusView.encode({ ...status, index });
  });
  addListRoutes(app, lists);
  addSpeechRoutes(app, findSpeaker);
  addWalletRoutes(app, wallet, readModel);
  if (operator !== undefined) await addOperatorApi(app, operator, logger);
  return app;
}

function securityHeaders({ developmentWallet }: WalletServices): FastifyHelmetOptions {
  // The development wallet asks the local chains itself, as an extension does past the page.
  const chains = (developmentWallet?.chains ?? []).map(({ rpcUrl }) => new URL(rpcUrl).origin);
  return {
    // Nothing from anywhere else, nothing inline, and nobody frames it.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        ...{ "default-src": ["'none'"], "base-uri": ["'none'"], "form-action": ["'self'"] },
        ...{ "frame-ancestors": ["'none'"], "script-src": ["'self'"], "style-src": ["'self'"] },
        // Wallets announce themselves with pictures of their own, as data.
        ...{ "connect-src": ["'self'", ...chains], "img-src": ["'self'", "data:"] },
      },
    },
    strictTransportSecurity: false, // served over loopback; a proxy in front brings TLS
  };
}

async function servePages(app: FastifyInstance, pages: Pages | undefined): Promise<void> {
  if (pages !== undefined) {
    // Each part that serves files decorates its own answers. The build has put a compressed file beside each.
    const built = { decorateReply: false, preCompressed: true } as const;
    await app.register(files, { root: pages.dashboard, ...built });
    await app.register(files, { root: pages.wallet, prefix: "/wallet/", ...built });
    // Their names have the hash of what is in them.
    const lasting = { immutable: true, maxAge: "365d" } as const;
    await app.register(files, { root: pages.assets, prefix: "/assets/", ...built, ...lasting });
    app.get("/wallet", (_request, reply) => reply.redirect("/wallet/"));
    return;
  }
  for (const path of ["/", "/wallet/"])
    app.get(path, (_request, reply) =>
      reply
        .code(404)
        .send(
          failure(
            "NOT_BUILT",
            'The pages are not built. Money is not affected. Build them with "npm run build:web", and restart the API.',
          ),
        ),
    );
}

/** Says what was wrong with a request, or with what it needs. */
function answerErrors(app: FastifyInstance, logger: Logger): void {
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
    if (error instanceof FatalError)
      return reply
        .code(error.code.startsWith("UNKNOWN_") ? 404 : 400)
        .send(failure(error.code, error.message));
    logger.warn({ err: error, url: request.url }, "request failed");
    const code = error instanceof DchatError ? error.code : "INTERNAL";
    return reply.code(503).send(failure(code, error instanceof DchatError ? error.message : explain(error)));
  });
}

function failure(code: string, message: string): z.input<typeof errorView> {
  return { error: { code, message } };
}

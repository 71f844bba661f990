import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { FatalError } from "../../domain/errors.ts";
import { AccessError } from "../../platform/access.ts";
import type { Attempts } from "../../platform/attempts.ts";
import { refusalOf } from "../../platform/local-requests.ts";
import type { AuditLog } from "../operator/audit-log.ts";
import { type SessionView, sessionView, signIn } from "../operator-schema.ts";
import { dropSessionId, keepSessionId, sessionIdOf } from "./cookie.ts";
import { type Gate, nobodys, requireOwnSite } from "./gate.ts";
import type { Session, Sessions } from "./sessions.ts";

/** What signing in and out works with. */
export type SessionRouteServices = {
  readonly sessions: Sessions;
  readonly gate: Gate;
  readonly attempts: Attempts;
  readonly audit: Pick<AuditLog, "note">;
  /** The token of the user whom a development network signs in without being shown it; undefined everywhere else. */
  readonly developmentToken: (() => string) | undefined;
};

/** Signing in and out. */
export function addSessionRoutes(app: FastifyInstance, services: SessionRouteServices): void {
  const { sessions, gate, attempts, audit, developmentToken } = services;
  app.post("/api/v1/session", (request, reply) => {
    requireOwnSite(request, true);
    attempts.require(request.ip);
    const { token } = signIn.parse(request.body);
    return open(token, request, reply, services);
  });
  app.get("/api/v1/session", { exposeHeadRoute: false }, (request) => viewOf(gate.requireSession(request)));
  app.delete("/api/v1/session", (request, reply) => {
    const id = sessionIdOf(request);
    if (id !== undefined && sessions.look(id) !== undefined) {
      const { user } = gate.requireSession(request);
      sessions.close(id);
      audit.note({ who: user.name, from: request.ip, what: "signed out", detail: "" });
    }
    dropSessionId(request, reply);
    return reply.code(204).send();
  });
  app.post("/api/v1/session/development", (request, reply) => {
    if (developmentToken === undefined)
      throw new FatalError(
        "UNKNOWN_SIGN_IN",
        "This network signs nobody in without a token: only local development networks do. Nothing was done; use your own.",
      );
    requireThisMachine(request);
    return open(developmentToken(), request, reply, services);
  });
}

/** Signs in under an id of our own making, whatever id the browser came with. */
function open(
  token: string,
  request: FastifyRequest,
  reply: FastifyReply,
  { sessions, attempts, audit }: SessionRouteServices,
) {
  const from = request.ip;
  const opened = sessions.open(token);
  if (opened === undefined) {
    attempts.fail(from);
    audit.note({ who: "", from, what: "sign-in refused", detail: "the token is nobody's" });
    throw nobodys();
  }
  attempts.succeed(from);
  const before = sessionIdOf(request);
  if (before !== undefined) sessions.close(before);
  const { user } = opened.session;
  audit.note({ who: user.name, from, what: "signed in", detail: user.role });
  keepSessionId(request, reply, opened.id);
  return viewOf(opened.session);
}

/**
 * Lets pages on this machine alone by: under a name that is this machine's, from this very origin, and through nobody who would hide who
 * asks. A tunnel or a proxy says for whom it asks.
 * @throws AccessError `FOREIGN_SITE`
 */
function requireThisMachine(request: FastifyRequest): void {
  const { headers, ip } = request;
  requireOwnSite(request, true);
  const isThrough = Object.keys(headers).some((name) =>
    /^(forwarded|via|x-forwarded-.*|x-real-ip)$/.test(name),
  );
  // A page always says at least one of them.
  const isPage = headers["sec-fetch-site"] !== undefined || headers.origin !== undefined;
  const isHere = ["127.0.0.1", "::1", "::ffff:127.0.0.1"].includes(ip);
  if (refusalOf(headers) === undefined && isHere && isPage && !isThrough) return;
  throw new AccessError(
    403,
    "FOREIGN_SITE",
    "Without a token, only this network's own page on this very machine is signed in. Nothing was done; sign in with a token.",
  );
}

function viewOf({ user, csrfToken, expiresAt }: Session): SessionView {
  return sessionView.encode({ user: { name: user.name, role: user.role }, csrfToken, expiresAt });
}

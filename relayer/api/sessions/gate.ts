import type { FastifyRequest } from "fastify";
import type { Actor, UserRole } from "../../domain/actor.ts";
import { AccessError, requireRole } from "../../platform/access.ts";
import type { Attempts } from "../../platform/attempts.ts";
import type { User, Users } from "../../platform/users.ts";
import { CSRF_HEADER } from "../operator-schema.ts";
import { sessionIdOf } from "./cookie.ts";
import { foreignSite } from "./same-origin.ts";
import { isCsrfToken, type Session, type Sessions } from "./sessions.ts";

/** Who asks, and the token that the roles behind know them by. */
export type Visitor = Actor & { readonly token: string };

/** What a gate works with. */
export type GateServices = {
  readonly users: Pick<Users, "authenticate">;
  readonly sessions: Sessions;
  readonly attempts: Attempts;
};

/**
 * Tells who asks: by a session's cookie, as the page does, or by `Authorization: Bearer TOKEN`, as scripts do. Browsers send cookies by
 * themselves, so what changes anything needs the session's CSRF token beside it, and comes from our own pages only. They never send a
 * Bearer token by themselves; and Basic, which they do send, is not taken here.
 */
export class Gate {
  readonly #services: GateServices;

  constructor(services: GateServices) {
    this.#services = services;
  }

  /**
   * @throws AccessError `UNAUTHENTICATED`, `FOREIGN_SITE`, `CSRF` or `FORBIDDEN` unless whoever asks may act in `needed`;
   * RetryableError `TOO_MANY_ATTEMPTS`; ConfigurationError `USERS_FILE`
   */
  require(request: FastifyRequest, needed: UserRole): Visitor {
    const { user, token } =
      request.headers.authorization === undefined ? this.requireSession(request) : this.#byToken(request);
    requireRole(user, needed);
    return { name: user.name, from: request.ip, token };
  }

  /** The session that a request came with. @throws AccessError `UNAUTHENTICATED`, `FOREIGN_SITE` or `CSRF` */
  requireSession(request: FastifyRequest): Session {
    const isChange = isChanging(request);
    requireOwnSite(request, isChange);
    const session = this.#session(request);
    if (isChange && !isCsrfToken(session, request.headers[CSRF_HEADER]))
      throw new AccessError(
        403,
        "CSRF",
        `This session's token is not in ${CSRF_HEADER}, so another site may have asked for it. Nothing was done; load the page again.`,
      );
    return session;
  }

  /**
   * For a page that does not know our CSRF token: that a change comes from our own origin the browser itself must have said, and it is not
   * enough that it did not say otherwise.
   * @throws AccessError as {@link require}
   */
  requirePage(request: FastifyRequest, needed: UserRole): Actor & { readonly role: UserRole } {
    const isChange = isChanging(request);
    requireOwnSite(request, isChange);
    if (isChange && request.headers["sec-fetch-site"] === undefined && request.headers.origin === undefined)
      throw new AccessError(
        403,
        "FOREIGN_SITE",
        "It is not known from which page this comes. Nothing was done.",
      );
    const { user } = this.#session(request);
    requireRole(user, needed);
    return { name: user.name, from: request.ip, role: user.role };
  }

  /** What tells whether somebody who was let in still is: for answers that do not end by themselves. */
  follow(request: FastifyRequest): () => boolean {
    const { sessions, users } = this.#services;
    const token = bearerOf(request);
    const id = sessionIdOf(request);
    return () => {
      try {
        if (token !== undefined) return users.authenticate(token) !== undefined;
        return id !== undefined && sessions.look(id) !== undefined;
      } catch {
        return false; // while the users cannot be read, nobody is in; whoever asks again is told why
      }
    };
  }

  #session(request: FastifyRequest): Session {
    const id = sessionIdOf(request);
    const session = id === undefined ? undefined : this.#services.sessions.use(id);
    if (session !== undefined) return session;
    throw new AccessError(
      401,
      "UNAUTHENTICATED",
      "Nobody is signed in here any more. Nothing was done; sign in.",
    );
  }

  #byToken(request: FastifyRequest): { readonly user: User; readonly token: string } {
    const { attempts, users } = this.#services;
    const token = bearerOf(request);
    if (token === undefined)
      throw new AccessError(401, "UNAUTHENTICATED", "Only Bearer tokens are taken here. Nothing was done.");
    attempts.require(request.ip);
    const user = users.authenticate(token);
    if (user === undefined) {
      attempts.fail(request.ip);
      throw nobodys();
    }
    attempts.succeed(request.ip);
    return { user, token };
  }
}

/** @throws AccessError `FOREIGN_SITE` when another site's page asks */
export function requireOwnSite(request: FastifyRequest, isChange: boolean): void {
  const reason = foreignSite(request.headers, isChange);
  if (reason === undefined) return;
  throw new AccessError(
    403,
    "FOREIGN_SITE",
    `Only pages from here are answered, and ${reason}. Nothing was done. If this is our own page behind a proxy, let that pass the Host header on.`,
  );
}

/** What whoever shows a token of nobody's is told. */
export function nobodys(): AccessError {
  return new AccessError(
    401,
    "UNAUTHENTICATED",
    'The token is nobody\'s. Nothing was changed; "dchat user add" makes one.',
  );
}

function bearerOf({ headers }: FastifyRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
}

function isChanging({ method }: FastifyRequest): boolean {
  return method !== "GET" && method !== "HEAD";
}

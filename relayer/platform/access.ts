import type { FastifyReply, FastifyRequest } from "fastify";
import type { Actor, UserRole } from "../domain/actor.ts";
import { DchatError } from "../domain/errors.ts";
import { Attempts } from "./attempts.ts";
import { mayActAs, type User, type Users } from "./users.ts";

/** Somebody is not known, or may not do what was asked for. `status` is 401 or 403. */
export class AccessError extends DchatError {
  readonly status: 401 | 403;

  constructor(status: 401 | 403, code: string, message: string) {
    super(code, message);
    this.status = status;
  }
}

/**
 * Tells who asks. A token comes as `Authorization: Bearer TOKEN`, or as the password of `Basic`, with the user's name. So no page in a
 * browser can act in somebody's name unless it is given the token.
 */
export class Access {
  readonly #users: Users;
  readonly #attempts: Attempts;

  constructor(users: Users, now: () => number) {
    this.#users = users;
    this.#attempts = new Attempts(now);
  }

  /** @throws AccessError unless whoever asks may act in `needed`; RetryableError `TOO_MANY_ATTEMPTS` */
  require(request: FastifyRequest, needed: UserRole): Actor {
    const user = this.#identify(request);
    requireRole(user, needed);
    return { name: user.name, from: request.ip };
  }

  #identify({ headers, ip }: FastifyRequest): User {
    this.#attempts.require(ip);
    const given = credentialsOf(headers.authorization);
    const user = given && this.#users.authenticate(given.token);
    if (user !== undefined && (given?.name === undefined || given.name === user.name)) {
      this.#attempts.succeed(ip);
      return user;
    }
    if (given !== undefined) this.#attempts.fail(ip);
    throw new AccessError(
      401,
      "UNAUTHENTICATED",
      `${given === undefined ? "This needs a user's token" : "The token is nobody's"}. Nothing was changed; "dchat user add" makes one.`,
    );
  }
}

/** @throws AccessError `FORBIDDEN` */
export function requireRole(user: User, needed: UserRole): void {
  if (mayActAs(user, needed)) return;
  throw new AccessError(
    403,
    "FORBIDDEN",
    `${user.name} is ${user.role}, and this needs ${needed}. Nothing was changed.`,
  );
}

/** Asks for a token, so that clients know what is missing. */
export function challenge(reply: FastifyReply): FastifyReply {
  return reply.header("www-authenticate", 'Bearer realm="dchat", Basic realm="dchat"');
}

function credentialsOf(
  header: string | undefined,
): { readonly name?: string; readonly token: string } | undefined {
  const [, scheme = "", value = ""] = /^(Bearer|Basic) +(\S+)$/i.exec(header ?? "") ?? [];
  if (scheme.toLowerCase() === "bearer") return { token: value };
  if (scheme === "") return undefined;
  const [, name = "", token = ""] = /^([^:]*):(.*)$/s.exec(Buffer.from(value, "base64").toString()) ?? [];
  return { name, token };
}

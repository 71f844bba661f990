import type { FastifyReply, FastifyRequest } from "fastify";
import { isLocalHost } from "../../platform/local-requests.ts";

/** `__Host-`: the browser takes it from this host alone, over TLS, for all its paths; no neighbour can plant one. */
const [NAME, SECURE_NAME] = ["dchat-session", "__Host-dchat-session"] as const;

/** The id of the session that a request came with. */
export function sessionIdOf(request: FastifyRequest): string | undefined {
  return request.cookies[isSecure(request) ? SECURE_NAME : NAME];
}

/** Has the browser keep a session's id, where no script can read it, and no other site's page can make use of it. */
export function keepSessionId(request: FastifyRequest, reply: FastifyReply, id: string): void {
  reply.setCookie(isSecure(request) ? SECURE_NAME : NAME, id, attributesOf(request));
}

/** Has the browser forget it. */
export function dropSessionId(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(isSecure(request) ? SECURE_NAME : NAME, attributesOf(request));
}

function attributesOf(request: FastifyRequest) {
  return { path: "/", httpOnly: true, sameSite: "strict", secure: isSecure(request) } as const;
}

/**
 * Whether cookies must be kept for TLS alone: everywhere but on this machine. So over plain HTTP to another machine the browser drops the
 * cookie, and nobody stays signed in. A proxy says by `X-Forwarded-Proto` that it brings TLS; whoever forges that harms his own session only.
 */
function isSecure({ headers }: FastifyRequest): boolean {
  return !isLocalHost(headers.host) || isTls(headers["x-forwarded-proto"]);
}

/** Several proxies in a row tell it one after the other; the browser spoke to the first. */
function isTls(forwarded: string | string[] | undefined): boolean {
  return /^https\b/i.test([forwarded].flat()[0] ?? "");
}

import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from "fastify";
import { request as ask } from "undici";
import { z } from "zod";
import type { UserRole } from "../../domain/actor.ts";
import { explain, FatalError, RetryableError } from "../../domain/errors.ts";
import { CODE_HEADER } from "../../platform/error-code.ts";
import type { Gate, Visitor } from "../sessions/gate.ts";

/** How long a role may take to answer, in milliseconds: a test of a receiver waits for that receiver. */
const PATIENCE_MILLISECONDS = 35_000;
/** How long an answer may be, in bytes: ten thousand alerts fit. */
const MOST_BYTES = 16 * 1024 * 1024;
/** How long a query may be, in characters. */
const MOST_QUERY = 8_192;
/** A report is a page of its own. In it nothing runs and nothing is loaded, whoever wrote what is in it. */
const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox";

/** A role behind, and what people are told while it does not answer. */
export type Behind = {
  /** Where its API is; undefined while it is not known to run. */
  readonly find: () => string | undefined;
  readonly code: string;
  /** As a sentence begins with it. */
  readonly name: string;
  /** What that means, and what to do. */
  readonly whileDown: string;
};

/** One request that is handed on. */
export type RelayRoute = {
  /** Such as `GET /v2/alerts`, below the relay's own prefix. Segments that begin with a colon may be anything but dots. */
  readonly route: string;
  /** What whoever asks must be at least; the role behind may want more. */
  readonly role: UserRole;
};

/** How a relay of one role works. */
export type Relay = {
  readonly behind: Behind;
  /** Where the routes are here, and there. */
  readonly prefix: string;
  readonly target: string;
  readonly routes: readonly RelayRoute[];
  /** What the role behind is shown; the visitor's own token, unless it knows no users. */
  readonly authorization?: () => string;
  /** Told of what the role behind did not refuse: for one that keeps no audit log of its own. */
  readonly onDone?: (visitor: Visitor, request: FastifyRequest) => void;
};

/**
 * Hands a fixed list of requests on to the API of a role, in the name of whoever is signed in, by their own token: the role knows its users
 * itself, and what they did is in its audit log. Nothing else of a request goes along, no cookie, no other header.
 */
export function addRelay(app: FastifyInstance, gate: Gate, relay: Relay): void {
  for (const { route, role } of relay.routes) {
    const [method = "", path = ""] = route.split(" ");
    app.route({
      method: methodOf(method),
      url: relay.prefix + path,
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const visitor = gate.require(request, role);
        const answer = await handOn(request, relay.target + filled(path, request.params), visitor, relay);
        if (answer.status < 400) relay.onDone?.(visitor, request);
        return answerWith(reply, answer);
      },
    });
  }
}

type Answer = {
  readonly status: number;
  readonly type: string;
  readonly code: string | undefined;
  readonly body: Buffer;
};

function methodOf(text: string): HTTPMethods {
  if (text === "GET" || text === "POST" || text === "DELETE") return text;
  throw new Error(`${text} is not relayed`);
}

/** A path with its parameters, which stay within their segments. @throws FatalError `PATH` */
function filled(path: string, params: unknown): string {
  const given = z.record(z.string(), z.string()).parse(params);
  return path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = given[name] ?? "";
    if (value === "" || value === "." || value === ".." || value.length > 256)
      throw new FatalError("PATH", `There is nothing by the name ${value.slice(0, 32)}. Nothing was done.`);
    return encodeURIComponent(value);
  });
}

/** @throws RetryableError with the code of the role that does not answer */
async function handOn(
  request: FastifyRequest,
  path: string,
  { token }: Visitor,
  { behind, authorization }: Relay,
): Promise<Answer> {
  const url = behind.find();
  if (url === undefined)
    throw new RetryableError(behind.code, `${behind.name} does not run here. ${behind.whileDown}`);
  const query = /\?[^#]*/.exec(request.url)?.[0] ?? "";
  if (query.length > MOST_QUERY)
    throw new FatalError("QUERY", `A query has at most ${MOST_QUERY} characters. Nothing was done.`);
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  try {
    const answer = await ask(new URL(path + query, url), {
      method: methodOf(request.method),
      headers: {
        authorization: `Bearer ${authorization?.() ?? token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
    });
    const { statusCode: status, headers } = answer;
    const [type, code] = [headers["content-type"], headers[CODE_HEADER]].map((value) => [value].flat()[0]);
    return { status, code, type: type ?? "application/octet-stream", body: await readAll(answer.body) };
  } catch (error) {
    const done = request.method === "GET" ? "" : " What was asked for may be done or not.";
    throw new RetryableError(
      behind.code,
      `${behind.name} at ${url} does not answer: ${explain(error)}.${done} ${behind.whileDown}`,
      {},
      error,
    );
  }
}

async function readAll(body: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) throw new Error("the answer is no bytes");
    bytes += chunk.byteLength;
    if (bytes > MOST_BYTES) throw new Error(`its answer is longer than ${MOST_BYTES} bytes`);
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}

function answerWith(reply: FastifyReply, { status, type, code, body }: Answer): FastifyReply {
  if (code !== undefined) reply.header(CODE_HEADER, code);
  // That the role behind does not know the token is no reason for a browser to ask for one.
  if (type.startsWith("text/html")) reply.header("content-security-policy", PAGE_POLICY);
  return reply.code(status).type(type).send(body);
}

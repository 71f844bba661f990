import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { z } from "zod";

const MAX_BODY_BYTES = 8 * 1024 * 1024;
const MAX_BATCH = 1_000;

const request = z.object({
  jsonrpc: z.literal("2.0").optional(),
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  method: z.string(),
  params: z.array(z.unknown()).default([]),
});

type Id = string | number | null;
type Handler = (method: string, params: readonly unknown[]) => Promise<unknown>;
type Response = { jsonrpc: "2.0"; id: Id } & ({ result: unknown } | { error: RpcError });

interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: string;
}

/** A request that is answered with this error. */
export class RpcFailure extends Error {
  override name = "RpcFailure";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const parseError = { code: -32700, message: "Parse error: the body is no JSON" };
const invalidRequest = {
  code: -32600,
  message: "Invalid request: expected method, params (an array) and id",
};
const batchTooLarge = { code: -32600, message: `Invalid request: a batch holds 1 to ${MAX_BATCH} requests` };
const bodyTooLarge = {
  code: -32600,
  message: `Invalid request: the body is larger than ${MAX_BODY_BYTES} bytes`,
};

/**
 * A server of JSON-RPC 2.0 over HTTP, single requests and batches. A page may call it only from a loopback origin: any
 * page of the internet could otherwise spend from the node's unlocked accounts.
 */
export function createRpcServer(handler: Handler): Server {
  return createServer((req, res) => {
    serve(handler, req, res).catch((error: unknown) => {
      res.destroy(error instanceof Error ? error : undefined);
    });
  });
}

async function serve(handler: Handler, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { origin, host } = req.headers;
  // The host is checked too: a page's own name can be made to resolve to 127.0.0.1.
  if ((origin !== undefined && !isLoopback(origin)) || !isLoopback(`http://${host ?? ""}`)) {
    res.writeHead(403).end();
    return;
  }
  if (origin !== undefined) {
    res.setHeader("access-control-allow-origin", origin);
    res.setHeader("access-control-allow-methods", "POST, OPTIONS");
    res.setHeader("access-control-allow-headers", "content-type");
    res.setHeader("vary", "origin");
  }
  if (req.method !== "POST") {
    res.writeHead(req.method === "OPTIONS" ? 204 : 405, { allow: "POST, OPTIONS" }).end();
    return;
  }
  const body = await readBody(req);
  if (body === undefined) {
    send(res, 413, { jsonrpc: "2.0", id: null, error: bodyTooLarge });
    return;
  }
  send(res, 200, await answer(handler, body));
}

function isLoopback(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed !== null && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(parsed.hostname);
}

/** @returns undefined if it is too large; the rest is read and dropped, so that the client sees the answer */
async function readBody(req: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return bytes <= MAX_BODY_BYTES ? Buffer.concat(chunks).toString("utf8") : undefined;
}

function send(res: ServerResponse, status: number, body: unknown): void {
  if (body === undefined) res.writeHead(204).end();
  else res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** @returns undefined if all that came were notifications */
async function answer(handler: Handler, body: string): Promise<Response | Response[] | undefined> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return { jsonrpc: "2.0", id: null, error: parseError };
  }
  if (!Array.isArray(parsed)) return answerOne(handler, parsed);
  if (parsed.length === 0 || parsed.length > MAX_BATCH)
    return { jsonrpc: "2.0", id: null, error: batchTooLarge };
  const answers = await Promise.all(parsed.map((one) => answerOne(handler, one)));
  const wanted = answers.filter((one) => one !== undefined);
  return wanted.length > 0 ? wanted : undefined;
}

async function answerOne(handler: Handler, body: unknown): Promise<Response | undefined> {
  const parsed = request.safeParse(body);
  if (!parsed.success) return { jsonrpc: "2.0", id: null, error: invalidRequest };
  const { id, method, params } = parsed.data;
  const head = { jsonrpc: "2.0", id: id ?? null } as const;
  let response: Response;
  try {
    if (method === "eth_subscribe")
      throw new RpcFailure(-32601, "eth_subscribe needs a WebSocket: poll instead");
    response = { ...head, result: (await handler(method, params)) ?? null };
  } catch (error) {
    response = { ...head, error: toRpcError(error) };
  }
  return id === undefined ? undefined : response;
}

/** As geth does: a revert is code 3 with the returned bytes as data, which is where wallets look for them. */
function toRpcError(error: unknown): RpcError {
  const { code, message, data } = error as { code?: unknown; message?: unknown; data?: unknown };
  return {
    code: typeof code === "number" ? code : -32603,
    message: typeof message === "string" ? message : "Internal error",
    ...(typeof data === "string" ? { data } : {}),
  };
}

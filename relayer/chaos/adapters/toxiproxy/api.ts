import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";
import { z } from "zod";
import { explain } from "../../../domain/errors.ts";
import { isLocalHost } from "../../../platform/local-requests.ts";
import type { Logger } from "../../../platform/log.ts";
import { type Toxic, toxicSchema, toxiproxyName } from "../../core/toxic.ts";
import type { Address } from "./connection.ts";
import { Proxies } from "./proxies.ts";
import type { Proxy } from "./proxy.ts";

/** Of which Toxiproxy this is the API. */
const VERSION = "2.12.0";
/** The largest request: some hundred proxies at once. */
const BODY_BYTES = 65_536;

const addressSchema = z.string().transform((text, context): Address => {
  const [, host = "", port = ""] = /^(\[[0-9a-f:]+\]|[\w.-]+):(\d{1,5})$/i.exec(text) ?? [];
  if (host === "" || Number(port) > 65_535) {
    context.addIssue({ code: "custom", message: "must be host:port" });
    return z.NEVER;
  }
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
});
/** Proxies are for this machine alone: who reaches one reaches what is behind it. */
const listenSchema = addressSchema.refine(
  ({ host }) => ["127.0.0.1", "localhost", "::1"].includes(host),
  "only 127.0.0.1, localhost and [::1] are listened on",
);
const ttl = z.number().int().min(1).max(86_400_000).optional();
const proxySchema = z.strictObject({
  name: toxiproxyName,
  listen: listenSchema,
  upstream: addressSchema,
  enabled: z.boolean().default(true),
  ttl,
});
const proxyUpdateSchema = z.strictObject({
  name: toxiproxyName.optional(),
  listen: listenSchema.optional(),
  upstream: addressSchema.optional(),
  enabled: z.boolean().optional(),
  ttl,
});
const attributes = z.record(z.string(), z.unknown());
const toxicInputSchema = z.strictObject({
  name: toxiproxyName.optional(),
  type: z.string(),
  stream: z.string().optional(),
  toxicity: z.number().optional(),
  attributes: attributes.default({}),
  ttl,
});
const toxicUpdateSchema = z.looseObject({
  toxicity: z.number().optional(),
  attributes: attributes.default({}),
  ttl,
});
const path = z.object({ proxy: toxiproxyName, toxic: toxiproxyName.optional() });

/** A refusal in Toxiproxy's words. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Where the API may be asked for, and how it ends. */
export type Toxiproxy = {
  readonly url: string;
  readonly proxies: Proxies;
  readonly close: () => Promise<void>;
};

/**
 * Serves Toxiproxy's HTTP API on loopback, with proxies as part of this process. Beyond Toxiproxy's own: `ttl` (milliseconds, in a toxic's
 * attributes or beside them, or beside `"enabled": false`) heals by itself, and the toxics `stall`, `rpc_lie` and `rpc_lag`.
 *
 * Requests with a foreign Host or with an Origin, as pages in browsers send, are refused.
 * @param port 0 for a free one
 * @param random from 0 to 1
 * @throws the system's error when it cannot listen
 */
export async function startToxiproxy(
  port: number,
  services: { readonly random: () => number; readonly logger: Logger },
): Promise<Toxiproxy> {
  const proxies = new Proxies(services);
  const loggerInstance: FastifyBaseLogger = services.logger;
  const app = Fastify({
    bodyLimit: BODY_BYTES,
    forceCloseConnections: true,
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
  });
  // A page could send plain text without asking first.
  app.removeContentTypeParser("text/plain");
  app.addHook("onRequest", async (request, reply) => {
    if (!isLocalHost(request.headers.host) || request.headers.origin !== undefined)
      return reply.code(403).send({ error: "only programs on this machine are answered", status: 403 });
  });
  app.setErrorHandler((error: unknown, _request, reply) => answerError(error, reply));
  addProxies(app, proxies);
  addToxics(app, proxies);
  const url = await app.listen({ host: "127.0.0.1", port });
  return {
    url,
    proxies,
    close: async () => {
      await app.close();
      await proxies.close();
    },
  };
}

function addProxies(app: FastifyInstance, proxies: Proxies): void {
  app.get("/version", () => ({ version: VERSION }));
  app.get("/proxies", () => Object.fromEntries(proxies.all().map((proxy) => [proxy.name, proxyView(proxy)])));
  app.post("/proxies", async (request, reply) => {
    const input = proxySchema.parse(request.body);
    if (proxies.get(input.name) !== undefined) throw new Refusal(409, "proxy already exists");
    return reply.code(201).send(proxyView(await create(proxies, input)));
  });
  app.post("/populate", async (request, reply) => {
    const inputs = z.array(proxySchema).max(1_000).parse(request.body);
    const made: Proxy[] = [];
    for (const input of inputs) {
      const old = proxies.get(input.name);
      const isSame = old !== undefined && fits(old, input);
      if (old !== undefined && !isSame) await proxies.remove(old);
      if (isSame) await proxies.enable(old, input.enabled, input.ttl);
      made.push(isSame ? old : await create(proxies, input));
    }
    return reply.code(201).send({ proxies: made.map(proxyView) });
  });
  app.post("/reset", async (_request, reply) => {
    await proxies.reset();
    return reply.code(204).send();
  });
  app.get("/proxies/:proxy", (request) => proxyView(proxyOf(proxies, request)));
  app.route({
    method: ["POST", "PATCH"],
    url: "/proxies/:proxy",
    handler: async (request) => {
      const proxy = proxyOf(proxies, request);
      const { listen, upstream, enabled, ttl: life } = proxyUpdateSchema.parse(request.body);
      if (listen !== undefined || upstream !== undefined) {
        const to = { listen: listen ?? proxy.listen, upstream: upstream ?? proxy.upstream };
        if (!fits(proxy, to)) await proxy.move(to.listen, to.upstream);
      }
      if (enabled !== undefined) await proxies.enable(proxy, enabled, life);
      return proxyView(proxy);
    },
  });
  app.delete("/proxies/:proxy", async (request, reply) => {
    await proxies.remove(proxyOf(proxies, request));
    return reply.code(204).send();
  });
}

function addToxics(app: FastifyInstance, proxies: Proxies): void {
  app.get("/proxies/:proxy/toxics", (request) => proxyOf(proxies, request).toxics.map(toxicView));
  app.post("/proxies/:proxy/toxics", (request) => {
    const proxy = proxyOf(proxies, request);
    const { ttl: life, ...input } = toxicInputSchema.parse(request.body);
    const stream = input.stream ?? "downstream";
    const name = input.name ?? `${input.type}_${stream}`;
    if (proxy.toxic(name) !== undefined) throw new Refusal(409, "toxic already exists");
    const toxic = toxicSchema.parse({ ...input, name, attributes: withTtl(input.attributes, life) });
    proxies.put(proxy, toxic);
    return toxicView(toxic);
  });
  app.get("/proxies/:proxy/toxics/:toxic", (request) => toxicView(toxicFrom(proxies, request)));
  app.route({
    method: ["POST", "PATCH"],
    url: "/proxies/:proxy/toxics/:toxic",
    handler: (request) => {
      const old = toxicFrom(proxies, request);
      const {
        toxicity = old.toxicity,
        attributes: changed,
        ttl: life,
      } = toxicUpdateSchema.parse(request.body);
      const merged = withTtl({ ...old.attributes, ...changed }, life);
      const toxic = toxicSchema.parse({ ...old, toxicity, attributes: merged });
      proxies.put(proxyOf(proxies, request), toxic);
      return toxicView(toxic);
    },
  });
  app.delete("/proxies/:proxy/toxics/:toxic", async (request, reply) => {
    const { name } = toxicFrom(proxies, request);
    proxies.removeToxic(proxyOf(proxies, request), name);
    return reply.code(204).send();
  });
}

async function create(proxies: Proxies, input: z.infer<typeof proxySchema>): Promise<Proxy> {
  const proxy = await proxies.create(input, input.enabled);
  if (!input.enabled) await proxies.enable(proxy, false, input.ttl);
  return proxy;
}

/** Whether the proxy is where it shall be; port 0 is content with any. */
function fits(
  proxy: Proxy,
  { listen, upstream }: { readonly listen: Address; readonly upstream: Address },
): boolean {
  const isThere = listen.port === 0 || listen.port === proxy.listen.port;
  return (
    isThere && listen.host === proxy.listen.host && addressText(upstream) === addressText(proxy.upstream)
  );
}

function withTtl(given: Readonly<Record<string, unknown>>, life: number | undefined) {
  return life === undefined ? given : { ...given, ttl: life };
}

function proxyOf(proxies: Proxies, request: FastifyRequest): Proxy {
  const found = proxies.get(path.parse(request.params).proxy);
  if (found === undefined) throw new Refusal(404, "proxy not found");
  return found;
}

function toxicFrom(proxies: Proxies, request: FastifyRequest): Toxic {
  const found = proxyOf(proxies, request).toxic(path.parse(request.params).toxic ?? "");
  if (found === undefined) throw new Refusal(404, "toxic not found");
  return found;
}

function proxyView(proxy: Proxy) {
  const { name, listen, upstream, isEnabled, toxics } = proxy;
  return {
    name,
    listen: addressText(listen),
    upstream: addressText(upstream),
    enabled: isEnabled,
    toxics: toxics.map(toxicView),
  };
}

function toxicView({ attributes: given, name, type, stream, toxicity }: Toxic) {
  return { attributes: given, name, type, stream, toxicity };
}

function addressText({ host, port }: Address): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function answerError(error: unknown, reply: FastifyReply) {
  const words = error instanceof z.ZodError ? z.prettifyError(error) : explain(error);
  const status = statusOf(error);
  return reply.code(status).send({ error: words, status });
}

function statusOf(error: unknown): number {
  if (error instanceof Refusal) return error.status;
  if (error instanceof z.ZodError) return 400;
  // Fastify's own, for bodies that it does not take.
  if (error instanceof Error && "statusCode" in error && typeof error.statusCode === "number")
    return error.statusCode;
  return 500;
}

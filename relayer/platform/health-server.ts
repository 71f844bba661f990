import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";
import { ConfigurationError, explain } from "../domain/errors.ts";
import type { Logger } from "./log.ts";
import type { Readiness } from "./readiness.ts";

/** What a process shows of itself. */
export type HealthServices = {
  readonly registry: Registry;
  readonly readiness: Readiness;
  readonly logger: Logger;
};

/** The server of a process, and where it listens. */
export type HealthServer = { readonly url: string; readonly close: () => Promise<void> };

/**
 * Serves, on loopback alone:
 *
 * - `/healthz`: 200 whenever the process's event loop turns; so silence is the sign to start it again, and nothing else is
 * - `/readyz`: 200, or 503 with the reasons, as the process can do its work now
 * - `/metrics`: Prometheus's format
 *
 * @param port 0 for a free one
 * @throws ConfigurationError `HEALTH_PORT`
 */
export async function startHealthServer(port: number, services: HealthServices): Promise<HealthServer> {
  const server = createServer((request, response) => {
    // Nobody is served twice by one connection, so that none is waited for at the end.
    response.setHeader("connection", "close");
    answer(request.url ?? "/", response, services).catch((error: unknown) => {
      services.logger.warn({ err: error, url: request.url }, "request failed");
      if (!response.headersSent) reply(response, 500, { error: explain(error) });
      else response.destroy();
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening").catch((error: unknown) => {
    throw new ConfigurationError(
      "HEALTH_PORT",
      `Metrics and health cannot be served on 127.0.0.1:${port}: ${explain(error)}. Nothing was started; end what listens there, or give another --health-port, or none.`,
      {},
      error,
    );
  });
  const bound: AddressInfo | string | null = server.address();
  if (bound === null || typeof bound === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${bound.port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function answer(
  url: string,
  response: ServerResponse,
  { registry, readiness }: HealthServices,
): Promise<void> {
  switch (new URL(url, "http://localhost").pathname) {
    case "/healthz":
      reply(response, 200, { ok: true });
      return;
    case "/readyz": {
      const reasons = await readiness.reasons();
      reply(response, reasons.length === 0 ? 200 : 503, { ok: reasons.length === 0, reasons });
      return;
    }
    case "/metrics": {
      const text = await registry.metrics();
      response.setHeader("content-type", registry.contentType).end(text);
      return;
    }
    default:
      reply(response, 404, { error: "There are /healthz, /readyz and /metrics." });
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.statusCode = status;
  response.setHeader("content-type", "application/json").end(JSON.stringify(body));
}

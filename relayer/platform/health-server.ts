import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import type { Registry } from "prom-client";
import { ConfigurationError, explain, UsageError } from "../domain/errors.ts";
import type { Logger } from "./log.ts";
import type { Readiness } from "./readiness.ts";

/** What a process shows of itself. */
export type HealthServices = {
  readonly registry: Registry;
  readonly readiness: Readiness;
  readonly logger: Logger;
};

/** The server of a process, and where this machine finds it. */
export type HealthServer = { readonly url: string; readonly close: () => Promise<void> };

/** Where a process shows itself. */
export type HealthPlace = {
  /** An address of this machine; loopback, unless those who ask are elsewhere, as before a container. */
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
};

const LOOPBACK = "127.0.0.1";
/** The addresses that stand for all of a machine's; it finds itself at loopback then. */
const EVERYWHERE = ["0.0.0.0", "::"];

/**
 * Reads where a process is to show itself from a command line.
 * @throws UsageError `USAGE`
 */
export function readHealthPlace(host: string | undefined, port: string | undefined): HealthPlace {
  const refuse = (what: string) => new UsageError("USAGE", `${what} Nothing was started.`);
  if (host !== undefined && isIP(host) === 0)
    throw refuse(
      `--health-host ${host} is no address; give one of this machine's, such as 127.0.0.1 or 0.0.0.0.`,
    );
  if (host !== undefined && port === undefined)
    throw refuse("--health-host without --health-port: those who ask from elsewhere must know the port.");
  if (port !== undefined && !(/^[0-9]{1,5}$/.test(port) && Number(port) <= 65_535))
    throw refuse(`--health-port ${port} is no port; give a number from 0 (any free port) to 65535.`);
  return { host: host ?? LOOPBACK, port: Number(port ?? 0) };
}

/**
 * Serves, on loopback unless it is told otherwise:
 *
 * - `/healthz`: 200 whenever the process's event loop turns; so silence is the sign to start it again, and nothing else is
 * - `/readyz`: 200, or 503 with the reasons, as the process can do its work now
 * - `/metrics`: Prometheus's format
 *
 * Nothing of it is secret, and nothing can be changed by it.
 * @throws ConfigurationError `HEALTH_PORT`
 */
export async function startHealthServer(
  { host, port }: HealthPlace,
  services: HealthServices,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    // Nobody is served twice by one connection, so that none is waited for at the end.
    response.setHeader("connection", "close");
    answer(request.url ?? "/", response, services).catch((error: unknown) => {
      services.logger.warn({ err: error, url: request.url }, "request failed");
      if (!response.headersSent) reply(response, 500, { error: explain(error) });
      else response.destroy();
    });
  });
  server.listen(port, host);
  await once(server, "listening").catch((error: unknown) => {
    throw new ConfigurationError(
      "HEALTH_PORT",
      `Metrics and health cannot be served on ${host}:${port}: ${explain(error)}. Nothing was started; end what listens there, or give another --health-port (and --health-host), or none.`,
      {},
      error,
    );
  });
  const bound: AddressInfo | string | null = server.address();
  if (bound === null || typeof bound === "string") throw new Error("the server has no port");
  return {
    url: `http://${shownHost(host)}:${bound.port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Where a process of the same machine finds what listens at `host`. */
function shownHost(host: string): string {
  if (EVERYWHERE.includes(host)) return LOOPBACK;
  return isIP(host) === 6 ? `[${host}]` : host;
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

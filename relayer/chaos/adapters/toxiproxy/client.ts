import { z } from "zod";
import { explain, RetryableError } from "../../../domain/errors.ts";
import type { Toxic } from "../../core/toxic.ts";

/** How long a server of proxies on this machine may take, in milliseconds. */
const TIMEOUT_MILLISECONDS = 2_000;

const proxiesSchema = z.record(z.string(), z.object({ listen: z.string(), upstream: z.string() }));

/** The proxies of a server, with where each listens and leads to. @throws RetryableError `TOXIPROXY` */
export async function listProxies(api: string): Promise<z.infer<typeof proxiesSchema>> {
  return proxiesSchema.parse(await (await ask(api, "GET", "/proxies")).json());
}

/** Makes a proxy; one of the same name that is as asked stays. @throws RetryableError `TOXIPROXY` */
export async function populate(
  api: string,
  proxies: readonly { readonly name: string; readonly listen: string; readonly upstream: string }[],
): Promise<void> {
  await ask(api, "POST", "/populate", proxies);
}

/** Lays a toxic on a proxy. @throws RetryableError `TOXIPROXY` also when there is one of that name, or no such proxy */
export async function addToxic(api: string, proxy: string, toxic: Toxic): Promise<void> {
  await ask(api, "POST", `/proxies/${encodeURIComponent(proxy)}/toxics`, toxic);
}

/** Takes a toxic away. One that is gone is no error, and neither is a server that is gone: its proxies went with it. */
export async function removeToxic(api: string, proxy: string, toxic: string): Promise<void> {
  const path = `/proxies/${encodeURIComponent(proxy)}/toxics/${encodeURIComponent(toxic)}`;
  try {
    await ask(api, "DELETE", path);
  } catch (error) {
    const status = error instanceof RetryableError ? error.details["status"] : undefined;
    if (status !== 404 && status !== "ECONNREFUSED") throw error;
  }
}

async function ask(api: string, method: string, path: string, body?: unknown): Promise<Response> {
  const response = await fetch(new URL(path, api), {
    method,
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  }).catch((error: unknown) => {
    throw failure(`${method} ${path}`, explain(error), codeOf(error));
  });
  if (response.ok) return response;
  throw failure(`${method} ${path}`, (await response.text()).slice(0, 500), response.status);
}

/** The system's code of an error that fetch wraps. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
}

function failure(what: string, why: string, status: number | string): RetryableError {
  return new RetryableError(
    "TOXIPROXY",
    `The server of proxies does not do ${what}: ${why}. Links are as they were; look whether it runs, and whether the proxy has this name.`,
    { status },
  );
}

import { z } from "zod";
import { ConfigurationError, explain, FatalError, RetryableError } from "../../domain/errors.ts";
import type { Network } from "../../domain/network.ts";
import { readSecretText } from "../../platform/secret-file.ts";

/** How long one request may take, in milliseconds: a test of a receiver waits for that. */
const TIMEOUT = 30_000;
const failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** An alert as the API shows it. */
export const alertView = z.object({
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  fingerprint: z.string(),
  startsAt: z.string(),
  receivers: z.array(z.object({ name: z.string() })),
  status: z.object({
    state: z.enum(["unprocessed", "active", "suppressed"]),
    silencedBy: z.array(z.string()),
    inhibitedBy: z.array(z.string()),
  }),
  acknowledgement: z.object({ by: z.string(), comment: z.string() }).optional(),
});
/** {@link alertView}, read. */
export type AlertView = z.infer<typeof alertView>;

/** A silence as the API shows it. */
export const silenceView = z.object({
  id: z.string(),
  status: z.object({ state: z.enum(["pending", "active", "expired"]) }),
  matchers: z.array(
    z.object({ name: z.string(), value: z.string(), isRegex: z.boolean(), isEqual: z.boolean() }),
  ),
  startsAt: z.string(),
  endsAt: z.string(),
  createdBy: z.string(),
  comment: z.string(),
});

/** One line of the history as the API shows it. */
export const historyView = z.object({
  entries: z.array(
    z.object({
      id: z.number(),
      at: z.string(),
      kind: z.string(),
      what: z.string(),
      labels: z.record(z.string(), z.string()),
      receiver: z.string().nullish(),
      integration: z.string().nullish(),
      detail: z.string(),
    }),
  ),
  next: z.number().nullish(),
});

/** Asks the alerting of a network, in the name of the user whose token the configuration names. */
export class AlertingClient {
  readonly #base: string;
  readonly #tokenFile: string | undefined;

  /** @throws ConfigurationError `NO_ALERTING` */
  constructor({ alerting, tokenFile }: Network) {
    if (alerting === undefined)
      throw new ConfigurationError(
        "NO_ALERTING",
        "The configuration has no alerting. Nothing was done; add it, or name another configuration with --config.",
      );
    const { host, port } = alerting.api;
    this.#base = `http://${host}:${port}`;
    this.#tokenFile = tokenFile;
  }

  get<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
    return this.#ask("GET", path, undefined, schema);
  }

  post<S extends z.ZodType>(path: string, body: unknown, schema: S): Promise<z.output<S>> {
    return this.#ask("POST", path, body, schema);
  }

  delete<S extends z.ZodType>(path: string, body: unknown, schema: S): Promise<z.output<S>> {
    return this.#ask("DELETE", path, body, schema);
  }

  async #ask<S extends z.ZodType>(
    method: string,
    path: string,
    body: unknown,
    schema: S,
  ): Promise<z.output<S>> {
    const headers = {
      ...this.#authorization(),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.#base + path, {
        method,
        headers,
        ...sent,
        signal: AbortSignal.timeout(TIMEOUT),
      });
      text = await response.text();
    } catch (error) {
      throw new RetryableError(
        "ALERTING_API",
        `Alerting at ${this.#base} does not answer: ${explain(error)}. What was asked for may be done or not; nobody is told anything while it is away. Start the role alerting.`,
      );
    }
    const json = readJson(text);
    if (response.ok) {
      const parsed = schema.safeParse(json);
      if (parsed.success) return parsed.data;
      throw new RetryableError(
        "ALERTING_API",
        `What listens at ${this.#base} does not answer as alerting does. Correct alerting.api.port, or update the fleet.`,
        {},
        parsed.error,
      );
    }
    // Alertmanager's API tells errors as bare strings.
    const message = failure.safeParse(json).data?.error.message ?? (typeof json === "string" ? json : text);
    const code = response.headers.get("x-error-code") ?? "ALERTING_API";
    throw response.status >= 500 || response.status === 429
      ? new RetryableError(code, message)
      : new FatalError(code, message);
  }

  #authorization(): Record<string, string> {
    if (this.#tokenFile === undefined) return {};
    try {
      return { authorization: `Bearer ${readSecretText(this.#tokenFile).trim()}` };
    } catch (error) {
      throw new ConfigurationError(
        "TOKEN_FILE",
        `The token in ${this.#tokenFile} cannot be read: ${explain(error)}. Nothing was done; "dchat user add" makes one.`,
      );
    }
  }
}

/** Answers without a body are as good as `{}`. */
function readJson(text: string): unknown {
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    return text; // a proxy's page: shown as it is
  }
}

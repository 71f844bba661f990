import { z } from "zod";
import { ConfigurationError, explain, FatalError, RetryableError } from "../domain/errors.ts";
import { CODE_HEADER } from "./error-code.ts";
import { readSecretText } from "./secret-file.ts";

/** How long one request may take, in milliseconds: a test of a receiver waits for that. */
const TIMEOUT = 30_000;
const failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** Whose API is asked, in whose name, and what people are told when it does not answer. */
export type ApiClientOptions = {
  /** The file with the token of the user in whose name it is asked. */
  readonly tokenFile: string | undefined;
  /** The code of errors that the API itself does not tell. */
  readonly code: string;
  /** What answers, as a sentence begins with it: "Alerting". */
  readonly name: string;
  /** Where the configuration has its port. */
  readonly port: string;
  /** What is so while it does not answer, and what to do. */
  readonly whileAway: string;
};

/** Asks one of our own HTTP APIs, and says of every failure what became of it. */
export class ApiClient {
  readonly #base: string;
  readonly #options: ApiClientOptions;

  /** @param base the URL without a path */
  constructor(base: string, options: ApiClientOptions) {
    this.#base = base;
    this.#options = options;
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
    const { response, text } = await this.#send(method, path, body);
    const json = readJson(text);
    const { code, name, port } = this.#options;
    if (response.ok) {
      const parsed = schema.safeParse(json);
      if (parsed.success) return parsed.data;
      throw new RetryableError(
        code,
        `What listens at ${this.#base} does not answer as ${name.toLowerCase()} does. Correct ${port}, or update the fleet.`,
        {},
        parsed.error,
      );
    }
    // Alertmanager's API tells errors as bare strings.
    const message = failure.safeParse(json).data?.error.message ?? (typeof json === "string" ? json : text);
    const told = response.headers.get(CODE_HEADER) ?? code;
    throw response.status >= 500 || response.status === 429
      ? new RetryableError(told, message)
      : new FatalError(told, message);
  }

  async #send(method: string, path: string, body: unknown) {
    const headers = {
      ...this.#authorization(),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const signal = AbortSignal.timeout(TIMEOUT);
    try {
      const response = await fetch(this.#base + path, { method, headers, ...sent, signal });
      return { response, text: await response.text() };
    } catch (error) {
      const { code, name, whileAway } = this.#options;
      throw new RetryableError(
        code,
        `${name} at ${this.#base} does not answer: ${explain(error)}. What was asked for may be done or not; ${whileAway}`,
      );
    }
  }

  #authorization(): Record<string, string> {
    const { tokenFile } = this.#options;
    if (tokenFile === undefined) return {};
    try {
      return { authorization: `Bearer ${readSecretText(tokenFile).trim()}` };
    } catch (error) {
      throw new ConfigurationError(
        "TOKEN_FILE",
        `The token in ${tokenFile} cannot be read: ${explain(error)}. Nothing was done; "dchat user add" makes one.`,
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

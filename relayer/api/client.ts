import type { z } from "zod";
import { explain, FatalError, RetryableError } from "../domain/errors.ts";
import type { MessageId } from "../domain/ids.ts";
import { type FullStatusView, fullStatusView, messageList, type MessageList } from "./list-schema.ts";
import { errorView, messageView, type MessageView } from "./schema.ts";

/** How long one request may take, in milliseconds. */
const TIMEOUT = 15_000;

/** Asks a fleet's API, as the command line does. */
export class ApiClient {
  readonly #base: string;

  /** @param base such as http://127.0.0.1:8080 */
  constructor(base: string) {
    this.#base = base;
  }

  /** Where a message is. @throws FatalError `UNKNOWN_MESSAGE` */
  message(id: MessageId): Promise<MessageView> {
    return this.#get(`/api/v1/messages/${id}`, messageView);
  }

  /** Messages from the index, newest first. @param query what `messageQuery` reads */
  messages(query: Readonly<Record<string, string>>): Promise<MessageList> {
    return this.#get(`/api/v1/messages?${new URLSearchParams(query).toString()}`, messageList);
  }

  /** The state of all chains and lanes, and of the index. */
  status(): Promise<FullStatusView> {
    return this.#get("/api/v1/status", fullStatusView);
  }

  async #get<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
    let response: Response;
    let body: unknown;
    try {
      response = await fetch(this.#base + path, { signal: AbortSignal.timeout(TIMEOUT) });
      body = await response.json();
    } catch (error) {
      throw new RetryableError(
        "API",
        `The API at ${this.#base} does not answer: ${explain(error)}. No message is lost: the chains hold them all. Start the fleet with "npm start", or name its configuration with --config.`,
      );
    }
    if (response.ok) return this.#read(schema, body);
    const { error } = this.#read(errorView, body);
    if (response.status >= 500) throw new RetryableError(error.code, error.message);
    throw new FatalError(error.code, error.message);
  }

  #read<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    throw new RetryableError(
      "API",
      `What listens at ${this.#base} does not answer as this version of dchat's API does. Correct api.port of the configuration, or update the fleet.`,
      {},
      parsed.error,
    );
  }
}

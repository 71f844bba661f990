import type { z } from "zod";
import { errorView } from "../../../relayer/api/schema.ts";

/** How long one request may take, in milliseconds. */
const TIMEOUT = 15_000;

/** What the API said instead of answering; the message is for people. */
export class ApiError extends Error {
  readonly code: string;
  /** Of the answer; 0 where there was none. */
  readonly status: number;

  constructor(code: string, message: string, status = 0) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.status = status;
  }
}

/** What is sent with a request, beside its path. */
export type Sent = {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
};

/** Asks this page's own origin. @throws ApiError */
export async function ask<S extends z.ZodType>(
  path: string,
  schema: S,
  { method = "GET", headers = {}, body }: Sent = {},
): Promise<z.output<S>> {
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(path, {
      method,
      signal: AbortSignal.timeout(TIMEOUT),
      ...(body === undefined
        ? { headers }
        : { headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    answer = text === "" ? undefined : JSON.parse(text);
  } catch {
    throw new ApiError(
      "API",
      "dchat does not answer at the moment. No money is affected: what was sent goes on without this page, which will ask again.",
    );
  }
  const read = response.ok ? schema.safeParse(answer) : undefined;
  if (read?.success === true) return read.data;
  const refusal = errorView.safeParse(answer);
  if (refusal.success)
    throw new ApiError(refusal.data.error.code, refusal.data.error.message, response.status);
  // Alertmanager's API answers errors with a JSON string.
  if (!response.ok && typeof answer === "string") throw new ApiError("API", answer, response.status);
  throw new ApiError("API", "dchat answers in words that this page does not know. Reload the page.");
}

/** What went wrong, for people. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

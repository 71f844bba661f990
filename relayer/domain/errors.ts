/** What an error tells a program, beside what its message tells a reader. Never holds secrets. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean>>;

/**
 * The base of every error that dchat raises on purpose. The message says what happened, what it means for money or data, and
 * what to do; `code` names the kind for programs.
 */
export abstract class DchatError extends Error {
  readonly code: string;
  readonly details: ErrorDetails;

  constructor(code: string, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.details = details;
  }
}

/** May succeed later without anybody's doing: a node that does not answer, a block that is not final yet. */
export class RetryableError extends DchatError {}

/** Will not succeed by trying again: bad input, a conflict with what was signed, a contract that says no. */
export class FatalError extends DchatError {}

/** The command line asks for something that is malformed or does not exist. Nothing was done. */
export class UsageError extends FatalError {}

/** Ended on request before it was done; the message says what goes on without it. */
export class InterruptedError extends DchatError {}

/** The configuration is wrong or does not fit the world. A process that meets one ends with exit code 78 and is not restarted. */
export class ConfigurationError extends FatalError {}

/** A short text of an unknown thrown value and of its causes, for logs and for messages to people. */
export function explain(thrown: unknown): string {
  const parts: string[] = [];
  for (let error = thrown; error !== undefined && parts.length < 5;) {
    parts.push(
      error instanceof Error
        ? error.message
        : typeof error === "string"
          ? error
          : "something that is no Error",
    );
    error = error instanceof Error ? error.cause : undefined;
  }
  return parts.join(" — because: ");
}

/** A set-up step that cannot go on. The message is for the user: what failed, where, and what to do. */
export class Failure extends Error {
  name = "Failure";

  /** @param {string} message @param {string} [details] the words of the tool that failed */
  constructor(message, details = "") {
    super(message);
    this.details = details;
  }
}

/** A signal asked the set-up to stop; the program ends by the same signal once everything is released. */
export class Interrupted extends Error {
  name = "Interrupted";

  /** @param {NodeJS.Signals} signal */
  constructor(signal) {
    super(`Stopped by ${signal}.`);
    this.signal = signal;
  }
}

/**
 * Reports an error of the set-up on stderr and ends the program: by the signal that interrupted it, or with code 1.
 *
 * @param {unknown} error
 */
export function endWith(error) {
  if (error instanceof Interrupted) {
    process.kill(process.pid, error.signal);
    return;
  }
  if (!(error instanceof Failure)) throw error;
  if (error.details !== "") console.error(excerpt(error.details));
  console.error(`dchat: ${error.message}`);
  process.exitCode = 1;
}

/** Tools name the cause first and their help or the place of a log last. */
function excerpt(details) {
  const lines = details.split("\n").map((line) => `  | ${line}`);
  return (lines.length <= 40 ? lines : [...lines.slice(0, 32), "  | …", ...lines.slice(-4)]).join("\n");
}

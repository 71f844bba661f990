import { explain } from "../domain/errors.ts";
import { type Clock, pause } from "./clock.ts";
import type { Logger } from "./log.ts";

/** The longest pause after failures in a row. */
const MOST_PAUSE_MILLISECONDS = 5_000;

/**
 * Does `task` again and again, with a pause between, until `signal` aborts. A failure is logged and only makes the pause longer:
 * what the task could not do stays to be done.
 */
export async function repeat(
  task: () => Promise<void>,
  pauseMilliseconds: number,
  { logger, clock, signal }: { readonly logger: Logger; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await task();
      failures = 0;
    } catch (error) {
      failures++;
      logger.warn({ err: error, failures }, `failed, and will be done again: ${explain(error)}`);
    }
    const milliseconds = Math.min(
      pauseMilliseconds * 2 ** Math.min(failures, 10),
      Math.max(pauseMilliseconds, MOST_PAUSE_MILLISECONDS),
    );
    await pause(clock, milliseconds, signal);
  }
}

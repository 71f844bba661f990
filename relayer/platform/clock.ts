import { setTimeout as wait } from "node:timers/promises";

/** Time, so that tests can bring their own. */
export interface Clock {
  /** Milliseconds since 1970 (Unix time). */
  now(): number;
  /** Waits `milliseconds`, or rejects with an AbortError as soon as `signal` aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** Waits `milliseconds`, or until `signal` aborts, which is no error here. @throws whatever else the clock throws */
export async function pause(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(milliseconds, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => wait(milliseconds, undefined, signal === undefined ? {} : { signal }),
};

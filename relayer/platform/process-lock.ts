import { DatabaseSync } from "node:sqlite";
import { chmodSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "./clock.ts";

/** SQLite's code for a lock that somebody else holds. */
const SQLITE_BUSY = 5;

/**
 * A lock on a file that one process holds at a time. The kernel gives it back when the process ends, however it ends; a process that is
 * only frozen keeps it.
 * @param file made where there is none; it holds nothing
 * @param waitMilliseconds how long another holder is waited for, which stops this thread
 * @returns what gives the lock back; undefined while another process holds it. Of several that ask at once, one gets it
 */
export function tryLock(file: string, waitMilliseconds = 0): (() => void) | undefined {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(file);
  try {
    chmodSync(file, 0o600);
    // Not EXCLUSIVE: that is had in three steps, and two that come at once can each keep the other from the last one.
    database.exec(`PRAGMA busy_timeout = ${waitMilliseconds}; BEGIN IMMEDIATE`);
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
  return () => {
    database.close();
  };
}

/** How often a lock that somebody else holds is asked for, in milliseconds: so long nobody does the work after a crash. */
const RETRY_MILLISECONDS = 250;

/**
 * Waits until the lock is ours.
 * @param onWait told once when somebody else holds it
 * @returns what gives it back
 * @throws what the clock throws when the signal aborts
 */
export async function waitForLock(
  file: string,
  {
    clock,
    signal,
    onWait,
  }: { readonly clock: Clock; readonly signal: AbortSignal; readonly onWait: () => void },
): Promise<() => void> {
  for (let attempt = 0; ; attempt++) {
    const release = tryLock(file);
    if (release !== undefined) return release;
    if (attempt === 0) onWait();
    await clock.sleep(RETRY_MILLISECONDS, signal);
  }
}

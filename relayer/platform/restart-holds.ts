import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A hold that asks for longer counts as none: somebody mistook a unit, and a service must not stay down for it. */
const LONGEST_MILLISECONDS = 86_400_000;
const LOOK_MILLISECONDS = 50;

/** The file whose presence holds a child back from being started again. */
export function holdFile(folder: string, child: string): string {
  return join(folder, `${child}.hold`);
}

/**
 * Holds a child back from being started again after its next end, as for work on its data. The hold is over at `until`, or when the file
 * is removed.
 * @param file of {@link holdFile}
 * @param until Unix milliseconds
 */
export function holdRestarts(file: string, until: number): void {
  writeFileSync(`${file}.new`, String(until), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Waits until nothing holds the child back, or the signal aborts. */
export async function untilReleased(folder: string, child: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && isHeld(holdFile(folder, child)))
    await sleep(LOOK_MILLISECONDS, undefined, { signal }).catch(() => undefined);
}

function isHeld(file: string): boolean {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return false; // there is none
  }
  const left = Number(text) - Date.now();
  return text !== "" && left > 0 && left <= LONGEST_MILLISECONDS;
}

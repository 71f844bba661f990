import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";

/** The configuration of a run. */
const NETWORK = "network.json";

/**
 * Makes the folder of a new run of the local network, and removes what runs left behind whose owner is gone.
 * @param folder the folder that holds all runs
 * @param pid the process that keeps the run going
 */
export function createRun(folder: string, pid: number): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const run of runs(folder))
    if (!isProcessAlive(ownerOf(run))) rmSync(run, { recursive: true, force: true });
  const run = join(folder, `${Date.now()}-${pid}`);
  mkdirSync(run, { mode: 0o700 });
  return run;
}

/** Removes a run that is over. */
export function removeRun(run: string): void {
  rmSync(run, { recursive: true, force: true });
}

/** Where a run keeps its configuration. */
export function networkFileOf(run: string): string {
  return join(run, NETWORK);
}

/** The configuration of the newest run whose owner is alive; undefined when none is. */
export function findRunningNetwork(folder: string): string | undefined {
  const alive = runs(folder).filter((run) => isProcessAlive(ownerOf(run)) && isFile(networkFileOf(run)));
  const newest = alive
    .sort((a, b) => statSync(networkFileOf(a)).mtimeMs - statSync(networkFileOf(b)).mtimeMs)
    .at(-1);
  return newest === undefined ? undefined : networkFileOf(newest);
}

function runs(folder: string): readonly string[] {
  const entries = statSync(folder, { throwIfNoEntry: false }) === undefined ? [] : readdirSync(folder);
  return entries.map((entry) => join(folder, entry));
}

/** The owner is in the name, so that a run is never seen without one: another start would remove it. */
function ownerOf(run: string): number {
  return Number(basename(run).split("-").at(-1));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Whether a process of this machine runs, whoever it belongs to. */
export function isProcessAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"; // it lives, and belongs to somebody else
  }
}

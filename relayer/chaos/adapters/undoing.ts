import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { explain, RetryableError } from "../../domain/errors.ts";
import type { ProcessIdentity, Undo } from "../core/undo.ts";
import { endInside } from "./inspected.ts";
import { removeCgroup } from "./linux/cgroups.ts";
import { deleteTable } from "./linux/nft.ts";
import { isRunning, signalSame } from "./processes.ts";
import { removeToxic } from "./toxiproxy/client.ts";

/** How long a process has to let go what it holds, and how often it is looked whether it has, in milliseconds. */
const RELEASE_MILLISECONDS = 1_000;
const LOOK_MILLISECONDS = 20;

/**
 * Takes all of it back, the last first; what fails does not keep the rest.
 * @throws RetryableError `NOT_HEALED` when something may still be there
 */
export async function undoAll(undos: readonly Undo[]): Promise<void> {
  const outcomes = await Promise.allSettled(undos.toReversed().map((undo) => undoOne(undo)));
  const failed = outcomes
    .filter((outcome) => outcome.status === "rejected")
    .map(({ reason }) => explain(reason));
  if (failed.length === 0) return;
  throw new RetryableError(
    "NOT_HEALED",
    `Of a fault, ${failed.length} of ${undos.length} parts could not be taken back: ${failed.join("; ")}. They are tried again, and end by themselves at their deadline where they can.`,
    { failed: failed.length },
  );
}

async function undoOne(undo: Undo): Promise<void> {
  switch (undo.kind) {
    case "toxic":
      return removeToxic(undo.api, undo.proxy, undo.toxic);
    case "continue":
      signalSame(undo, "SIGCONT");
      return;
    case "end":
      endGroup(undo);
      return;
    case "release":
      return release(undo);
    case "inspected":
      return endInside(undo, undo);
    case "table":
      return deleteTable(undo.name);
    case "cgroup":
      return removeCgroup(undo.path);
    case "file":
      rmSync(undo.path, { force: true });
  }
}

/** Ends a process of ours with the group that it leads: workers of stress-ng, say. */
function endGroup(leader: ProcessIdentity): void {
  if (!isRunning(leader)) return;
  try {
    process.kill(-leader.pid, "SIGKILL");
  } catch {
    signalSame(leader, "SIGKILL"); // it leads no group
  }
}

/** Asks a process of ours to let go what it holds. One that does not end is killed; the kernel drops what that held, and it is sent again. */
async function release(holder: ProcessIdentity): Promise<void> {
  signalSame(holder, "SIGTERM");
  for (const deadline = performance.now() + RELEASE_MILLISECONDS; isRunning(holder);) {
    if (performance.now() > deadline) signalSame(holder, "SIGKILL");
    await sleep(LOOK_MILLISECONDS);
  }
}

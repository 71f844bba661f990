import type { FaultType } from "../../core/fault.ts";
import type { Target } from "../../core/target.ts";
import { beginInside, type InspectedFault } from "../inspected.ts";
import { type Deed, type Maker, maker, processesOf, type Term } from "../leased-injector.ts";

const inspector = (name: string, what: string) => ({
  tier: "portable" as const,
  name: `inspector: ${name}`,
  what,
});

/** Faults inside Node processes, by their inspector. They bite the main thread alone. */
export const insideMakers: readonly (readonly [FaultType, Maker])[] = [
  maker(
    "EventLoopBlock",
    inspector("a busy loop", "the main thread computes for so long, and works for as long"),
    (fault, targets, term) => insideDeeds(fault, targets, term),
  ),
  maker(
    "ClockSkew",
    inspector(
      "another Date",
      "new Date() and Date.now() are off; monotonic timers, Redis and the chains are not",
    ),
    (fault, targets, term) => insideDeeds(fault, targets, term),
  ),
  maker(
    "DiskSlow",
    inspector(
      "slow commits",
      "commits of node:sqlite, and fsync and fdatasync of node:fs, take so much longer; other programs and native code do not",
    ),
    (fault, targets, term) => insideDeeds(fault, targets, term),
  ),
  maker(
    "DiskFull",
    inspector(
      "writes refused",
      "statements of node:sqlite that write fail with SQLITE_FULL, writes of node:fs to files with ENOSPC; open streams, file handles and native code do not",
    ),
    (fault, targets, term) => insideDeeds(fault, targets, term),
  ),
];

function insideDeeds(
  fault: InspectedFault,
  targets: readonly Target[],
  { id, until }: Term,
): Promise<readonly Deed[]> {
  const deeds = processesOf(targets).map((target): Deed => ({
    undo: [{ kind: "inspected", pid: target.pid, startTime: target.startTime, id }],
    act: () => beginInside(target, fault, { id, forMilliseconds: Math.max(1, until - Date.now()) }),
  }));
  return Promise.resolve(deeds);
}

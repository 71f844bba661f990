import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import type { ProcessIdentity } from "../core/undo.ts";

/** Where `/proc` tells everything; elsewhere `ps` does. */
const HAS_PROC = process.platform === "linux";

/** What is known of a process at one moment. */
type Facts = { readonly parent: number; readonly state: string; readonly startTime: string };

/** When the process with this pid began, in the system's own count; `undefined` when there is none, or only its remains. */
export function startTimeOf(pid: number): string | undefined {
  const facts = factsOf(pid);
  return facts === undefined || facts.state === "Z" || facts.state === "X" ? undefined : facts.startTime;
}

/** Its state, in the letters of `ps` (R, S, D, T for stopped); `undefined` when it is gone. */
export function stateOf({ pid, startTime }: ProcessIdentity): string | undefined {
  const facts = factsOf(pid);
  return facts?.startTime === startTime ? facts.state : undefined;
}

export function isRunning({ pid, startTime }: ProcessIdentity): boolean {
  return startTimeOf(pid) === startTime;
}

/** This process, as others may tell it apart. */
export function thisProcess(): ProcessIdentity {
  const startTime = startTimeOf(process.pid);
  if (startTime === undefined) throw new Error("the system does not say when this process began");
  return { pid: process.pid, startTime };
}

/**
 * Sends a signal to a process, if it still is the same one; that is asked right before. There is no way in Node to hold on to a process
 * (pidfd), so a pid that is given to another within the microseconds between would be hit; systems give pids anew only after all others.
 * @returns whether it was there to be signalled
 */
export function signalSame(target: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isRunning(target)) return false;
  try {
    process.kill(target.pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}

/** The process and all that it and its own have started, parents first: a service that runs under a guard is both. */
export function withDescendants(root: ProcessIdentity): readonly ProcessIdentity[] {
  if (!isRunning(root)) return [];
  const all = new Map<number, Facts>();
  for (const pid of allPids()) {
    const facts = factsOf(pid);
    if (facts !== undefined && facts.state !== "Z") all.set(pid, facts);
  }
  const found = [root];
  for (const { pid: parent } of found) {
    for (const [pid, facts] of all) {
      if (facts.parent === parent) found.push({ pid, startTime: facts.startTime });
    }
  }
  return found;
}

function allPids(): readonly number[] {
  const names = HAS_PROC ? readdirSync("/proc") : ps(["-A", "-o", "pid="]).split("\n");
  return names.map(Number).filter((pid) => Number.isInteger(pid) && pid > 1);
}

function factsOf(pid: number): Facts | undefined {
  if (!HAS_PROC) return factsByPs(pid);
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined; // it is gone
  }
  // The name in parentheses may hold anything; of what follows it, the state is field 3 and the start time field 22.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state = "", parent = ""] = fields;
  const startTime = fields[19];
  return startTime === undefined ? undefined : { state, parent: Number(parent), startTime };
}

function factsByPs(pid: number): Facts | undefined {
  const line = ps(["-p", String(pid), "-o", "ppid=,state=,lstart="]);
  const [, parent, state, startTime] = /^\s*(\d+)\s+(\S)\S*\s+(.+?)\s*$/.exec(line) ?? [];
  if (parent === undefined || state === undefined || startTime === undefined) return undefined;
  return { parent: Number(parent), state, startTime };
}

function ps(args: readonly string[]): string {
  return spawnSync("ps", args, { encoding: "utf8", env: { LC_ALL: "C", PATH: "/bin:/usr/bin" } }).stdout;
}

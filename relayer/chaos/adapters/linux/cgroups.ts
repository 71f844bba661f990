import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const ROOT = "/sys/fs/cgroup";
const PERIOD_MICROSECONDS = 100_000;
/** How long what is killed may take to be gone, in milliseconds. */
const GONE_MILLISECONDS = 3_000;
const POLL_MILLISECONDS = 20;

type Controller = "cpu" | "memory";
/** A limit of a controller. */
export type Limit =
  | { readonly controller: "cpu"; /** Of one core; 1.5 is a core and a half. */ readonly cores: number }
  | { readonly controller: "memory"; readonly bytes: number };

/** Where a cgroup of a lease would be. @throws Error when the system has none for this controller, or they cannot be written */
export function cgroupPath(controller: Controller, id: string): string {
  return join(parentOf(controller), `dchat_chaos_${id}`);
}

/** Tries whether cgroups can be made and limited here. @throws the system's error */
export async function probeCgroup(limit: Limit, id: string): Promise<void> {
  const path = cgroupPath(limit.controller, id);
  try {
    makeCgroup(path, limit);
  } finally {
    await removeCgroup(path);
  }
}

/** Makes a cgroup with a limit. @param path of {@link cgroupPath} */
export function makeCgroup(path: string, limit: Limit): void {
  mkdirSync(path);
  const set = (file: string, value: string) => {
    writeFileSync(join(path, file), value);
  };
  if (limit.controller === "cpu") {
    const quota = String(Math.max(1_000, Math.round(limit.cores * PERIOD_MICROSECONDS)));
    if (isV2("cpu")) set("cpu.max", `${quota} ${PERIOD_MICROSECONDS}`);
    else {
      set("cpu.cfs_period_us", String(PERIOD_MICROSECONDS));
      set("cpu.cfs_quota_us", quota);
    }
  } else set(isV2("memory") ? "memory.max" : "memory.limit_in_bytes", String(limit.bytes));
}

/** Puts a process into a cgroup; what it starts from now on is in it, too. */
export function enterCgroup(path: string, pid: number): void {
  writeFileSync(join(path, "cgroup.procs"), String(pid));
}

/** Kills whatever is in the cgroup and removes it; one that is gone is no error. @throws Error when it cannot be emptied */
export async function removeCgroup(path: string): Promise<void> {
  for (const deadline = performance.now() + GONE_MILLISECONDS; existsSync(path);) {
    for (const pid of readFileSync(join(path, "cgroup.procs"), "utf8").split("\n").map(Number)) kill(pid);
    try {
      rmdirSync(path);
      return;
    } catch (error) {
      // Busy as long as what was killed is not gone.
      if (performance.now() > deadline) throw error;
    }
    await sleep(POLL_MILLISECONDS);
  }
}

function kill(pid: number): void {
  // An empty line, or one that lives in another pid namespace.
  if (pid < 2) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It was gone already.
  }
}

function isV2(controller: Controller): boolean {
  const file = join(ROOT, "cgroup.controllers");
  return existsSync(file) && readFileSync(file, "utf8").split(/\s/).includes(controller);
}

function parentOf(controller: Controller): string {
  if (isV2(controller)) {
    // A group with processes in it cannot hand controllers on, but the root can.
    const enabled = readFileSync(join(ROOT, "cgroup.subtree_control"), "utf8").split(/\s/);
    if (!enabled.includes(controller))
      throw new Error(`cgroup v2 does not hand on ${controller} at its root`);
    return ROOT;
  }
  const mount = join(ROOT, controller);
  const [, own = ""] =
    new RegExp(`^\\d+:(?:[^:]*,)?${controller}(?:,[^:]*)?:(.*)$`, "m").exec(
      readFileSync("/proc/self/cgroup", "utf8"),
    ) ?? [];
  if (!existsSync(mount)) throw new Error(`there is no cgroup controller ${controller} under ${ROOT}`);
  return existsSync(join(mount, own)) ? join(mount, own) : mount;
}

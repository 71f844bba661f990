import { readFileSync } from "node:fs";
import { cpus, freemem } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProcessIdentity } from "../../core/undo.ts";
import { isRunning, stateOf } from "../processes.ts";

/** USER_HZ, which Linux has fixed for what it tells programs. */
const TICKS_A_SECOND = 100;

/** The share of all cores that was busy during a window, from 0 to 1, as the kernel counts it. */
export async function measureCpu(windowMilliseconds: number): Promise<number> {
  const before = cpuTimes();
  await sleep(windowMilliseconds);
  const after = cpuTimes();
  return (after.busy - before.busy) / Math.max(1, after.all - before.all);
}

/**
 * The share of all cores that some processes had during a window, from 0 to 1, as the kernel counts it: for a machine on which others
 * work, too. Linux alone.
 */
export async function measureCpuOf(
  pids: () => readonly number[],
  windowMilliseconds: number,
): Promise<number> {
  const ticks = () => pids().reduce((sum, pid) => sum + (cpuTicks(pid) ?? 0), 0);
  const [began, before] = [performance.now(), ticks()];
  await sleep(windowMilliseconds);
  const seconds = (ticks() - before) / TICKS_A_SECOND;
  return Math.max(0, seconds) / ((performance.now() - began) / 1_000) / cpus().length;
}

/** What a process holds of the machine's memory, in bytes; 0 when it is gone. Linux alone. */
export function residentMemory(pid: number): number {
  try {
    const [, kilobytes = 0] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
    return Number(kilobytes) * 1_024;
  } catch {
    return 0; // it is gone
  }
}

/** Memory that programs can still have, in bytes, as the kernel counts it. */
export function availableMemory(): number {
  if (process.platform !== "linux") return freemem();
  const [, kilobytes] = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync("/proc/meminfo", "latin1")) ?? [];
  return Number(kilobytes) * 1_024;
}

/** What the system says of a process: a frozen one is stopped, and one that was started anew is gone. */
export function processState(target: ProcessIdentity): "running" | "stopped" | "gone" {
  if (!isRunning(target)) return "gone";
  return stateOf(target) === "T" ? "stopped" : "running";
}

/** What a process has computed since it began, in ticks. */
function cpuTicks(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // After the name in parentheses, which may hold anything, user and system time are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return undefined; // it is gone
  }
}

function cpuTimes(): { readonly busy: number; readonly all: number } {
  const sum = { busy: 0, all: 0 };
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.idle + times.irq;
    sum.all += all;
    sum.busy += all - times.idle;
  }
  return sum;
}

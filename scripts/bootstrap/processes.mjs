import { readFileSync } from "node:fs";

/**
 * The start time of a running process in the kernel's ticks, so that a reused pid is not taken for its former owner.
 * Where there is no /proc it is "?", and only the pid decides.
 *
 * @param {number} pid
 * @returns {string | undefined} undefined when the process is gone (or a zombie)
 */
export function startOf(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code === "ESRCH") return undefined; // EPERM: it lives, and belongs to somebody else
  }
  let stat;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return "?";
  }
  // The name, in parentheses, may hold spaces and parentheses; state is field 3, start time field 22.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? undefined : fields[19];
}

/** @param {number} pid */
export const identify = (pid) => ({ pid, start: startOf(pid) ?? "?" });

/** @param {{ pid: number, start: string } | undefined} who */
export function isAlive(who) {
  if (who === undefined) return false;
  const start = startOf(who.pid);
  return start !== undefined && (start === who.start || start === "?" || who.start === "?");
}

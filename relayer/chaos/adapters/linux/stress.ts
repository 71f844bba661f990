import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism, tmpdir } from "node:os";
import { RetryableError } from "../../../domain/errors.ts";
import type { FaultType } from "../../core/fault.ts";
import { type Deed, type Maker, maker, type Term } from "../leased-injector.ts";
import type { Lease } from "../leases.ts";
import { startTimeOf } from "../processes.ts";
import { cgroupPath, enterCgroup, type Limit, makeCgroup } from "./cgroups.ts";

const MEGABYTE = 1_048_576;
/** What stress-ng itself takes beside the memory that it fills. */
const OWN_BYTES = 64 * MEGABYTE;

/** CpuSpike by stress-ng, which a cgroup keeps to the share. */
export const stressCpuMaker: readonly [FaultType, Maker] = maker(
  "CpuSpike",
  {
    tier: "linux",
    name: "stress-ng in a cgroup",
    what: "stress-ng on all cores, kept to that share of them by the kernel; it bites everything on this machine",
  },
  ({ percent }, _targets, term) => {
    const cores = availableParallelism();
    const limit = { controller: "cpu" as const, cores: (cores * percent) / 100 };
    return [stressDeed(["--cpu", String(cores)], limit, term)];
  },
);

/** MemoryPressure by stress-ng, which a cgroup keeps from taking more. */
export const stressMemoryMaker: readonly [FaultType, Maker] = maker(
  "MemoryPressure",
  {
    tier: "linux",
    name: "stress-ng in a cgroup",
    what: "stress-ng fills so many megabytes and keeps them; a cgroup keeps it from more; it bites everything on this machine",
  },
  ({ megabytes }, _targets, term) => {
    const args = ["--vm", "1", "--vm-bytes", `${megabytes}m`, "--vm-keep", "--vm-populate", "--vm-hang", "0"];
    return [stressDeed(args, { controller: "memory", bytes: megabytes * MEGABYTE + OWN_BYTES }, term)];
  },
);

function stressDeed(args: readonly string[], limit: Limit, { id, milliseconds }: Term): Deed {
  const path = cgroupPath(limit.controller, id);
  return {
    undo: [{ kind: "cgroup", path }],
    act: async (lease) => {
      makeCgroup(path, limit);
      const timeout = `${Math.ceil(milliseconds / 1_000)}s`;
      await startIn(path, ["stress-ng", ...args, "--timeout", timeout, "--quiet"], lease);
    },
  };
}

/**
 * Starts a program that waits until it is in its cgroup, so that everything it starts is in it as well, and until it is in the journal:
 * should we be killed before, its pipe ends, and it with that.
 */
async function startIn(path: string, args: readonly string[], lease: Lease): Promise<void> {
  // The shell reads a line before it becomes the program.
  const shell = ["-c", 'read -r go && exec "$@"', "sh", ...args];
  const child = spawn("sh", shell, {
    stdio: ["pipe", "ignore", "inherit"],
    detached: true,
    cwd: tmpdir(),
  });
  child.stdin.on("error", () => undefined);
  const over = once(child, "exit").then(([code]: unknown[]) => code);
  const { pid } = child;
  const startTime = pid === undefined ? undefined : startTimeOf(pid);
  if (pid === undefined || startTime === undefined) throw failure("does not start");
  lease.add([{ kind: "end", pid, startTime }]);
  enterCgroup(path, pid);
  child.stdin.end("go\n");
  child.unref();
  const early = await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 300, "runs"))]);
  if (early !== "runs") throw failure(`ends at once with code ${String(early)}; what it says is above`);
}

function failure(what: string): RetryableError {
  return new RetryableError("STRESS", `stress-ng ${what}. Nothing of it is left.`);
}

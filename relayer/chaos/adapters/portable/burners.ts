import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { RetryableError } from "../../../domain/errors.ts";
import type { FaultType } from "../../core/fault.ts";
import { type Deed, type Maker, maker, type Term } from "../leased-injector.ts";
import { startTimeOf } from "../processes.ts";

const PROGRAM = fileURLToPath(new URL("../burner-program.ts", import.meta.url));

/** Load on the whole machine, by a process of ours. */
export const burnerMakers: readonly (readonly [FaultType, Maker])[] = [
  maker(
    "CpuSpike",
    {
      tier: "portable",
      name: "worker threads",
      what: "a process with a thread for each core that computes for that share of the time; it bites everything on this machine",
    },
    ({ percent }, _targets, term) => [burnDeed("cpu", percent, term)],
  ),
  maker(
    "MemoryPressure",
    {
      tier: "portable",
      name: "a process that fills memory",
      what: "a process writes to so many megabytes and keeps them; it bites everything on this machine",
    },
    ({ megabytes }, _targets, term) => [burnDeed("memory", megabytes, term)],
  ),
];

function burnDeed(kind: "cpu" | "memory", measure: number, term: Term): Deed {
  return {
    // Until its process id is known, the pipe alone ends it.
    undo: [],
    act: async (lease) => {
      const args = [PROGRAM, kind, String(measure), String(term.milliseconds)];
      const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"], detached: true });
      child.stdin.on("error", () => undefined);
      const over = once(child, "exit").then(() => "over" as const);
      const { pid } = child;
      const startTime = pid === undefined ? undefined : startTimeOf(pid);
      if (pid !== undefined && startTime !== undefined) lease.add([{ kind: "end", pid, startTime }]);
      const burning = once(child.stdout, "data").then(() => "burning" as const);
      if ((await Promise.race([burning, over])) === "burning") {
        child.unref();
        return;
      }
      throw new RetryableError(
        "BURNER",
        `The process that takes ${kind} ended at once; what it says is above.`,
      );
    },
  };
}

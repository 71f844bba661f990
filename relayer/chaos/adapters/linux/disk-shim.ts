import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FatalError } from "../../../domain/errors.ts";
import type { FaultType } from "../../core/fault.ts";
import type { ProcessTarget, Target } from "../../core/target.ts";
import { type Deed, type Maker, maker, processesOf, type Term } from "../leased-injector.ts";
import { command } from "./commands.ts";

const SOURCE = fileURLToPath(new URL("./disk-shim.c", import.meta.url));
const LIBRARY = "libdisk-shim.so";

/** A disk shim that was compiled, and what a process must be started with so that its disk can be slow or full. */
export type DiskShim = {
  readonly folder: string;
  readonly env: Readonly<Record<"LD_PRELOAD" | "DCHAT_DISK_SHIM", string>>;
};

/**
 * Compiles the shim by the system's `cc` into a folder of the run.
 * @throws Error with the compiler's words where there is none, or it fails
 */
export async function buildDiskShim(folder: string): Promise<DiskShim> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const library = join(folder, LIBRARY);
  await command("cc", ["-O2", "-shared", "-fPIC", "-Wall", "-Werror", "-o", library, SOURCE, "-ldl"]);
  return { folder, env: { LD_PRELOAD: library, DCHAT_DISK_SHIM: folder } };
}

/** DiskSlow and DiskFull below the program, for processes that were started with the shim. */
export function diskShimMakers({ folder }: DiskShim): readonly (readonly [FaultType, Maker])[] {
  return [
    maker(
      "DiskSlow",
      {
        tier: "linux",
        name: "a shim of fsync",
        what: "fsync and fdatasync of the process take so much longer; Redis feels it under appendfsync always",
      },
      ({ milliseconds }, targets, term) => shimDeeds(folder, targets, term, `${milliseconds} 0`),
    ),
    maker(
      "DiskFull",
      {
        tier: "linux",
        name: "a shim of write",
        what: "writes of the process to regular files fail with ENOSPC; mapped memory and the removal of files do not",
      },
      (_fault, targets, term) => shimDeeds(folder, targets, term, "0 1"),
    ),
  ];
}

function shimDeeds(
  folder: string,
  targets: readonly Target[],
  { id, milliseconds }: Term,
  words: string,
): readonly Deed[] {
  return processesOf(targets).map((target) => {
    requireShim(target);
    const path = join(folder, String(target.pid));
    return {
      undo: [{ kind: "file", path }],
      act: async () => {
        const until = Math.ceil(Number(process.hrtime.bigint() / 1_000_000n) + milliseconds);
        const fresh = join(folder, `new-${id}-${target.pid}`);
        writeFileSync(fresh, `${words} ${until}\n`, { mode: 0o644 });
        renameSync(fresh, path);
        await Promise.resolve();
      },
    };
  });
}

/** The file of a process without the shim would be read by nobody: a fault that does not bite. */
function requireShim({ name, pid }: ProcessTarget): void {
  if (readFileSync(`/proc/${pid}/maps`, "latin1").includes(`/${LIBRARY}`)) return;
  throw new FatalError(
    "NO_SHIM",
    `${name} was not started with the disk shim, so nothing can be done to its disk from outside. Start it with LD_PRELOAD and DCHAT_DISK_SHIM of this run. Nothing was done.`,
    { name, pid },
  );
}

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FatalError } from "../../../domain/errors.ts";
import type { FaultType } from "../../core/fault.ts";
import type { ProcessTarget, Target } from "../../core/target.ts";
import { type Deed, type Maker, maker, processesOf, type Term } from "../leased-injector.ts";
import { command } from "./commands.ts";

const SOURCE = fileURLToPath(new URL("./disk-shim.c", import.meta.url));

/**
 * Compiles the shim by the system's `cc` into a folder of the run.
 * @throws Error with the compiler's words where there is none, or it fails
 */
export async function buildDiskShim(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await command("cc", [
    "-O2",
    "-shared",
    "-fPIC",
    "-Wall",
    "-Werror",
    "-o",
    libraryIn(folder),
    SOURCE,
    "-ldl",
  ]);
}

/**
 * What a process must be started with so that its disk can be slow or full. What it starts has the same disk; so does whoever goes by
 * its name after it.
 * @param folder of {@link buildDiskShim}
 * @param name under which the process is supervised
 */
export function diskShimEnv(folder: string, name: string): Record<"LD_PRELOAD" | "DCHAT_DISK_SHIM", string> {
  return { LD_PRELOAD: libraryIn(folder), DCHAT_DISK_SHIM: controlOf(folder, name) };
}

/** DiskSlow and DiskFull below the program, for processes that were started with the shim. */
export function diskShimMakers(folder: string): readonly (readonly [FaultType, Maker])[] {
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
    requireShim(target, folder);
    const path = controlOf(folder, target.name);
    return {
      undo: [{ kind: "file", path }],
      act: async () => {
        const until = Math.ceil(Number(process.hrtime.bigint() / 1_000_000n) + milliseconds);
        const fresh = `${path}-${id}`;
        writeFileSync(fresh, `${words} ${until}\n`, { mode: 0o644 });
        renameSync(fresh, path);
        await Promise.resolve();
      },
    };
  });
}

/** The file of a process without the shim would be read by nobody: a fault that does not bite. */
function requireShim({ name, pid }: ProcessTarget, folder: string): void {
  if (readFileSync(`/proc/${pid}/maps`, "utf8").includes(libraryIn(folder))) return;
  throw new FatalError(
    "NO_SHIM",
    `${name} was not started with the disk shim, so nothing can be done to its disk from outside. Start it with LD_PRELOAD and DCHAT_DISK_SHIM of this run. Nothing was done.`,
    { name, pid },
  );
}

function libraryIn(folder: string): string {
  return join(folder, "libdisk-shim.so");
}

/** The file that tells the shim of a process what to do. */
function controlOf(folder: string, name: string): string {
  return join(folder, `${name}.disk`);
}

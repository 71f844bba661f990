import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { explain, FatalError, UsageError } from "../../domain/errors.ts";
import { systemClock } from "../../platform/clock.ts";
import { copyDatabase, inspectDatabase } from "../../platform/database-copy.ts";
import { syncFolder, writeNewFile } from "../../platform/secret-file.ts";
import type { CommandContext } from "../context.ts";
import { chainsIn, MANIFEST, type Manifest } from "./manifest.ts";
import { type Store, storesOf } from "./stores.ts";

/** The options of `dchat backup create`. */
export type CreateOptions = { readonly out: string };

/** `dchat backup create`: a copy of every store of this data folder, each as it is at one moment, while roles run. All of it or nothing. */
export function createBackup({ out }: CreateOptions, { network, output }: CommandContext): void {
  if (existsSync(out))
    throw new UsageError(
      "BACKUP",
      `There is something at ${out} already. Nothing was written; name a new folder.`,
    );
  const stores = storesOf(network);
  if (stores.length === 0)
    throw new UsageError(
      "BACKUP",
      `There is nothing in ${network.dataFolder} that needs a backup. Nothing was written; name the configuration of the machine whose roles keep something (dataFolder).`,
    );
  const temporary = join(dirname(out), `.${basename(out)}-${randomUUID()}`);
  try {
    mkdirSync(temporary, { recursive: true, mode: 0o700 });
    const manifest: Manifest = {
      format: 1,
      createdAt: new Date(systemClock.now()).toISOString(),
      chains: chainsIn(network),
      stores: stores.map((store) => save(store, temporary)),
    };
    writeNewFile(join(temporary, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    renameSync(temporary, out);
    syncFolder(dirname(out));
    output.result({ folder: out, ...manifest }, describe(out, manifest));
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw new FatalError(
      "BACKUP",
      `The backup in ${out} could not be made: ${explain(error)}. Nothing was written, and the stores are as they were; the roles go on. Name a folder that is writable, with room for all of them.`,
      {},
      error,
    );
  }
}

function save({ file, path, what, restoring }: Store, folder: string): Manifest["stores"][number] {
  const target = join(folder, path);
  copyDatabase(file, target);
  return { what, path, restoring, ...inspectDatabase(target) };
}

function describe(folder: string, { stores }: Manifest): string {
  return [
    `saved in ${folder}`,
    ...stores.map(({ path, what, bytes }) => `  ${path}  ${what}, ${bytes} bytes`),
    "Keys, pass-phrases, the configuration and the users' file are not in it: keep copies of those yourself.",
    ...(stores.some(({ restoring }) => restoring === "closed")
      ? [
          "Signing records are old as soon as they are copied: only dchat backup restore puts them back safely.",
        ]
      : []),
  ].join("\n");
}

import { randomUUID } from "node:crypto";
import { existsSync, linkSync, mkdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { UsageError } from "../../domain/errors.ts";
import type { Network } from "../../domain/network.ts";
import { copyFile } from "../../platform/database-copy.ts";
import { runningRoles } from "../../platform/role-files.ts";
import { syncFolder } from "../../platform/secret-file.ts";
import type { CommandContext } from "../context.ts";
import { type LaneBound, readLaneBounds } from "./lane-heads.ts";
import { chainsIn, type Manifest, type StoredCopy, verifyBackup } from "./manifest.ts";
import { restoreRecords } from "./restore-records.ts";
import { placeOf } from "./stores.ts";

/** The options of `dchat backup restore`. */
export type RestoreOptions = {
  /** How far beyond its newest message each lane is closed to signers whose records are restored. */
  readonly margin: bigint;
  /** The stores to restore, by the names of their files without the ending; all of the backup if left out. */
  readonly only?: readonly string[];
};

type Placed = { readonly copy: StoredCopy; readonly target: string };

/**
 * `dchat backup restore`: puts the stores of a backup into a data folder that has none of them. Signing records are not put back but made
 * anew from the copy, with everything closed that may have been signed since; the chains are asked how far that is.
 */
export async function restoreBackup(
  folder: string,
  { margin, only }: RestoreOptions,
  { network, output }: CommandContext,
): Promise<void> {
  const manifest = verifyBackup(folder);
  requireSameBridge(manifest, network, folder);
  const stores = chosen(manifest, only, folder);
  const placed = stores.map((copy) => ({ copy, target: targetOf(copy, network, folder) }));
  requireFree(placed, network);
  const hasRecords = stores.some(({ restoring }) => restoring === "closed");
  if (hasRecords) output.step("asking the chains how far every lane has come");
  const bounds = hasRecords ? await readLaneBounds(network, margin) : [];
  for (const each of placed) putBack(folder, each, bounds);
  output.result(
    {
      folder,
      restored: placed.map(({ copy, target }) => ({
        what: copy.what,
        restoring: copy.restoring,
        file: target,
      })),
      closed: bounds.map(({ name, nonce }) => ({ lane: name, nonce: nonce.toString() })),
    },
    describe(placed, bounds),
  );
}

/** @throws UsageError `BACKUP` */
function chosen(
  { stores }: Manifest,
  only: readonly string[] | undefined,
  folder: string,
): readonly StoredCopy[] {
  const nameOf = ({ path }: StoredCopy) => basename(path, ".sqlite");
  const names = new Set(stores.map(nameOf));
  const unknown = only?.find((name) => !names.has(name));
  if (unknown !== undefined)
    throw new UsageError(
      "BACKUP",
      `${folder} has no store ${unknown}. Nothing was restored. It has ${[...names].join(", ")}.`,
    );
  return only === undefined ? stores : stores.filter((copy) => only.includes(nameOf(copy)));
}

/** @throws UsageError `BACKUP` */
function requireSameBridge({ chains }: Manifest, network: Network, folder: string): void {
  const [saved, own] = [written(chains), written(chainsIn(network))];
  const differs = [...saved.keys(), ...own.keys()].find((name) => saved.get(name) !== own.get(name));
  if (differs === undefined) return;
  throw new UsageError(
    "BACKUP",
    `${folder} was saved for another bridge: chain ${differs} is ${saved.get(differs) ?? "not in it"}, and ${own.get(differs) ?? "not there"} in the configuration. Nothing was restored. Name this bridge's backup, or its configuration with --config.`,
  );
}

function written(chains: Manifest["chains"]): ReadonlyMap<string, string> {
  return new Map(Object.entries(chains).map(([name, chain]) => [name, JSON.stringify(chain)]));
}

function targetOf({ path }: StoredCopy, network: Network, folder: string): string {
  const target = placeOf(path, network);
  if (target !== undefined) return target;
  throw new UsageError(
    "BACKUP",
    `${path} of ${folder} has no place in this configuration. Nothing was restored. Restore with the dchat and the configuration (chaos) that the backup was made with.`,
  );
}

/** @throws UsageError `RUNNING` or `BACKUP`: a store that somebody uses, or that is newer than its copy, is never replaced */
function requireFree(placed: readonly Placed[], { dataFolder }: Network): void {
  const roles = runningRoles(dataFolder).map(({ role, pid }) => `${role} (process ${pid})`);
  if (roles.length > 0)
    throw new UsageError(
      "RUNNING",
      `Roles run with ${dataFolder}: ${roles.join(", ")}. Nothing was restored. End them, and whatever starts them again, before anything is put under them.`,
    );
  const taken = placed.filter(({ target }) => existsSync(target)).map(({ target }) => target);
  if (taken.length > 0)
    throw new UsageError(
      "BACKUP",
      `There is something in the place of ${taken.join(", ")}. Nothing was restored: what is there may be newer than the backup. Move it away if it is damaged, and keep it; or restore the others with --only.`,
    );
}

/** Puts one store back: all of it, on the disk, or nothing. */
function putBack(folder: string, { copy, target }: Placed, bounds: readonly LaneBound[]): void {
  const place = dirname(target);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const temporary = join(place, `.restore-${randomUUID()}`);
  mkdirSync(temporary, { mode: 0o700 });
  try {
    const made = join(temporary, "new.sqlite");
    const source = join(folder, copy.path);
    if (copy.restoring === "closed") restoreRecords(source, made, bounds);
    else copyFile(source, made);
    // Unlike a rename, a link fails where a file has come to stand meanwhile.
    linkSync(made, target);
    for (const each of [place, dirname(place)]) syncFolder(each);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function describe(placed: readonly Placed[], bounds: readonly LaneBound[]): string {
  return [
    ...placed.map(({ copy, target }) => `restored the ${copy.what}: ${target}`),
    ...bounds.map(({ name, nonce }) => `  ${name}: nothing new is signed at or below ${nonce}`),
  ].join("\n");
}

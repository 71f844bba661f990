import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { explain, UsageError } from "../../domain/errors.ts";
import { address, chainId, chainName } from "../../domain/ids.ts";
import { chainsOf, type Network } from "../../domain/network.ts";
import { inspectDatabase } from "../../platform/database-copy.ts";

/** The file that says what a backup holds; written last, so that a folder without one is no backup. */
export const MANIFEST = "manifest.json";

const store = z.strictObject({
  what: z.string(),
  /** Relative to the folder; never out of it. */
  path: z.string().regex(/^[0-9a-z-]+\/[a-z-]+\.sqlite$/),
  restoring: z.enum(["copied", "closed"]),
  applicationId: z.number().int(),
  schemaVersion: z.number().int(),
  bytes: z.number().int(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** What a backup says of itself. */
export const manifestSchema = z.strictObject({
  format: z.literal(1),
  createdAt: z.iso.datetime(),
  /** Which bridge it belongs to. */
  chains: z.record(chainName, z.strictObject({ chainId, outbox: address, inbox: address })),
  stores: z.array(store),
});
/** {@link manifestSchema}, read. */
export type Manifest = z.infer<typeof manifestSchema>;
/** One store of a backup. */
export type StoredCopy = Manifest["stores"][number];

/** The bridge that a configuration is for, as manifests name it. */
export function chainsIn(network: Network): Manifest["chains"] {
  return Object.fromEntries(
    chainsOf(network).map(({ name, chainId: id, outbox, inbox }) => [name, { chainId: id, outbox, inbox }]),
  );
}

/**
 * Reads a backup and makes sure that every copy is what it was when it was made.
 * @throws UsageError `BACKUP` naming everything that is wrong
 */
export function verifyBackup(folder: string): Manifest {
  const manifest = readManifest(folder);
  const problems = manifest.stores.flatMap((copy) => problemsOf(folder, copy));
  if (problems.length > 0) throw refused(folder, problems.join("; "));
  return manifest;
}

function readManifest(folder: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(join(folder, MANIFEST), "utf8")));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : explain(error);
    throw refused(folder, `its ${MANIFEST} cannot be read (${why})`);
  }
}

function problemsOf(folder: string, copy: StoredCopy): readonly string[] {
  try {
    const facts = inspectDatabase(join(folder, copy.path));
    const differs = (["sha256", "bytes", "applicationId", "schemaVersion"] as const).find(
      (key) => facts[key] !== copy[key],
    );
    return differs === undefined
      ? []
      : [
          `${copy.path} is not what was saved: its ${differs} is ${facts[differs]} instead of ${copy[differs]}`,
        ];
  } catch (error) {
    return [`${copy.path} cannot be read: ${explain(error)}`];
  }
}

function refused(folder: string, why: string): UsageError {
  return new UsageError(
    "BACKUP",
    `${folder} is no backup that can be relied on: ${why}. Nothing was restored. Take another one; without any, docs/operations/backup.md says what each store costs when it is lost.`,
  );
}

import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

const repository = join(import.meta.dirname, "../..");

/**
 * Puts an empty PGlite database where an index will be. Making one takes some five seconds of processor time, so it is made once
 * for a checkout, in a process of its own, and copied from then on.
 * @throws whatever stops it but another that was faster
 */
export async function placeEmptyDatabase(folder: string, signal: AbortSignal): Promise<void> {
  const template = join(repository, ".dchat/empty-database", pgliteVersion());
  if (!existsSync(template)) {
    const script = join(repository, "scripts/make-empty-database.ts");
    try {
      await promisify(execFile)(process.execPath, [script, template], { signal });
    } catch (error) {
      if (!existsSync(template)) throw error;
    }
  }
  mkdirSync(dirname(folder), { recursive: true, mode: 0o700 });
  cpSync(template, folder, { recursive: true });
}

/** A database is of the version that made it. */
function pgliteVersion(): string {
  const file = join(repository, "node_modules/@electric-sql/pglite/package.json");
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, "utf8"))).version;
}

import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Reads a text that nobody but the file's owner may read. Its content is in no error.
 * @throws Error saying why not, without the file's name
 */
export function readSecretText(file: string): string {
  // Windows has no such modes; there the folder's own rights have to do.
  if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0)
    throw new Error(`others may read it; run "chmod 600 ${file}"`);
  return readFileSync(file, "utf8");
}

/**
 * Writes a new file that only its owner may read: all of it, on the disk, or nothing. It never replaces a file.
 * @throws Error with code EEXIST when there is one
 */
export function writeNewFile(file: string, text: string): void {
  const folder = dirname(file);
  const temporary = join(folder, `.${randomUUID()}.tmp`);
  try {
    const descriptor = openSync(temporary, "wx", 0o600);
    try {
      writeSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    // Unlike a rename, a link fails where a file stands already.
    linkSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
  syncFolder(folder);
}

/** Makes the names in a folder durable. Windows cannot open folders, and does not need it. */
export function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

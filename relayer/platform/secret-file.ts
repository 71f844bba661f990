import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Reads a text that nobody but the file's owner may read, or that root hands to this process alone. Its content is in no error.
 * @throws Error saying why not, without the file's name
 */
export function readSecretText(file: string): string {
  // Windows has no such modes; there the folder's own rights have to do.
  const uid = process.getuid?.();
  if (uid !== undefined && !isPrivate(statSync(file), uid))
    throw new Error(`others may read it; run "chmod 600 ${file}"`);
  return readFileSync(file, "utf8");
}

/**
 * Whether a file's rights keep it from others. What root owns and its group may only read counts to a process that is not root: systemd and
 * Kubernetes hand secrets to a service in that way.
 * @param uid who reads it
 */
export function isPrivate(file: { readonly mode: number; readonly uid: number }, uid: number): boolean {
  const isHandedOut = file.uid === 0 && uid !== 0;
  return (file.mode & (isHandedOut ? 0o037 : 0o077)) === 0;
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

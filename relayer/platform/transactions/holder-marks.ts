import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { tryLock } from "../process-lock.ts";

/** Names that holders of a lock go by. */
const NAME = /^[0-9a-f-]{36}$/;

/**
 * Tells whether a process that shares this folder is dead: each keeps a file with its name locked, and the kernel frees it when the process ends, however
 * it ends. A process that is only frozen keeps it, and one on another machine has no file here: of those nothing is said.
 */
export class HolderMarks {
  readonly #folder: string;

  /** @param folder on a disk of this machine; made where there is none */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Marks the process that goes by this name as living, for as long as what is returned is kept. @returns what takes that back */
  mark(name: string): () => void {
    const file = join(this.#folder, name);
    const unlock = tryLock(file);
    if (unlock === undefined) throw new Error(`another process goes by the name ${name}`);
    return () => {
      unlock();
      remove(file);
    };
  }

  /** Whether the process that went by this name was here, and is no more. */
  isDead(name: string): boolean {
    const file = join(this.#folder, name);
    // The name comes from Redis, which is not asked for paths.
    if (!NAME.test(name) || statSync(file, { throwIfNoEntry: false }) === undefined) return false;
    const unlock = tryLock(file);
    unlock?.();
    return unlock !== undefined;
  }

  /** Removes what dead processes left behind. */
  sweep(): void {
    if (statSync(this.#folder, { throwIfNoEntry: false }) === undefined) return;
    for (const name of readdirSync(this.#folder)) if (this.isDead(name)) remove(join(this.#folder, name));
  }
}

/** With what SQLite, by which it is locked, has put beside it. */
function remove(file: string): void {
  for (const each of [file, `${file}-journal`]) rmSync(each, { force: true });
}

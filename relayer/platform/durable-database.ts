import { chmodSync, closeSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { syncFolder } from "./secret-file.ts";

/** How long another process may hold a file before a write fails, in milliseconds. */
const BUSY_MILLISECONDS = 2_000;

// FULL: the log is on the disk before COMMIT returns. fullfsync makes that true on macOS, too; elsewhere it means nothing.
const CONNECTION = `
  PRAGMA busy_timeout = ${BUSY_MILLISECONDS};
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON;
`;

/**
 * Opens a SQLite file in which a commit is on the disk before it returns, and has `migrate` bring it to the present schema, in one
 * transaction. A new file can be read by its owner alone.
 * @param create make the file where there is none; otherwise that is an error
 * @returns the database, and whether the file was made
 * @throws Error when the file cannot be opened, its pages do not fit together, or `migrate` throws; nothing stays open then
 */
export function openDurableDatabase(
  file: string,
  create: boolean,
  migrate: (database: DatabaseSync) => void,
): { readonly database: DatabaseSync; readonly isNew: boolean } {
  const isNew = createFile(file, create);
  const database = new DatabaseSync(file);
  try {
    database.exec(CONNECTION);
    requireSound(database);
    database.exec("BEGIN IMMEDIATE");
    migrate(database);
    database.exec("COMMIT");
    return { database, isNew };
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Does `work` as one transaction: all of it is on the disk when this returns, or none of it if it throws. The write lock is taken before
 * anything is read, so that no other process decides in between.
 */
export function atomically<T>(database: DatabaseSync, work: () => T): T {
  try {
    database.exec("BEGIN IMMEDIATE");
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // SQLite has undone some failures itself.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** What a file must hold, and by which numbers in its header it is known. */
export type Schema = {
  /** How `file` and we tell this program's files from other SQLite files: four bytes, mostly ASCII. */
  readonly applicationId: number;
  /** From 1 on. */
  readonly version: number;
  /** The SQL that makes the tables in an empty file. */
  readonly tables: string;
};

/**
 * Makes the tables in an empty file, or sees to it that a file is one of ours. Writes in any case, so that a file that cannot be written
 * is noticed now.
 * @returns whether the file was empty
 * @throws Error when it is another program's, or was written by a newer version of this one
 */
export function makeTables(database: DatabaseSync, { applicationId, version, tables }: Schema): boolean {
  const found = headerNumber(database, "user_version");
  if (found > version) throw new Error(`it was written by a newer dchat (version ${found})`);
  const isEmpty = found === 0 && database.prepare("SELECT 1 FROM sqlite_master").get() === undefined;
  const isOurs = found > 0 && headerNumber(database, "application_id") === applicationId;
  if (!isEmpty && !isOurs) throw new Error("it is another program's database");
  if (isEmpty) database.exec(tables);
  database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version}`);
  return isEmpty;
}

/** The number that a program keeps in the header of its file: its own id, or the version of its schema. */
export function headerNumber(database: DatabaseSync, pragma: "user_version" | "application_id"): number {
  return Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
}

/** Makes an empty file that only its owner may read, or sees to it that an old one is so. */
function createFile(file: string, create: boolean): boolean {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode;
  if (mode !== undefined) {
    if ((mode & 0o077) !== 0) chmodSync(file, mode & 0o700);
    return false;
  }
  if (!create) throw new Error("there is no such file");
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  closeSync(openSync(file, "a", 0o600));
  // SQLite flushes what it writes into the file, but not that there is one.
  for (const each of [folder, dirname(folder)]) syncFolder(each);
  return true;
}

/** @throws Error when pages of the file do not fit together */
function requireSound(database: DatabaseSync): void {
  const [problem] = Object.values(database.prepare("PRAGMA quick_check(1)").get() ?? {});
  if (problem !== "ok") throw new Error(`the file is damaged (${String(problem).replaceAll("\n", " ")})`);
}

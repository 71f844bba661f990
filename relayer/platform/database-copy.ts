import { createHash } from "node:crypto";
import { closeSync, constants, copyFileSync, fsyncSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { headerNumber } from "./durable-database.ts";
import { syncFolder } from "./secret-file.ts";

/** How long the process that a file belongs to may hold it, in milliseconds. */
const BUSY_MILLISECONDS = 10_000;

/** What is known of a SQLite file that nobody writes to. */
export type DatabaseFacts = {
  /** The number by which the program that made it is known. */
  readonly applicationId: number;
  /** The version of its tables. */
  readonly schemaVersion: number;
  readonly bytes: number;
  /** Of the whole file, in hexadecimal digits. */
  readonly sha256: string;
};

/**
 * Copies a SQLite file as it is at one moment, while others write to it: whatever was committed before is in the copy, and nothing of what
 * was not. The copy is on the disk when this returns, and can be read by its owner alone.
 * @param target a new file
 * @throws Error when the file cannot be read or is damaged, or the target exists
 */
export function copyDatabase(file: string, target: string): void {
  makePrivate(target);
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_MILLISECONDS}`);
    database.prepare("VACUUM INTO ?").run(target);
  } finally {
    database.close();
  }
  makeDurable(target);
}

/** Copies a file that nobody writes to, durably, to a new one that its owner alone can read. @throws Error when that exists */
export function copyFile(file: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  copyFileSync(file, target, constants.COPYFILE_EXCL);
  makeDurable(target);
}

/** Looks at a SQLite file that nobody writes to. @throws Error when it is none, or its pages do not fit together */
export function inspectDatabase(file: string): DatabaseFacts {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const [problem] = Object.values(database.prepare("PRAGMA quick_check(1)").get() ?? {});
    if (problem !== "ok") throw new Error(`the file is damaged (${String(problem).replaceAll("\n", " ")})`);
    const content = readFileSync(file);
    return {
      applicationId: headerNumber(database, "application_id"),
      schemaVersion: headerNumber(database, "user_version"),
      bytes: content.length,
      sha256: createHash("sha256").update(content).digest("hex"),
    };
  } finally {
    database.close();
  }
}

/** SQLite writes into an empty file that is there already, with the rights that it has. */
function makePrivate(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, "wx", 0o600));
}

function makeDurable(file: string): void {
  const descriptor = openSync(file, "r+");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  syncFolder(dirname(file));
}

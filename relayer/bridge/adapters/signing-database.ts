import { chmodSync, closeSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ConfigurationError, explain } from "../../domain/errors.ts";
import type { PublicKey } from "../../domain/ids.ts";
import { syncFolder } from "../../platform/secret-file.ts";

/** "dCsr" in ASCII: how `file` and we tell signing records from other SQLite files. */
const APPLICATION_ID = 0x64437372;
const VERSION = 1;
/** How long another process may hold the file before a decision fails, in milliseconds. */
const BUSY_MILLISECONDS = 2_000;

// FULL: the log is on the disk before COMMIT returns. fullfsync makes that true on macOS, too; elsewhere it means nothing.
const CONNECTION = `
  PRAGMA busy_timeout = ${BUSY_MILLISECONDS};
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON;
`;

/** Nonces are text of 20 digits, so that their order is that of the numbers: SQLite's integers end at 2^63. */
const SCHEMA = `
  CREATE TABLE lanes (
    id        INTEGER PRIMARY KEY,
    validator TEXT NOT NULL,
    domain    TEXT NOT NULL,
    lane      TEXT NOT NULL,
    low_water TEXT NOT NULL DEFAULT '${"0".repeat(20)}',
    UNIQUE (validator, domain, lane)
  ) STRICT;
  CREATE TABLE signed (
    lane_id     INTEGER NOT NULL REFERENCES lanes (id),
    nonce       TEXT NOT NULL,
    accumulator TEXT,
    epoch       TEXT NOT NULL,
    PRIMARY KEY (lane_id, nonce)
  ) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${VERSION};
`;

/** How signing records are opened. */
export type OpenOptions = {
  /** Make the file where there is none; otherwise that is an error. */
  readonly create: boolean;
  /** Whose records a file of the first version holds, which did not say. */
  readonly owner?: PublicKey | undefined;
};

/**
 * Opens the file of signing records and brings it to the present schema.
 * @throws ConfigurationError `SIGNING_RECORDS`; nothing may be signed then
 */
export function openSigningDatabase(
  file: string,
  options: OpenOptions,
): { readonly database: DatabaseSync; readonly isNew: boolean } {
  let database: DatabaseSync | undefined;
  try {
    const isNew = createFile(file, options.create);
    database = new DatabaseSync(file);
    database.exec(CONNECTION);
    requireSound(database);
    migrate(database, options.owner);
    return { database, isNew };
  } catch (error) {
    database?.close();
    if (error instanceof ConfigurationError) throw error;
    throw new ConfigurationError(
      "SIGNING_RECORDS",
      `The signing records in ${file} cannot be opened: ${explain(error)}. Nothing will be signed without them, and no money is at risk: messages wait for other validators. Mend or restore the file by docs/operations/signer.md; never start with an empty one or an old copy in its place, for a second signature costs the bond.`,
    );
  }
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

/** Brings the schema up to date. Writes in any case, so that a file that cannot be written is noticed now. */
function migrate(database: DatabaseSync, owner: PublicKey | undefined): void {
  database.exec("BEGIN IMMEDIATE");
  const version = number(database, "user_version");
  if (version > VERSION) throw new Error(`it was written by a newer dchat (version ${version})`);
  if (version === VERSION) {
    requireOurs(number(database, "application_id") === APPLICATION_ID);
    database.exec(`PRAGMA user_version = ${VERSION}`);
  } else {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    requireOurs(tables.every(({ name }) => name === "signed"));
    if (tables.length === 0) database.exec(SCHEMA);
    else migrateUnowned(database, owner);
  }
  database.exec("COMMIT");
}

function requireOurs(isOurs: boolean): void {
  if (!isOurs) throw new Error("it is another program's database");
}

/** The first version kept one validator's records in a file, and did not say whose. */
function migrateUnowned(database: DatabaseSync, owner: PublicKey | undefined): void {
  if (owner === undefined)
    throw new Error("it is of the first version and does not say whose records it holds; add --validator");
  database.exec(`ALTER TABLE signed RENAME TO unowned; ${SCHEMA}`);
  database
    .prepare("INSERT INTO lanes (validator, domain, lane) SELECT DISTINCT ?, domain, lane FROM unowned")
    .run(owner);
  database.exec(`
    INSERT INTO signed (lane_id, nonce, accumulator, epoch)
      SELECT lanes.id, substr('${"0".repeat(20)}' || nonce, -20), accumulator, epoch
      FROM unowned JOIN lanes USING (domain, lane);
    DROP TABLE unowned;
  `);
}

function number(database: DatabaseSync, pragma: "user_version" | "application_id"): number {
  return Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
}

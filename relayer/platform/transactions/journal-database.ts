import { chmodSync, closeSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ConfigurationError, explain } from "../../domain/errors.ts";
import { syncFolder } from "../secret-file.ts";

/** "dCtx" in ASCII: how `file` and we tell transaction journals from other SQLite files. */
const APPLICATION_ID = 0x64437478;
const VERSION = 1;
/** How long another process may hold the file before a write fails, in milliseconds. */
const BUSY_MILLISECONDS = 2_000;

// FULL: the log is on the disk before COMMIT returns. fullfsync makes that true on macOS, too; elsewhere it means nothing.
const CONNECTION = `
  PRAGMA busy_timeout = ${BUSY_MILLISECONDS};
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON;
`;

/** Wei and gas are text: SQLite's integers end at 2^63. */
const SCHEMA = `
  CREATE TABLE owner (
    chain_id INTEGER NOT NULL,
    address  TEXT NOT NULL,
    token    INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE slots (
    nonce  INTEGER PRIMARY KEY,
    state  TEXT NOT NULL CHECK (state IN ('reserved', 'broadcast', 'included', 'final', 'abandoned')),
    winner TEXT
  ) STRICT;
  CREATE TABLE attempts (
    nonce     INTEGER NOT NULL REFERENCES slots (nonce) ON DELETE CASCADE,
    number    INTEGER NOT NULL,
    hash      TEXT NOT NULL UNIQUE,
    purpose   TEXT NOT NULL CHECK (purpose IN ('call', 'filler')),
    max_fee   TEXT NOT NULL,
    tip       TEXT NOT NULL,
    gas_limit TEXT NOT NULL,
    recipient TEXT NOT NULL,
    data      TEXT NOT NULL,
    raw       TEXT NOT NULL,
    PRIMARY KEY (nonce, number)
  ) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${VERSION};
`;

/** Whose transactions a journal holds. */
export type JournalOwner = { readonly chainId: number; readonly address: string };

/**
 * Opens the file of a journal, or makes it where there is none.
 * @throws ConfigurationError `TRANSACTION_JOURNAL`; nothing may be sent then
 */
export function openJournalDatabase(file: string, owner: JournalOwner): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    createFile(file);
    database = new DatabaseSync(file);
    database.exec(CONNECTION);
    const [problem] = Object.values(database.prepare("PRAGMA quick_check(1)").get() ?? {});
    if (problem !== "ok") throw new Error(`the file is damaged (${String(problem).replaceAll("\n", " ")})`);
    migrate(database, owner);
    return database;
  } catch (error) {
    database?.close();
    throw new ConfigurationError(
      "TRANSACTION_JOURNAL",
      `The journal of transactions in ${file} cannot be opened: ${explain(error)}. Nothing will be sent without it, and no money is at risk: messages wait. Mend it by docs/operations/sender.md.`,
    );
  }
}

function createFile(file: string): void {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode;
  if (mode !== undefined) {
    if ((mode & 0o077) !== 0) chmodSync(file, mode & 0o700);
    return;
  }
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  closeSync(openSync(file, "a", 0o600));
  // SQLite flushes what it writes into the file, but not that there is one.
  for (const each of [folder, dirname(folder)]) syncFolder(each);
}

/** Brings the schema up to date. Writes in any case, so that a file that cannot be written is noticed now. */
function migrate(database: DatabaseSync, { chainId, address }: JournalOwner): void {
  database.exec("BEGIN IMMEDIATE");
  const version = number(database, "user_version");
  if (version > VERSION) throw new Error(`it was written by a newer dchat (version ${version})`);
  if (version === 0) {
    const { tables } = database.prepare("SELECT count(*) AS tables FROM sqlite_master").get() ?? {};
    if (tables !== 0) throw new Error("it is another program's database");
    database.exec(SCHEMA);
    database.prepare("INSERT INTO owner VALUES (?, ?, 0)").run(chainId, address);
  } else {
    if (number(database, "application_id") !== APPLICATION_ID)
      throw new Error("it is another program's database");
    const owner = database.prepare("SELECT chain_id, address FROM owner").get();
    if (owner?.["chain_id"] !== chainId || owner["address"] !== address)
      throw new Error(`it belongs to ${String(owner?.["address"])} on chain ${String(owner?.["chain_id"])}`);
    database.exec(`PRAGMA user_version = ${VERSION}`);
  }
  database.exec("COMMIT");
}

function number(database: DatabaseSync, pragma: "user_version" | "application_id"): number {
  return Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
}

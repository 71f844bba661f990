import type { DatabaseSync } from "node:sqlite";
import { ConfigurationError, explain } from "../../domain/errors.ts";
import { headerNumber, openDurableDatabase } from "../durable-database.ts";

/** "dCtx" in ASCII: how `file` and we tell transaction journals from other SQLite files. */
const APPLICATION_ID = 0x64437478;
const VERSION = 1;

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
  try {
    return openDurableDatabase(file, true, (database) => {
      migrate(database, owner);
    }).database;
  } catch (error) {
    throw new ConfigurationError(
      "TRANSACTION_JOURNAL",
      `The journal of transactions in ${file} cannot be opened: ${explain(error)}. Nothing will be sent without it, and no money is at risk: messages wait. Mend it by docs/operations/sender.md.`,
    );
  }
}

/** Brings the schema up to date. Writes in any case, so that a file that cannot be written is noticed now. */
function migrate(database: DatabaseSync, { chainId, address }: JournalOwner): void {
  const version = headerNumber(database, "user_version");
  if (version > VERSION) throw new Error(`it was written by a newer dchat (version ${version})`);
  if (version === 0) {
    const { tables } = database.prepare("SELECT count(*) AS tables FROM sqlite_master").get() ?? {};
    if (tables !== 0) throw new Error("it is another program's database");
    database.exec(SCHEMA);
    database.prepare("INSERT INTO owner VALUES (?, ?, 0)").run(chainId, address);
  } else {
    if (headerNumber(database, "application_id") !== APPLICATION_ID)
      throw new Error("it is another program's database");
    const owner = database.prepare("SELECT chain_id, address FROM owner").get();
    if (owner?.["chain_id"] !== chainId || owner["address"] !== address)
      throw new Error(`it belongs to ${String(owner?.["address"])} on chain ${String(owner?.["chain_id"])}`);
    database.exec(`PRAGMA user_version = ${VERSION}`);
  }
}

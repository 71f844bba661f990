import type { DatabaseSync } from "node:sqlite";
import { ConfigurationError, explain } from "../../domain/errors.ts";
import { makeTables, openDurableDatabase } from "../durable-database.ts";

/** Wei and gas are text: SQLite's integers end at 2^63. */
const TABLES = `
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
`;

const SCHEMA = {
  /** "dCtx" in ASCII. */
  applicationId: 0x64437478,
  version: 1,
  tables: TABLES,
};

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

function migrate(database: DatabaseSync, { chainId, address }: JournalOwner): void {
  if (makeTables(database, SCHEMA))
    database.prepare("INSERT INTO owner VALUES (?, ?, 0)").run(chainId, address);
  const owner = database.prepare("SELECT chain_id, address FROM owner").get();
  if (owner?.["chain_id"] !== chainId || owner["address"] !== address)
    throw new Error(`it belongs to ${String(owner?.["address"])} on chain ${String(owner?.["chain_id"])}`);
}

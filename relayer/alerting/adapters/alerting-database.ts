import type { DatabaseSync } from "node:sqlite";
import { ConfigurationError, explain } from "../../domain/errors.ts";
import { makeTables, openDurableDatabase } from "../../platform/durable-database.ts";

/** How many pages the log may have before they are moved into the file: 16 MiB, so that a storm is not held up by it all the time. */
const CHECKPOINT_PAGES = 4_096;

/** Times are Unix milliseconds. `body` is JSON. The severity is its rank: 0 for critical. */
const TABLES = `
  CREATE TABLE last_time (only INTEGER PRIMARY KEY CHECK (only = 1), at INTEGER NOT NULL) STRICT;
  CREATE TABLE alerts (fingerprint TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE instances (
    rule        TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    body        TEXT NOT NULL,
    PRIMARY KEY (rule, fingerprint)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE silences (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE acknowledgements (episode TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE mutings (fingerprint TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE groups (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE event_samples (key TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE outbox (
    id           TEXT PRIMARY KEY,
    receiver     TEXT NOT NULL,
    integration  TEXT NOT NULL,
    group_key    TEXT NOT NULL,
    severity     TEXT NOT NULL,
    at           INTEGER NOT NULL,
    attempts     INTEGER NOT NULL,
    next_attempt INTEGER NOT NULL,
    body         TEXT NOT NULL
  ) STRICT;
  CREATE INDEX outbox_group ON outbox (group_key, receiver, integration);
  CREATE TABLE dead_letters (
    id     TEXT PRIMARY KEY,
    at     INTEGER NOT NULL,
    reason TEXT NOT NULL,
    body   TEXT NOT NULL
  ) STRICT;
  CREATE INDEX dead_letters_at ON dead_letters (at);
  CREATE TABLE history (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    at           INTEGER NOT NULL,
    kind         TEXT NOT NULL,
    what         TEXT NOT NULL,
    labels       TEXT NOT NULL,
    fingerprint  TEXT,
    episode      TEXT,
    receiver     TEXT,
    integration  TEXT,
    notification TEXT,
    detail       TEXT NOT NULL
  ) STRICT;
  CREATE INDEX history_at ON history (at);
  CREATE TABLE audit (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    at     INTEGER NOT NULL,
    who    TEXT NOT NULL,
    what   TEXT NOT NULL,
    client TEXT NOT NULL,
    detail TEXT NOT NULL
  ) STRICT;
`;

const SCHEMA = {
  /** "dCal" in ASCII. */
  applicationId: 0x6443616c,
  version: 1,
  tables: TABLES,
};

/**
 * Opens the file of alerting's memory, or makes it where there is none.
 * @throws ConfigurationError `ALERTING_STORE`; nobody is alerted then
 */
export function openAlertingDatabase(file: string): DatabaseSync {
  try {
    const { database } = openDurableDatabase(file, true, (empty) => makeTables(empty, SCHEMA));
    database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    return database;
  } catch (error) {
    throw new ConfigurationError(
      "ALERTING_STORE",
      `Alerting's memory in ${file} cannot be opened: ${explain(error)}. Nobody is alerted without it; no money is at risk by that alone. Mend or restore the file, or move it away: alerts that still hold are told again then, and silences and acknowledgements are gone.`,
    );
  }
}

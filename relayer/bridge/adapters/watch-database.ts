import type { DatabaseSync } from "node:sqlite";
import { ConfigurationError, explain } from "../../domain/errors.ts";
import { makeTables, openDurableDatabase } from "../../platform/durable-database.ts";

/** Nonces and epochs are text: SQLite's integers end at 2^63. */
const TABLES = `
  CREATE TABLE signed (
    validator   TEXT NOT NULL,
    domain      TEXT NOT NULL,
    lane        TEXT NOT NULL,
    nonce       TEXT NOT NULL,
    accumulator TEXT NOT NULL,
    epoch       TEXT NOT NULL,
    signature   TEXT NOT NULL,
    PRIMARY KEY (validator, domain, lane, nonce)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE unchecked (
    validator   TEXT NOT NULL,
    domain      TEXT NOT NULL,
    lane        TEXT NOT NULL,
    nonce       TEXT NOT NULL,
    accumulator TEXT NOT NULL,
    epoch       TEXT NOT NULL,
    signature   TEXT NOT NULL,
    PRIMARY KEY (validator, domain, lane, nonce, accumulator)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE points (
    id          INTEGER PRIMARY KEY,
    digest      TEXT NOT NULL UNIQUE,
    domain      TEXT NOT NULL,
    lane        TEXT NOT NULL,
    nonce       TEXT NOT NULL,
    accumulator TEXT NOT NULL,
    epoch       TEXT NOT NULL,
    seen_at     INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX points_by_epoch ON points (epoch, id);
  CREATE TABLE cases (
    id        INTEGER PRIMARY KEY,
    offence   TEXT NOT NULL,
    validator TEXT NOT NULL,
    subject   TEXT NOT NULL,
    evidence  TEXT NOT NULL,
    salt      TEXT NOT NULL,
    state     TEXT NOT NULL CHECK (state IN ('seen', 'committed', 'submitted', 'settled', 'refused')),
    reason    TEXT,
    UNIQUE (offence, validator, subject)
  ) STRICT;
`;

/**
 * Who signed a point is asked of hundreds of points at a time: without an index, each answer reads everything that was ever signed. It changes
 * nothing that an older version relies on, so a file of one gets it when it is opened, and keeps its version.
 */
const INDEX = "CREATE INDEX IF NOT EXISTS signed_by_point ON signed (domain, lane, nonce)";

const SCHEMA = {
  /** "dCwt" in ASCII. */
  applicationId: 0x64437774,
  version: 1,
  tables: TABLES,
};

/**
 * Opens the file of a watchtower's record, or makes it where there is none.
 * @throws ConfigurationError `WATCH_RECORD`; nothing is watched then
 */
export function openWatchDatabase(file: string): DatabaseSync {
  try {
    return openDurableDatabase(file, true, (opened) => {
      makeTables(opened, SCHEMA);
      opened.exec(INDEX);
    }).database;
  } catch (error) {
    throw new ConfigurationError(
      "WATCH_RECORD",
      `The watchtower's record in ${file} cannot be opened: ${explain(error)}. Nothing is watched without it, and no money is at risk by that: what validators sign waits in its queue. Mend it by docs/operations/watchtower.md.`,
    );
  }
}

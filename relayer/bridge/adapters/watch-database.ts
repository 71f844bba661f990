import type { DatabaseSync } from "node:sqlite";
import { ConfigurationError, explain } from "../../domain/errors.ts";
import { headerNumber, openDurableDatabase } from "../../platform/durable-database.ts";

/** "dCwt" in ASCII: how `file` and we tell a watchtower's record from other SQLite files. */
const APPLICATION_ID = 0x64437774;
const VERSION = 1;

/** Nonces and epochs are text: SQLite's integers end at 2^63. */
const SCHEMA = `
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
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${VERSION};
`;

/**
 * Opens the file of a watchtower's record, or makes it where there is none.
 * @throws ConfigurationError `WATCH_RECORD`; nothing is watched then
 */
export function openWatchDatabase(file: string): DatabaseSync {
  try {
    return openDurableDatabase(file, true, migrate).database;
  } catch (error) {
    throw new ConfigurationError(
      "WATCH_RECORD",
      `The watchtower's record in ${file} cannot be opened: ${explain(error)}. Nothing is watched without it, and no money is at risk by that: what validators sign waits in its queue. Mend it by docs/operations/watchtower.md.`,
    );
  }
}

/** Brings the schema up to date. Writes in any case, so that a file that cannot be written is noticed now. */
function migrate(database: DatabaseSync): void {
  const version = headerNumber(database, "user_version");
  if (version > VERSION) throw new Error(`it was written by a newer dchat (version ${version})`);
  if (version === 0) {
    const { tables } = database.prepare("SELECT count(*) AS tables FROM sqlite_master").get() ?? {};
    if (tables !== 0) throw new Error("it is another program's database");
    database.exec(SCHEMA);
  } else {
    if (headerNumber(database, "application_id") !== APPLICATION_ID)
      throw new Error("it is another program's database");
    database.exec(`PRAGMA user_version = ${VERSION}`);
  }
}

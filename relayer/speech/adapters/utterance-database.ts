import type { DatabaseSync } from "node:sqlite";
import { ConfigurationError, explain } from "../../domain/errors.ts";
import { headerNumber, openDurableDatabase } from "../../platform/durable-database.ts";

/** "dCsp" in ASCII: how `file` and we tell a queue of utterances from other SQLite files. */
const APPLICATION_ID = 0x64437370;
const VERSION = 1;

const SCHEMA = `
  CREATE TABLE utterances (
    sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    request     TEXT NOT NULL,
    added_at    INTEGER NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('waiting', 'speaking', 'ended')),
    sentence    INTEGER NOT NULL DEFAULT 0,
    consumer    TEXT,
    claim_until INTEGER,
    outcome     TEXT,
    said        TEXT,
    into_id     TEXT,
    ended_at    INTEGER,
    CHECK ((state = 'speaking') = (consumer IS NOT NULL)),
    CHECK ((state = 'ended') = (outcome IS NOT NULL))
  ) STRICT;
  CREATE INDEX open_utterances ON utterances (state, sequence) WHERE state <> 'ended';
  CREATE INDEX ended_utterances ON utterances (ended_at) WHERE state = 'ended';
  CREATE TABLE switches (
    only       INTEGER PRIMARY KEY CHECK (only = 1),
    is_enabled INTEGER NOT NULL,
    is_paused  INTEGER NOT NULL
  ) STRICT;
  INSERT INTO switches VALUES (1, 0, 0);
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${VERSION};
`;

/**
 * Opens the file of what is to be spoken, or makes it where there is none.
 * @throws ConfigurationError `SPEECH_QUEUE`; nothing is spoken then
 */
export function openUtteranceDatabase(file: string): DatabaseSync {
  try {
    return openDurableDatabase(file, true, migrate).database;
  } catch (error) {
    throw new ConfigurationError(
      "SPEECH_QUEUE",
      `The queue of utterances in ${file} cannot be opened: ${explain(error)}. Nothing is spoken without it; alerts still go their other ways, and what others ask to be spoken waits in Redis. Mend it by docs/operations/speech.md.`,
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
    return;
  }
  if (headerNumber(database, "application_id") !== APPLICATION_ID)
    throw new Error("it is another program's database");
  database.exec(`PRAGMA user_version = ${VERSION}`);
}

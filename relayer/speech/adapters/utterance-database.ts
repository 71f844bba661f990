import type { DatabaseSync } from "node:sqlite";
import { ConfigurationError, explain } from "../../domain/errors.ts";
import { makeTables, openDurableDatabase } from "../../platform/durable-database.ts";

const TABLES = `
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
`;

const SCHEMA = {
  /** "dCsp" in ASCII. */
  applicationId: 0x64437370,
  version: 1,
  tables: TABLES,
};

/**
 * Opens the file of what is to be spoken, or makes it where there is none.
 * @throws ConfigurationError `SPEECH_QUEUE`; nothing is spoken then
 */
export function openUtteranceDatabase(file: string): DatabaseSync {
  try {
    return openDurableDatabase(file, true, (empty) => makeTables(empty, SCHEMA)).database;
  } catch (error) {
    throw new ConfigurationError(
      "SPEECH_QUEUE",
      `The queue of utterances in ${file} cannot be opened: ${explain(error)}. Nothing is spoken without it; alerts still go their other ways, and what others ask to be spoken waits in Redis. Mend it by docs/operations/speech.md.`,
    );
  }
}

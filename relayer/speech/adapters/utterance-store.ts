import { open } from "node:fs/promises";
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { type UtteranceRequest, utteranceRequestSchema } from "../../domain/speech-jobs.ts";
import { atomically } from "../../platform/durable-database.ts";
import {
  type Outcome,
  outcomes,
  type Stored,
  type Switches,
  type Told,
  type UtteranceStore,
} from "../ports.ts";
import { openUtteranceDatabase } from "./utterance-database.ts";

type Row = Readonly<Record<string, SQLOutputValue>>;

const WAITING = "SELECT sequence, request, added_at, sentence FROM utterances WHERE state = 'waiting'";
const OWNED = "id = ? AND state = 'speaking' AND consumer = ?";

/**
 * The durable queue, in a SQLite file. What stands between a listener and the first sound (adding, claiming, noting where the speaking
 * is) is in the log of the file when its method returns, and so outlives the process; the log is flushed by
 * {@link SqliteUtteranceStore.flushed}, and by every other change before its method returns.
 */
export class SqliteUtteranceStore implements UtteranceStore {
  readonly #database: DatabaseSync;
  /** The log that SQLite writes before the file itself. */
  readonly #log: string;

  /** @throws ConfigurationError `SPEECH_QUEUE` */
  constructor(file: string) {
    this.#database = openUtteranceDatabase(file);
    this.#log = `${file}-wal`;
  }

  add(request: UtteranceRequest, at: number): boolean {
    return this.#soon(() => this.#insert(request, at));
  }

  /**
   * Flushes the log in a thread of Node's, so that nothing waits for the disk meanwhile. SQLite has flushed what it has moved out of
   * the log itself, before it uses that part of the log again.
   */
  async flushed(): Promise<void> {
    const log = await open(this.#log, "r+");
    try {
      await log.datasync();
    } finally {
      await log.close();
    }
  }

  waitingAfter(sequence: number): readonly Stored[] {
    return this.#rows(`${WAITING} AND sequence > ? ORDER BY sequence`, sequence).map(storedOf);
  }

  waiting(): number {
    const [row] = this.#rows("SELECT count(*) AS count FROM utterances WHERE state = 'waiting'");
    return Number(row?.["count"]);
  }

  find(id: string): Stored | undefined {
    const [row] = this.#rows("SELECT sequence, request, added_at, sentence FROM utterances WHERE id = ?", id);
    return row && storedOf(row);
  }

  reclaim(now: number): void {
    this.#change(
      `UPDATE utterances SET state = 'waiting', consumer = NULL, claim_until = NULL
         WHERE state = 'speaking' AND claim_until < ?`,
      now,
    );
  }

  claim(id: string, consumer: string, until: number): Stored | undefined {
    const [row] = this.#soon(() =>
      this.#rows(
        `UPDATE utterances SET state = 'speaking', consumer = ?, claim_until = ?
           WHERE id = ? AND state = 'waiting' RETURNING sequence, request, added_at, sentence`,
        ...[consumer, until, id],
      ),
    );
    return row && storedOf(row);
  }

  progress(id: string, consumer: string, sentence: number, until: number): boolean {
    return this.#soon(() =>
      this.#change(
        `UPDATE utterances SET sentence = ?, claim_until = ? WHERE ${OWNED}`,
        ...[sentence, until, id, consumer],
      ),
    );
  }

  release(id: string, consumer: string, sentence: number): void {
    this.#soon(() =>
      this.#change(
        `UPDATE utterances SET state = 'waiting', consumer = NULL, claim_until = NULL, sentence = ? WHERE ${OWNED}`,
        ...[sentence, id, consumer],
      ),
    );
  }

  finish(
    id: string,
    consumer: string,
    { outcome, at, text }: { readonly outcome: Outcome; readonly at: number; readonly text: string },
  ): boolean {
    return this.#change(
      `UPDATE utterances SET state = 'ended', consumer = NULL, claim_until = NULL, outcome = ?, ended_at = ?, said = ?
         WHERE ${OWNED}`,
      ...[outcome, at, text, id, consumer],
    );
  }

  drop(
    ids: readonly string[],
    ended: { readonly outcome: Outcome; readonly at: number; readonly into?: string },
  ): readonly string[] {
    return atomically(this.#database, () => this.#dropEach(ids, ended));
  }

  replace(ids: readonly string[], by: UtteranceRequest, at: number): boolean {
    try {
      atomically(this.#database, () => {
        const dropped = this.#dropEach(ids, { outcome: "digested", at, into: by.id });
        // Somebody else has taken one of them meanwhile: it would be said twice.
        if (dropped.length < ids.length || !this.#insert(by, at)) throw new Changed();
      });
      return true;
    } catch (error) {
      if (error instanceof Changed) return false;
      throw error;
    }
  }

  told(limit: number): readonly Told[] {
    return this.#rows(
      `SELECT id, request, state, outcome, said, into_id, added_at, ended_at FROM utterances
         ORDER BY sequence DESC LIMIT ?`,
      limit,
    ).map(toldOf);
  }

  switches(): Switches {
    const [row] = this.#rows("SELECT is_enabled, is_paused FROM switches");
    return { isEnabled: row?.["is_enabled"] === 1, isPaused: row?.["is_paused"] === 1 };
  }

  setSwitches({ isEnabled, isPaused }: Switches): void {
    this.#change("UPDATE switches SET is_enabled = ?, is_paused = ?", Number(isEnabled), Number(isPaused));
  }

  prune(before: number): void {
    this.#change("DELETE FROM utterances WHERE state = 'ended' AND ended_at < ?", before);
  }

  close(): void {
    this.#database.close();
  }

  #insert(request: UtteranceRequest, at: number): boolean {
    return this.#change(
      "INSERT INTO utterances (id, request, added_at, state) VALUES (?, ?, ?, 'waiting') ON CONFLICT (id) DO NOTHING",
      ...[request.id, JSON.stringify(request), at],
    );
  }

  /** Changes something without a flush; not inside a transaction. */
  #soon<T>(work: () => T): T {
    this.#database.exec("PRAGMA synchronous = NORMAL");
    try {
      return work();
    } finally {
      this.#database.exec("PRAGMA synchronous = FULL");
    }
  }

  #dropEach(
    ids: readonly string[],
    { outcome, at, into }: { readonly outcome: Outcome; readonly at: number; readonly into?: string },
  ): readonly string[] {
    return ids.filter((id) =>
      this.#change(
        "UPDATE utterances SET state = 'ended', outcome = ?, ended_at = ?, into_id = ? WHERE id = ? AND state = 'waiting'",
        ...[outcome, at, into ?? null, id],
      ),
    );
  }

  #rows(sql: string, ...values: readonly (string | number)[]): readonly Row[] {
    return this.#database.prepare(sql).all(...values);
  }

  /** @returns whether anything changed */
  #change(sql: string, ...values: readonly (string | number | null)[]): boolean {
    return Number(this.#database.prepare(sql).run(...values).changes) > 0;
  }
}

/** What was to be replaced has changed; everything is as it was. */
class Changed extends Error {}

function requestOf({ request }: Row): UtteranceRequest {
  return utteranceRequestSchema.parse(JSON.parse(String(request)));
}

function storedOf(row: Row): Stored {
  return {
    sequence: Number(row["sequence"]),
    request: requestOf(row),
    addedAt: Number(row["added_at"]),
    sentence: Number(row["sentence"]),
  };
}

function toldOf(row: Row): Told {
  const request = requestOf(row);
  const open = row["state"] === "waiting" ? "waiting" : "speaking";
  return {
    id: request.id,
    priority: request.priority,
    state: outcomes.find((outcome) => outcome === row["outcome"]) ?? open,
    text: typeof row["said"] === "string" ? row["said"] : (request.text ?? request.ssml ?? ""),
    into: typeof row["into_id"] === "string" ? row["into_id"] : undefined,
    addedAt: Number(row["added_at"]),
    endedAt: row["ended_at"] === null ? undefined : Number(row["ended_at"]),
  };
}

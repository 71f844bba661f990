import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { makeTables, openDurableDatabase } from "../../platform/durable-database.ts";
import { type ProcessIdentity, type Undo, undoSchema } from "../core/undo.ts";

const TABLES = `
  CREATE TABLE leases (
    id TEXT PRIMARY KEY,
    owner_pid INTEGER NOT NULL,
    owner_start TEXT NOT NULL,
    what TEXT NOT NULL,
    taken INTEGER NOT NULL,
    until INTEGER NOT NULL,
    undo TEXT NOT NULL,
    healed INTEGER,
    healed_by TEXT
  ) STRICT;
  CREATE INDEX open_leases ON leases (until) WHERE healed IS NULL;
`;

const SCHEMA = {
  /** "chao" in ASCII. */
  applicationId: 0x6368616f,
  version: 1,
  tables: TABLES,
};

/** Who took a fault back: its controller, the dead-man after or instead of it, or the next controller at its start. */
export type Healer = "controller" | "dead-man" | "replay";

/** A fault that is to end, and what takes it back. Times are in Unix milliseconds. */
export type LeaseRecord = {
  readonly id: string;
  readonly owner: ProcessIdentity;
  /** The fault and its targets, for people. */
  readonly what: string;
  readonly taken: number;
  readonly until: number;
  readonly undo: readonly Undo[];
};

const rowSchema = z
  .object({
    id: z.string(),
    owner_pid: z.number(),
    owner_start: z.string(),
    what: z.string(),
    taken: z.number(),
    until: z.number(),
    undo: z.string(),
  })
  .transform(({ owner_pid, owner_start, undo, ...rest }): LeaseRecord => ({
    ...rest,
    owner: { pid: owner_pid, startTime: owner_start },
    undo: z.array(undoSchema).parse(JSON.parse(undo)),
  }));

/** Every fault that was ever begun, durably before it was, and when it was taken back. Several processes may have it open. */
export class LeaseJournal {
  readonly #database: DatabaseSync;

  /**
   * @param file made where there is none
   * @throws Error when it cannot be opened, or is no journal of leases
   */
  constructor(file: string) {
    this.#database = openDurableDatabase(file, true, (empty) => makeTables(empty, SCHEMA)).database;
  }

  /** The leases that nobody has healed yet, the soonest to end first. */
  open(): readonly LeaseRecord[] {
    return this.#database
      .prepare("SELECT * FROM leases WHERE healed IS NULL ORDER BY until, id")
      .all()
      .map((row) => rowSchema.parse(row));
  }

  /** Durable when it returns. */
  take({ id, owner, what, taken, until, undo }: LeaseRecord): void {
    this.#database
      .prepare(
        "INSERT INTO leases (id, owner_pid, owner_start, what, taken, until, undo) VALUES (?, ?, ?, ?, ?, ?, ?)",
      )
      .run(id, owner.pid, owner.startTime, what, taken, until, JSON.stringify(undo));
  }

  /** Notes what else takes a fault back; durable when it returns. */
  setUndo(id: string, undo: readonly Undo[]): void {
    this.#database.prepare("UPDATE leases SET undo = ? WHERE id = ?").run(JSON.stringify(undo), id);
  }

  /** Only the first who heals is noted. */
  close(id: string, at: number, by: Healer): void {
    this.#database
      .prepare("UPDATE leases SET healed = ?, healed_by = ? WHERE id = ? AND healed IS NULL")
      .run(at, by, id);
  }

  /** Who healed a lease; `undefined` while it is open. */
  healer(id: string): string | undefined {
    const row = this.#database.prepare("SELECT healed_by FROM leases WHERE id = ?").get(id);
    return z.object({ healed_by: z.string() }).safeParse(row).data?.healed_by;
  }

  end(): void {
    this.#database.close();
  }
}

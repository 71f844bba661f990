import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { FatalError } from "../../domain/errors.ts";
import { atomically, makeTables, openDurableDatabase } from "../../platform/durable-database.ts";
import type { Fence } from "../core/fence.ts";
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

/** Who may do faults to whom: the newest token of each target, and the run that holds it, if one does. */
const FENCES = `
  CREATE TABLE IF NOT EXISTS fences (
    target TEXT PRIMARY KEY,
    token INTEGER NOT NULL,
    holder TEXT
  ) STRICT;
`;

const SCHEMA = {
  /** "chao" in ASCII. */
  applicationId: 0x6368616f,
  version: 2,
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

/** A fence, and the targets for which it is needed. */
export type Fenced = { readonly fence: Fence; readonly targets: readonly string[] };

const heldSchema = z.object({ target: z.string(), holder: z.string() });
const tokenSchema = z.object({ token: z.number() });

/** Every fault that was ever begun, durably before it was, and when it was taken back. Several processes may have it open. */
export class LeaseJournal {
  readonly #database: DatabaseSync;

  /**
   * @param file made where there is none
   * @throws Error when it cannot be opened, or is no journal of leases
   */
  constructor(file: string) {
    this.#database = openDurableDatabase(file, true, (database) => {
      makeTables(database, SCHEMA);
      database.exec(FENCES); // journals of version 1 have none
    }).database;
  }

  /** The leases that nobody has healed yet, the soonest to end first. */
  open(): readonly LeaseRecord[] {
    return this.#database
      .prepare("SELECT * FROM leases WHERE healed IS NULL ORDER BY until, id")
      .all()
      .map((row) => rowSchema.parse(row));
  }

  /**
   * Gives a run the targets, all or none, with a token that is newer than any of theirs before.
   * @returns the fence; or who has one of them, and which
   */
  fence(
    run: string,
    targets: readonly string[],
  ): Fence | { readonly heldBy: string; readonly target: string } {
    return atomically(this.#database, () => {
      const held = heldSchema
        .optional()
        .parse(
          this.#database
            .prepare(
              "SELECT target, holder FROM fences WHERE holder IS NOT NULL AND holder <> ? AND target IN (SELECT value FROM json_each(?)) ORDER BY target",
            )
            .get(run, JSON.stringify(targets)),
        );
      if (held !== undefined) return { heldBy: held.holder, target: held.target };
      const { token } = tokenSchema.parse(
        this.#database.prepare("SELECT coalesce(max(token), 0) + 1 AS token FROM fences").get(),
      );
      const put = this.#database.prepare(
        "INSERT INTO fences (target, token, holder) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET token = excluded.token, holder = excluded.holder",
      );
      for (const target of targets) put.run(target, token, run);
      return { run, token };
    });
  }

  /** Gives back what a run has; every run's, without one. */
  releaseFences(run?: string): void {
    this.#database
      .prepare("UPDATE fences SET holder = NULL WHERE holder = coalesce(?, holder)")
      .run(run ?? null);
  }

  /**
   * Durable when it returns.
   * @param fenced what the run must have for it, and its fence
   * @throws FatalError `FENCED_OFF` when somebody has got one of the targets since; nothing is written then
   */
  take(record: LeaseRecord, fenced?: Fenced): void {
    atomically(this.#database, () => {
      if (fenced !== undefined) this.#requireNewest(fenced);
      this.#insert(record);
    });
  }

  #requireNewest({ fence, targets }: Fenced): void {
    const select = this.#database.prepare("SELECT token FROM fences WHERE target = ?");
    const other = targets.find(
      (target) => tokenSchema.safeParse(select.get(target)).data?.token !== fence.token,
    );
    if (other === undefined) return;
    throw new FatalError(
      "FENCED_OFF",
      `${other} is not run ${fence.run}'s any more: another run has it, or this one never had. Nothing was done to it.`,
    );
  }

  #insert({ id, owner, what, taken, until, undo }: LeaseRecord): void {
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

import type { DatabaseSync } from "node:sqlite";
import { ConfigurationError, explain } from "../../domain/errors.ts";
import { atomically, makeTables, openDurableDatabase } from "../../platform/durable-database.ts";
import type { AuditView } from "../operator-schema.ts";

/** "dchA" */
const APPLICATION_ID = 0x64_63_68_41;
const TABLES = `
  CREATE TABLE acts (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    origin TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL,
    is_refused INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX refused ON acts (id) WHERE is_refused = 1;
`;
/** How many refused sign-ins are kept: whoever guesses must not fill the disk, or push out what people did. */
const MOST_REFUSED = 10_000;

/** What somebody did, or was refused. `who` is empty where nobody knows. */
export type Act = Omit<AuditView["acts"][number], "at">;

/** What people did through the API's own routes, durably: it is on the disk before they are answered. Nothing that was done is ever removed. */
export class AuditLog {
  readonly #database: DatabaseSync;
  readonly #now: () => number;

  /** @throws ConfigurationError `AUDIT_LOG` */
  constructor(file: string, now: () => number) {
    this.#now = now;
    try {
      this.#database = openDurableDatabase(file, true, (database) => {
        makeTables(database, { applicationId: APPLICATION_ID, version: 1, tables: TABLES });
      }).database;
    } catch (error) {
      throw new ConfigurationError(
        "AUDIT_LOG",
        `The audit log ${file} cannot be used: ${explain(error)}. Nothing that operators do would be noted, so the API was not started; messages are carried without it. Mend the file, or move it away: a new one is made.`,
        {},
        error,
      );
    }
  }

  note({ who, from, what, detail }: Act): void {
    const isRefused = who === "" ? 1 : 0;
    atomically(this.#database, () => {
      this.#database
        .prepare("INSERT INTO acts (at, who, origin, what, detail, is_refused) VALUES (?, ?, ?, ?, ?, ?)")
        .run(this.#now(), who, from, what, detail, isRefused);
      if (isRefused === 1)
        this.#database
          .prepare(
            "DELETE FROM acts WHERE is_refused = 1 AND id <= (SELECT id FROM acts WHERE is_refused = 1 ORDER BY id DESC LIMIT 1 OFFSET ?)",
          )
          .run(MOST_REFUSED);
    });
  }

  /** The newest acts first. */
  newest(limit: number): AuditView["acts"] {
    return this.#database
      .prepare("SELECT at, who, origin, what, detail FROM acts ORDER BY id DESC LIMIT ?")
      .all(limit)
      .map(({ at, who, origin, what, detail }) => ({
        at: Number(at),
        who: String(who),
        from: String(origin),
        what: String(what),
        detail: String(detail),
      }));
  }

  close(): void {
    this.#database.close();
  }
}

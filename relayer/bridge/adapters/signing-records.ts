import { chmodSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Statement } from "../../domain/bridge.ts";
import { ConfigurationError, explain, RetryableError } from "../../domain/errors.ts";
import { hash } from "../../domain/ids.ts";
import { decide, type Decision, type SignedRecord } from "../core/protection.ts";
import type { SigningRecords } from "../ports.ts";

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA busy_timeout = 2000;
  CREATE TABLE IF NOT EXISTS signed (
    domain      TEXT NOT NULL,
    lane        TEXT NOT NULL,
    nonce       TEXT NOT NULL,
    accumulator TEXT NOT NULL,
    epoch       TEXT NOT NULL,
    PRIMARY KEY (domain, lane, nonce)
  ) STRICT, WITHOUT ROWID;
`;

/**
 * {@link SigningRecords} in a SQLite file of the validator's own. A record is on the disk before `checkAndRecord` returns, and two
 * processes on one file see each other's records, so neither a crash nor a second copy can make a validator contradict itself.
 */
export class SqliteSigningRecords implements SigningRecords {
  readonly #database: DatabaseSync;
  readonly #select: StatementSync;
  readonly #insert: StatementSync;

  /**
   * Opens or creates the file; only its owner may read it.
   * @throws ConfigurationError `SIGNING_RECORDS`
   */
  constructor(file: string) {
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      this.#database = new DatabaseSync(file);
      this.#database.exec(SCHEMA);
      chmodSync(file, 0o600);
    } catch (error) {
      throw new ConfigurationError(
        "SIGNING_RECORDS",
        `The signing records in ${file} cannot be opened: ${explain(error)}. Nothing will be signed without them. Restore the file; never start with an empty one in its place.`,
      );
    }
    this.#select = this.#database.prepare(
      "SELECT accumulator FROM signed WHERE domain = ? AND lane = ? AND nonce = ?",
    );
    this.#insert = this.#database.prepare(
      "INSERT OR IGNORE INTO signed (domain, lane, nonce, accumulator, epoch) VALUES (?, ?, ?, ?, ?)",
    );
  }

  /** @throws RetryableError `SIGNING_RECORDS` when the disk refuses; nothing may be signed then */
  checkAndRecord(statement: Statement): Decision {
    const { domain, lane, nonce, accumulator, epoch } = statement;
    try {
      // Takes the write lock before reading, so that no other process decides in between.
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        const decision = decide(statement, this.#signed(statement));
        if (decision.kind === "sign")
          this.#insert.run(domain, lane, nonce.toString(), accumulator, epoch.toString());
        this.#database.exec("COMMIT");
        return decision;
      } catch (error) {
        this.#database.exec("ROLLBACK");
        throw error;
      }
    } catch (error) {
      throw new RetryableError(
        "SIGNING_RECORDS",
        `The signing records cannot be written: ${explain(error)}. Nothing was signed; it will be tried again. Check the disk of this validator.`,
        {},
        error,
      );
    }
  }

  close(): void {
    this.#database.close();
  }

  #signed({ domain, lane, nonce }: Statement): SignedRecord | undefined {
    const row = this.#select.get(domain, lane, nonce.toString());
    return row === undefined ? undefined : { accumulator: hash.parse(row["accumulator"]) };
  }
}

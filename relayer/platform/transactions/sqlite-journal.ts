import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { RetryableError } from "../../domain/errors.ts";
import { integer } from "../../domain/ids.ts";
import { type JournalOwner, openJournalDatabase } from "./journal-database.ts";
import type { RecordedAttempt, RecordedSlot, TransactionJournal } from "./journal.ts";

/** How many nonces are kept below the newest, for a reorg that goes deeper than what was held to be final. */
const KEPT = 64;

const slotRow = z.object({
  nonce: z.number(),
  state: z.enum(["reserved", "broadcast", "included", "final", "abandoned"]),
  winner: z.string().nullable(),
});

const attemptRow = z.object({
  hash: z.string(),
  purpose: z.enum(["call", "filler"]),
  max_fee: integer,
  tip: integer,
  gas_limit: integer,
  recipient: z.string(),
  data: z.string(),
  raw: z.string(),
});

/** A {@link TransactionJournal} in a SQLite file. Two processes may have it open; the token says whose word counts. */
export class SqliteTransactionJournal implements TransactionJournal {
  readonly #database: DatabaseSync;
  readonly #owner: JournalOwner;

  /** @throws ConfigurationError `TRANSACTION_JOURNAL` */
  constructor(file: string, owner: JournalOwner) {
    this.#owner = owner;
    this.#database = openJournalDatabase(file, owner);
  }

  highestToken(): number {
    return Number(this.#database.prepare("SELECT token FROM owner").get()?.["token"]);
  }

  claim(token: number): void {
    this.#transaction(token, () => {
      this.#database.prepare("UPDATE owner SET token = ?").run(token);
    });
  }

  slots(): readonly RecordedSlot[] {
    const attempts = this.#database.prepare("SELECT * FROM attempts WHERE nonce = ? ORDER BY number");
    return this.#database
      .prepare("SELECT * FROM slots ORDER BY nonce")
      .all()
      .map((row) => {
        const { nonce, state, winner } = slotRow.parse(row);
        const [first, ...more] = attempts.all(nonce).map(readAttempt);
        if (first === undefined) throw new Error(`nonce ${nonce} has no transaction`);
        return { nonce, state, attempts: [first, ...more], ...(winner === null ? {} : { winner }) };
      });
  }

  write({ nonce, state, winner, attempts }: RecordedSlot, token: number): void {
    this.#transaction(token, () => {
      this.#database
        .prepare(
          "INSERT INTO slots VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET state = excluded.state, winner = excluded.winner",
        )
        .run(nonce, state, winner ?? null);
      this.#append(nonce, attempts);
      this.#database
        .prepare("DELETE FROM slots WHERE nonce < ? AND state IN ('final', 'abandoned')")
        .run(nonce - KEPT);
    });
  }

  check(token: number): void {
    this.#transaction(token, () => undefined);
  }

  close(): void {
    this.#database.close();
  }

  /** Attempts are only ever added: what was signed may be in somebody's pool for ever. */
  #append(nonce: number, attempts: readonly RecordedAttempt[]): void {
    const known = this.#database
      .prepare("SELECT hash FROM attempts WHERE nonce = ? ORDER BY number")
      .all(nonce);
    const insert = this.#database.prepare("INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (const [index, { hash, purpose, to, data, raw, ...rest }] of attempts.entries()) {
      const old = known[index]?.["hash"];
      if (old !== undefined && old !== hash)
        throw new Error(`nonce ${nonce} has another transaction ${index}`);
      const numbers = [rest.maxFeePerGas, rest.maxPriorityFeePerGas, rest.gasLimit].map(String);
      if (old === undefined) insert.run(nonce, index, hash, purpose, ...numbers, to, data, raw);
    }
  }

  /** The token is compared in the transaction that writes, so that nobody can take over in between. */
  #transaction(token: number, work: () => void): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const highest = this.highestToken();
      if (token < highest)
        throw new RetryableError(
          "NOT_OWNER",
          `Chain ${this.#owner.chainId}: another process took over the key of ${this.#owner.address} (token ${highest}, ours is ${token}). Nothing was sent by this one and nothing is lost; it waits until the other one ends.`,
        );
      work();
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}

function readAttempt(row: unknown): RecordedAttempt {
  const { max_fee, tip, gas_limit, recipient, ...rest } = attemptRow.parse(row);
  return { ...rest, maxFeePerGas: max_fee, maxPriorityFeePerGas: tip, gasLimit: gas_limit, to: recipient };
}

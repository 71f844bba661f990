import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { RetryableError } from "../../domain/errors.ts";
import { atomically } from "../durable-database.ts";
import { integer } from "../../domain/ids.ts";
import { isOver } from "./core.ts";
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
  /** What the file holds, as long as no other process writes to it: calldata of a batch are 100 KB, and a sender asks all the time. */
  #known: { readonly version: number; slots: readonly RecordedSlot[] } | undefined;

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
    const version = this.#othersVersion();
    const known = this.#known?.version === version ? this.#known : { version, slots: this.#read() };
    this.#known = known;
    return known.slots;
  }

  write(slot: RecordedSlot, token: number): void {
    const { nonce, state, winner, attempts } = slot;
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
    this.#remember(slot);
  }

  check(token: number): void {
    this.#transaction(token, () => undefined);
  }

  close(): void {
    this.#database.close();
  }

  #remember(slot: RecordedSlot): void {
    const before = this.#known?.slots.find(({ nonce }) => nonce === slot.nonce);
    // The file keeps attempts that the writer did not know of.
    if (before !== undefined && before.attempts.length > slot.attempts.length) this.#known = undefined;
    if (this.#known === undefined) return;
    const isKept = (other: RecordedSlot) => other.nonce >= slot.nonce - KEPT || !isOver(other);
    const rest = this.#known.slots.filter((other) => other.nonce !== slot.nonce && isKept(other));
    this.#known.slots = [...rest, slot].sort((a, b) => a.nonce - b.nonce);
  }

  /** Changes when another connection has committed, and not by what this one does. */
  #othersVersion(): number {
    return Number(this.#database.prepare("PRAGMA data_version").get()?.["data_version"]);
  }

  #read(): readonly RecordedSlot[] {
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
    atomically(this.#database, () => {
      const highest = this.highestToken();
      if (token < highest)
        throw new RetryableError(
          "NOT_OWNER",
          `Chain ${this.#owner.chainId}: another process took over the key of ${this.#owner.address} (token ${highest}, ours is ${token}). Nothing was sent by this one and nothing is lost; it waits until the other one ends.`,
        );
      work();
    });
  }
}

function readAttempt(row: unknown): RecordedAttempt {
  const { max_fee, tip, gas_limit, recipient, ...rest } = attemptRow.parse(row);
  return { ...rest, maxFeePerGas: max_fee, maxPriorityFeePerGas: tip, gasLimit: gas_limit, to: recipient };
}

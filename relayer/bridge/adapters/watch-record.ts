import { randomBytes } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { hexlify } from "ethers";
import { z } from "zod";
import type { Attestation } from "../../domain/bridge.ts";
import { explain, RetryableError } from "../../domain/errors.ts";
import { address, bytes, chainId, hash, integer, laneId, publicKey, signature } from "../../domain/ids.ts";
import { type Case, CASE_STATES, type CaseState, type Evidence } from "../core/case.ts";
import { compare, type Finding } from "../core/watch.ts";
import type { CaseCount, Compared, WatchRecord } from "../ports.ts";
import { GroupCommit } from "./group-commit.ts";
import { openWatchDatabase } from "./watch-database.ts";

const place = z.object({ domain: hash, lane: laneId, nonce: integer });
const signed = z.object({ accumulator: hash, epoch: integer, signature: bytes });
const attestation = z.object({
  validator: publicKey,
  ...place.shape,
  ...signed.shape,
  signature,
});
const evidence = z.discriminatedUnion("offence", [
  z.object({
    offence: z.literal("DoubleSigning"),
    content: z.object({ key: publicKey, place, first: signed, second: signed }),
  }),
  z.object({
    offence: z.literal("FalseProof"),
    content: z.object({ key: publicKey, place, originChainId: chainId, outbox: address, signed }),
  }),
]);
const caseRow = z.object({
  id: z.number(),
  evidence: z.string(),
  salt: hash,
  state: z.enum(CASE_STATES),
});
const countRow = z.object({
  offence: z.enum(["DoubleSigning", "FalseProof"]),
  state: z.enum(CASE_STATES),
  count: z.number(),
});

/**
 * A {@link WatchRecord} in a SQLite file. What `add` and `note` did is on the disk before they answer; attestations that come together
 * share one flush of it.
 */
export class SqliteWatchRecord implements WatchRecord {
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #commits = new GroupCommit((work) => {
    this.#transaction(work);
  });
  readonly #select: StatementSync;
  readonly #insert: StatementSync;
  readonly #insertUnchecked: StatementSync;
  readonly #deleteUnchecked: StatementSync;
  readonly #openCase: StatementSync;

  /** @throws ConfigurationError `WATCH_RECORD` */
  constructor(file: string) {
    const database = openWatchDatabase(file);
    this.#file = file;
    this.#database = database;
    this.#select = database.prepare(
      `SELECT accumulator, epoch, signature FROM signed
       WHERE validator = ? AND domain = ? AND lane = ? AND nonce = ?`,
    );
    this.#insert = database.prepare("INSERT INTO signed VALUES (?, ?, ?, ?, ?, ?, ?)");
    this.#insertUnchecked = database.prepare(
      "INSERT INTO unchecked VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    );
    this.#deleteUnchecked = database.prepare(
      `DELETE FROM unchecked
       WHERE validator = ? AND domain = ? AND lane = ? AND nonce = ? AND accumulator = ?`,
    );
    this.#openCase = database.prepare(
      `INSERT INTO cases (offence, validator, domain, lane, nonce, evidence, salt, state)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'seen') ON CONFLICT DO NOTHING`,
    );
  }

  /** @throws RetryableError `WATCH_RECORD` when the disk refuses */
  add(seen: Attestation): Promise<Finding["kind"]> {
    return this.#commits.run(() => {
      const { validator, domain, lane, nonce, accumulator, epoch, signature: by } = seen;
      const where = [validator, domain, lane, nonce.toString()] as const;
      const row = this.#select.get(...where);
      const finding = compare(row && signed.parse(row), seen);
      if (finding.kind === "known") return finding.kind;
      const columns = [...where, accumulator, epoch.toString(), by];
      if (finding.kind === "first") this.#insert.run(...columns);
      else this.#open({ offence: "DoubleSigning", content: finding.evidence });
      // Whether it is true is another question, and another offence.
      this.#insertUnchecked.run(...columns);
      return finding.kind;
    });
  }

  unchecked(limit: number): readonly Attestation[] {
    const rows = this.#database.prepare("SELECT * FROM unchecked ORDER BY random() LIMIT ?").all(limit);
    return attestation.array().parse(rows);
  }

  /** @throws RetryableError `WATCH_RECORD` when the disk refuses */
  checked(compared: readonly Compared[]): void {
    const told = compared.filter(({ verdict }) => verdict !== "later");
    if (told.length === 0) return;
    this.#transaction(() => {
      for (const { signed: statement, verdict } of told) {
        const { validator, domain, lane, nonce, accumulator } = statement;
        if (typeof verdict === "object") this.#open({ offence: "FalseProof", content: verdict });
        this.#deleteUnchecked.run(validator, domain, lane, nonce.toString(), accumulator);
      }
    });
  }

  open(): readonly Case[] {
    return this.#database
      .prepare(
        "SELECT id, evidence, salt, state FROM cases WHERE state NOT IN ('settled', 'refused') ORDER BY id",
      )
      .all()
      .map((row) => {
        const { evidence: text, ...rest } = caseRow.parse(row);
        return { ...rest, evidence: evidence.parse(JSON.parse(text)) };
      });
  }

  /** @throws RetryableError `WATCH_RECORD` when the disk refuses */
  note(id: number, state: CaseState, reason?: string): void {
    this.#transaction(() => {
      this.#database
        .prepare("UPDATE cases SET state = ?, reason = ? WHERE id = ?")
        .run(state, reason ?? null, id);
    });
  }

  counts(): readonly CaseCount[] {
    const rows = this.#database
      .prepare("SELECT offence, state, count(*) AS count FROM cases GROUP BY offence, state")
      .all();
    return countRow.array().parse(rows);
  }

  close(): void {
    this.#commits.flush();
    this.#database.close();
  }

  /** The salt is made here, so that it is as durable as the case before anything is committed to with it. */
  #open(found: Evidence): void {
    const { key, place: where } = found.content;
    const { domain, lane, nonce } = where;
    const text = JSON.stringify(evidence.encode(found));
    const salt = hexlify(randomBytes(32));
    this.#openCase.run(found.offence, key, domain, lane, nonce.toString(), text, salt);
  }

  #transaction(work: () => void): void {
    try {
      // Takes the write lock before reading, so that no other process decides in between.
      this.#database.exec("BEGIN IMMEDIATE");
      work();
      this.#database.exec("COMMIT");
    } catch (error) {
      // SQLite has undone some failures itself.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw new RetryableError(
        "WATCH_RECORD",
        `The watchtower's record in ${this.#file} cannot be used: ${explain(error)}. Nothing is lost: what validators sign waits in its queue, and open reports wait, too. Look after the disk; docs/operations/watchtower.md says how.`,
        {},
        error,
      );
    }
  }
}

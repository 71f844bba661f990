import { randomBytes } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { hexlify } from "ethers";
import { z } from "zod";
import type { Attestation } from "../../domain/bridge.ts";
import { explain, RetryableError } from "../../domain/errors.ts";
import { atomically } from "../../platform/durable-database.ts";
import type { Clock } from "../../platform/clock.ts";
import {
  address,
  bytes,
  chainId,
  hash,
  type Hash,
  integer,
  laneId,
  publicKey,
  signature,
} from "../../domain/ids.ts";
import { digestOf } from "../../domain/attestation.ts";
import { type Case, CASE_STATES, type CaseState, type Evidence, subjectOf } from "../core/case.ts";
import { compare, type Finding } from "../core/watch.ts";
import type { CaseCount, Compared, PointRecord, SignedPoint, WatchRecord } from "../ports.ts";
import { GroupCommit } from "../../platform/group-commit.ts";
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
  z.object({
    offence: z.literal("ExtendedDowntime"),
    content: z.object({
      key: publicKey,
      from: z.number().int(),
      index: z.number().int(),
      set: z.object({
        epoch: integer,
        expiresAt: integer,
        overlap: z.number().int(),
        threshold: z.number().int(),
        scheme: z.literal("Ed25519"),
        members: publicKey.array().readonly(),
      }),
    }),
  }),
]);
const pointRow = z.object({ ...place.shape, accumulator: hash, epoch: integer });
const signerRow = z.object({ validator: publicKey, accumulator: hash, epoch: integer, signature });
const caseRow = z.object({
  id: z.number(),
  evidence: z.string(),
  salt: hash,
  state: z.enum(CASE_STATES),
});
const countRow = z.object({
  offence: z.enum(["DoubleSigning", "FalseProof", "ExtendedDowntime"]),
  state: z.enum(CASE_STATES),
  count: z.number(),
});

/** Who signed what at one point, by its domain, lane and nonce. */
export const SIGNERS_OF_POINT =
  "SELECT validator, accumulator, epoch, signature FROM signed WHERE domain = ? AND lane = ? AND nonce = ?";

/**
 * A {@link WatchRecord} in a SQLite file. What `add` and `note` did is on the disk before they answer; attestations that come together
 * share one flush of it.
 */
export class SqliteWatchRecord implements WatchRecord, PointRecord {
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #commits = new GroupCommit((work) => {
    this.#transaction(work);
  });
  readonly #select: StatementSync;
  readonly #insert: StatementSync;
  readonly #insertUnchecked: StatementSync;
  readonly #deleteUnchecked: StatementSync;
  readonly #insertPoint: StatementSync;
  readonly #selectSigners: StatementSync;
  readonly #openCase: StatementSync;
  readonly #clock: Pick<Clock, "now">;

  /** @throws ConfigurationError `WATCH_RECORD` */
  constructor(file: string, clock: Pick<Clock, "now">) {
    const database = openWatchDatabase(file);
    this.#file = file;
    this.#clock = clock;
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
      `INSERT INTO cases (offence, validator, subject, evidence, salt, state)
       VALUES (?, ?, ?, ?, ?, 'seen') ON CONFLICT DO NOTHING`,
    );
    this.#insertPoint = database.prepare(
      `INSERT INTO points (digest, domain, lane, nonce, accumulator, epoch, seen_at)
       VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    this.#selectSigners = database.prepare(SIGNERS_OF_POINT);
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
      if (finding.kind === "first") {
        this.#insert.run(...columns);
        const at = [domain, lane, nonce.toString(), accumulator, epoch.toString()];
        this.#insertPoint.run(digestOf(seen), ...at, this.#clock.now());
      } else this.#open({ offence: "DoubleSigning", content: finding.evidence });
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

  points(epoch: bigint, before: number, limit: number): IteratorObject<SignedPoint> {
    const rows = this.#database
      .prepare("SELECT * FROM points WHERE epoch = ? AND seen_at <= ? ORDER BY id DESC LIMIT ?")
      .all(epoch.toString(), before, limit);
    return rows.values().map((row) => this.#point(row));
  }

  point(digest: Hash): SignedPoint | undefined {
    const row = this.#database.prepare("SELECT * FROM points WHERE digest = ?").get(digest);
    return row && this.#point(row);
  }

  /** @throws RetryableError `WATCH_RECORD` when the disk refuses */
  openCase(found: Evidence): void {
    this.#transaction(() => {
      this.#open(found);
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
    const { offence, validator, where } = subjectOf(found);
    const subject =
      "lane" in where
        ? `${where.domain} ${where.lane} ${where.nonce}`
        : `epoch ${where.epoch} from ${where.firstPoint}`;
    const salt = hexlify(randomBytes(32));
    this.#openCase.run(offence, validator, subject, JSON.stringify(evidence.encode(found)), salt);
  }

  /** A row of `points`, with who signed at its place. */
  #point(row: object): SignedPoint {
    const statement = pointRow.parse(row);
    const { domain, lane, nonce, accumulator, epoch } = statement;
    const signers = signerRow.array().parse(this.#selectSigners.all(domain, lane, nonce.toString()));
    const isTheSame = (each: z.infer<typeof signerRow>) =>
      each.accumulator === accumulator && each.epoch === epoch;
    return {
      ...statement,
      signatures: new Map(
        signers.filter(isTheSame).map(({ validator, signature: by }) => [validator, by] as const),
      ),
      present: new Set(signers.map(({ validator }) => validator)),
    };
  }

  #transaction(work: () => void): void {
    try {
      atomically(this.#database, work);
    } catch (error) {
      throw new RetryableError(
        "WATCH_RECORD",
        `The watchtower's record in ${this.#file} cannot be used: ${explain(error)}. Nothing is lost: what validators sign waits in its queue, and open reports wait, too. Look after the disk; docs/operations/watchtower.md says how.`,
        {},
        error,
      );
    }
  }
}

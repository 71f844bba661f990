import type { DatabaseSync, StatementSync } from "node:sqlite";
import { z } from "zod";
import type { Statement } from "../../domain/bridge.ts";
import { explain, RetryableError } from "../../domain/errors.ts";
import { atomically } from "../../platform/durable-database.ts";
import { hash, type Hash, type LaneId, type PublicKey } from "../../domain/ids.ts";
import {
  domainsOf,
  INTERCHANGE_VERSION,
  type Interchange,
  interchangeSchema,
  type SignedPoint,
} from "../core/interchange.ts";
import { decide, type Decision, type Memory, mergeRecords, type SignedRecord } from "../core/protection.ts";
import type { SigningRecords } from "../ports.ts";
import { GroupCommit } from "../../platform/group-commit.ts";
import { type OpenOptions, openSigningDatabase } from "./signing-database.ts";

/** What an import changed. */
export type ImportResult = {
  /** Points that were not known. */
  readonly added: number;
  /** Points that were known just so. */
  readonly known: number;
  /** Points that contradict another; nothing is signed there any more. */
  readonly closed: number;
};

/** Where a validator signs: one direction between two chains, under one domain. */
export type SigningPlace = { readonly domain: Hash; readonly lane: LaneId };

const row = z.object({ accumulator: hash.nullable() });
const laneRow = z.object({ id: z.number(), low_water: z.string() });
const markRow = z.object({ validator: z.string(), domain: z.string(), lane: z.string(), nonce: z.string() });
const pointRow = markRow.extend({ accumulator: z.string().nullable(), epoch: z.string() });
const padded = (nonce: bigint) => nonce.toString().padStart(20, "0");
const plain = (nonce: string) => BigInt(nonce).toString();

/**
 * {@link SigningRecords} in a SQLite file of the operator's own, for one validator or several. A record is on the disk before
 * `checkAndRecord` answers, and processes on one file see each other's records, so neither a crash nor a second copy can make a
 * validator contradict itself. Requests that come together share one flush of the disk.
 */
export class SqliteSigningRecords implements SigningRecords {
  /** Whether the file was made just now: then nothing is known of what was signed before. */
  readonly isNew: boolean;
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #commits = new GroupCommit((work) => {
    this.#transaction(work);
  });
  readonly #selectLane: StatementSync;
  readonly #insertLane: StatementSync;
  readonly #raiseLane: StatementSync;
  readonly #select: StatementSync;
  readonly #upsert: StatementSync;

  /** @throws ConfigurationError `SIGNING_RECORDS` */
  constructor(file: string, options: OpenOptions) {
    const { database, isNew } = openSigningDatabase(file, options);
    this.#file = file;
    this.#database = database;
    this.isNew = isNew;
    this.#selectLane = database.prepare(
      "SELECT id, low_water FROM lanes WHERE validator = ? AND domain = ? AND lane = ?",
    );
    this.#insertLane = database.prepare(
      "INSERT INTO lanes (validator, domain, lane) VALUES (?, ?, ?) RETURNING id, low_water",
    );
    this.#raiseLane = database.prepare("UPDATE lanes SET low_water = max(low_water, ?) WHERE id = ?");
    this.#select = database.prepare("SELECT accumulator FROM signed WHERE lane_id = ? AND nonce = ?");
    this.#upsert = database.prepare(
      `INSERT INTO signed (lane_id, nonce, accumulator, epoch) VALUES (?, ?, ?, ?)
       ON CONFLICT (lane_id, nonce) DO UPDATE SET accumulator = excluded.accumulator`,
    );
  }

  /** @throws RetryableError `SIGNING_RECORDS` when the disk refuses; nothing may be signed then */
  checkAndRecord(validator: PublicKey, statement: Statement): Promise<Decision> {
    return this.#commits.run(() => {
      const { nonce, accumulator, epoch } = statement;
      const { id, lowWaterMark } = this.#lane(validator, statement);
      const record = this.#record(id, nonce);
      const decision = decide(statement, { record, lowWaterMark });
      if (decision.kind === "sign" && record === undefined)
        this.#upsert.run(id, padded(nonce), accumulator, epoch.toString());
      return decision;
    });
  }

  /**
   * Takes over what was signed elsewhere, all of it or, if it throws, nothing. Afterwards every lane that it speaks of is closed up
   * to the highest nonce that is known of it, but for repetitions.
   * @throws RetryableError `SIGNING_RECORDS`
   */
  import({ data }: Interchange): ImportResult {
    const result = { added: 0, known: 0, closed: 0 };
    this.#transaction(() => {
      const touched = new Set<number>();
      for (const { pubkey, signed_points: points, low_water_marks: marks } of data) {
        for (const point of points) {
          const { id } = this.#lane(pubkey, point);
          touched.add(id);
          result[this.#merge(id, point)]++;
        }
        for (const mark of marks) {
          const { id } = this.#lane(pubkey, mark);
          touched.add(id);
          this.#raiseLane.run(padded(mark.nonce), id);
        }
      }
      const highest = this.#database.prepare("SELECT max(nonce) AS nonce FROM signed WHERE lane_id = ?");
      for (const id of touched) this.#raiseLane.run(highest.get(id)?.["nonce"] ?? padded(0n), id);
    });
    return result;
  }

  /** Refuses from now on whatever a validator has not signed yet at or below `nonce` in these places. */
  raise(validator: PublicKey, places: readonly SigningPlace[], nonce: bigint): void {
    this.#transaction(() => {
      for (const place of places) this.#raiseLane.run(padded(nonce), this.#lane(validator, place).id);
    });
  }

  /** All that is known, as {@link import} takes it. */
  export(): Interchange {
    // One transaction, so that both queries see the same moment.
    const [points, marks] = this.#transaction(() => [
      this.#database
        .prepare(
          `SELECT validator, domain, lane, nonce, accumulator, epoch FROM signed JOIN lanes ON id = lane_id
           ORDER BY validator, domain, lane, nonce`,
        )
        .all(),
      this.#database
        .prepare(
          "SELECT validator, domain, lane, low_water AS nonce FROM lanes ORDER BY validator, domain, lane",
        )
        .all(),
    ]);
    return toInterchange(pointRow.array().parse(points), markRow.array().parse(marks));
  }

  /** Makes sure that statements can be recorded now. @throws Error of the database: it is locked, or may only be read */
  requireWritable(): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      this.#database.exec("DELETE FROM signed WHERE lane_id IS NULL"); // there is none; but it has to be allowed
    } finally {
      this.#database.exec("ROLLBACK");
    }
  }

  close(): void {
    this.#commits.flush();
    this.#database.close();
  }

  #merge(id: number, point: SignedPoint): keyof ImportResult {
    const known = this.#record(id, point.nonce);
    const merged = mergeRecords(known, { accumulator: point.accumulator });
    if (known?.accumulator === merged.accumulator && known !== undefined) return "known";
    this.#upsert.run(id, padded(point.nonce), merged.accumulator ?? null, point.epoch.toString());
    return known === undefined ? "added" : "closed";
  }

  #lane(
    validator: PublicKey,
    { domain, lane }: SigningPlace,
  ): Pick<Memory, "lowWaterMark"> & { readonly id: number } {
    const found =
      this.#selectLane.get(validator, domain, lane) ?? this.#insertLane.get(validator, domain, lane);
    const { id, low_water } = laneRow.parse(found);
    return { id, lowWaterMark: BigInt(low_water) };
  }

  #record(id: number, nonce: bigint): SignedRecord | undefined {
    const found = this.#select.get(id, padded(nonce));
    return found === undefined ? undefined : { accumulator: row.parse(found).accumulator ?? undefined };
  }

  #transaction<T>(work: () => T): T {
    try {
      return atomically(this.#database, work);
    } catch (error) {
      throw new RetryableError(
        "SIGNING_RECORDS",
        `The signing records in ${this.#file} cannot be used: ${explain(error)}. Nothing was signed, and nothing will be until it can be recorded; no money is lost, messages wait for other validators or for this one. ${remedy(error)}`,
        {},
        error,
      );
    }
  }
}

/** What to do about a failure of SQLite, by its primary result code. */
function remedy(error: unknown): string {
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
  switch (code) {
    case 5:
      return "Another process holds them: end the second signer or the import.";
    case 8:
      return "Make the file and its folder writable for this user.";
    case 13:
      return "The disk is full: free some space; nothing else is needed.";
    case 11:
    case 26:
      return "The file is damaged: stop this signer, and recover by docs/operations/signer.md. An empty file or an old copy in its place would cost the bond.";
    default:
      return "Look after the disk of this validator.";
  }
}

function toInterchange(
  points: readonly z.infer<typeof pointRow>[],
  marks: readonly z.infer<typeof markRow>[],
): Interchange {
  const data = Map.groupBy(points, ({ validator }) => validator);
  const markData = Map.groupBy(marks, ({ validator }) => validator);
  const interchange = interchangeSchema.parse({
    metadata: { interchange_format_version: INTERCHANGE_VERSION, domains: [] },
    data: [...markData].map(([pubkey, lanes]) => ({
      pubkey,
      signed_points: (data.get(pubkey) ?? []).map(({ domain, lane, nonce, accumulator, epoch }) => ({
        ...{ domain, lane, nonce: plain(nonce), epoch },
        ...(accumulator === null ? {} : { accumulator }),
      })),
      low_water_marks: lanes
        .map(({ domain, lane, nonce }) => ({ domain, lane, nonce: plain(nonce) }))
        .filter(({ nonce }) => nonce !== "0"),
    })),
  });
  return { ...interchange, metadata: { ...interchange.metadata, domains: [...domainsOf(interchange)] } };
}

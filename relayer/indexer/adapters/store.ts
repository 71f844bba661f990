import { type Selectable, sql, type Transaction } from "kysely";
import type { ChainId } from "../../domain/ids.ts";
import type { Sql } from "../../platform/sql.ts";
import { countFacts, type Facts, subjectsOf } from "../core/facts.ts";
import { type IndexCursor, type IndexStore, type Range, REMEMBERED_BLOCKS, type Sighting } from "../ports.ts";
import { refresh } from "./refresh.ts";
import { FACT_TABLES, type Tables } from "./tables.ts";

/** Rows that one statement inserts at most: PostgreSQL takes 65,535 parameters, and the widest row has 20. */
const ROWS_AT_ONCE = 1_000;

/** A chain on which nothing happens is noted to have been looked at so often: each note is a write to the disk. */
const SIGHTING_SECONDS = 5;

/** An {@link IndexStore} in SQL. */
export class SqlIndexStore implements IndexStore {
  readonly #sql: Sql<Tables>;
  readonly #onRows: (rows: number) => void;

  /** @param onRows is told how many facts were written */
  constructor(database: Sql<Tables>, onRows: (rows: number) => void = () => undefined) {
    this.#sql = database;
    this.#onRows = onRows;
  }

  cursor(chainId: ChainId): Promise<IndexCursor | undefined> {
    return this.#sql.ask(async (db) => {
      const row = await db
        .selectFrom("cursors")
        .select(["number", "hash"])
        .where("chainId", "=", chainId)
        .executeTakeFirst();
      return row;
    });
  }

  recent(chainId: ChainId): Promise<readonly IndexCursor[]> {
    return this.#sql.ask(async (db) => {
      const rows = await db
        .selectFrom("blocks")
        .select(["number", "hash"])
        .where("chainId", "=", chainId)
        .orderBy("number", "desc")
        .execute();
      return rows;
    });
  }

  async append(
    chainId: ChainId,
    cursor: IndexCursor | undefined,
    { blocks, end, facts }: Range,
    { head, final, at: seenAt }: Sighting,
  ): Promise<boolean> {
    const isDone = await this.#write(async (tx) => {
      const { number, hash: endHash, time: blockTime } = end;
      const to = { chainId, number, hash: endHash, blockTime, head: Math.max(head, number), final, seenAt };
      if (!(await stands(tx, chainId, cursor))) return false;
      await tx
        .insertInto("cursors")
        .values(to)
        .onConflict((conflict) => conflict.column("chainId").doUpdateSet(to))
        .execute();
      await tx
        .insertInto("blocks")
        .values(blocks.map(({ time, ...block }) => ({ chainId, ...block, blockTime: time })))
        .execute();
      await forgetOldBlocks(tx, chainId);
      await insertFacts(tx, facts);
      await refresh(tx, chainId, subjectsOf(facts));
      return true;
    });
    if (isDone) this.#onRows(countFacts(facts));
    return isDone;
  }

  withdraw(chainId: ChainId, cursor: IndexCursor, ancestor: IndexCursor | undefined): Promise<boolean> {
    return this.#write(async (tx) => {
      if (!(await stands(tx, chainId, cursor))) return false;
      const last = ancestor?.number ?? -1;
      const subjects = await subjectsAbove(tx, chainId, last);
      for (const table of FACT_TABLES)
        await tx.deleteFrom(table).where("chainId", "=", chainId).where("blockNumber", ">", last).execute();
      await tx.deleteFrom("blocks").where("chainId", "=", chainId).where("number", ">", last).execute();
      if (ancestor === undefined) await tx.deleteFrom("cursors").where("chainId", "=", chainId).execute();
      else
        await tx
          .updateTable("cursors")
          .from("blocks")
          .set((eb) => ({
            number: ancestor.number,
            hash: ancestor.hash,
            blockTime: eb.ref("blocks.blockTime"),
          }))
          .where("cursors.chainId", "=", chainId)
          .where("blocks.chainId", "=", chainId)
          .where("blocks.number", "=", ancestor.number)
          .execute();
      await refresh(tx, chainId, subjects);
      return true;
    });
  }

  observe(chainId: ChainId, { head, final, at: seenAt }: Sighting): Promise<void> {
    return this.#sql.ask(async (db) => {
      await db
        .updateTable("cursors")
        .set({ head, final, seenAt })
        .where("chainId", "=", chainId)
        .where((eb) =>
          eb.or([
            eb("head", "!=", head),
            eb("final", "!=", final),
            eb("seenAt", "<=", seenAt - SIGHTING_SECONDS),
          ]),
        )
        .execute();
    });
  }

  rebuild(id: string): Promise<boolean> {
    return this.#write(async (tx) => {
      const { rebuildId } = await tx.selectFrom("meta").select("rebuildId").executeTakeFirstOrThrow();
      if (rebuildId === id) return false;
      for (const table of [...FACT_TABLES, "validators", "escrows", "blocks", "cursors"] as const)
        await tx.deleteFrom(table).execute();
      await tx.updateTable("meta").set({ rebuildId: id }).execute();
      return true;
    });
  }

  /** One transaction after another, whoever writes: chains meet in the messages between them. */
  #write(work: (tx: Transaction<Tables>) => Promise<boolean>): Promise<boolean> {
    return this.#sql.ask((db) =>
      db.transaction().execute(async (tx) => {
        await tx.selectFrom("meta").select("id").forUpdate().execute();
        return work(tx);
      }),
    );
  }
}

async function stands(
  tx: Transaction<Tables>,
  chainId: ChainId,
  expected: IndexCursor | undefined,
): Promise<boolean> {
  const actual = await tx
    .selectFrom("cursors")
    .select(["number", "hash"])
    .where("chainId", "=", chainId)
    .executeTakeFirst();
  return actual?.number === expected?.number && actual?.hash === expected?.hash;
}

async function insertFacts(tx: Transaction<Tables>, facts: Facts): Promise<void> {
  const { messages, outcomes, validatorEvents, validatorSets, slashings, escrowEvents } = facts;
  const insert = async <T>(rows: readonly T[], into: (some: readonly T[]) => Promise<unknown>) => {
    for (let i = 0; i < rows.length; i += ROWS_AT_ONCE) await into(rows.slice(i, i + ROWS_AT_ONCE));
  };
  await insert(messages, (some) =>
    tx
      .insertInto("messages")
      .values(some.map((row) => ({ ...row, outcome: null })))
      .execute(),
  );
  await insert(outcomes, (some) => tx.insertInto("outcomes").values(some).execute());
  await insert(validatorEvents, (some) => tx.insertInto("validatorEvents").values(some).execute());
  await insert(validatorSets, (some) =>
    tx
      .insertInto("validatorSets")
      .values(some.map((row) => ({ ...row, members: JSON.stringify(row.members) })))
      .execute(),
  );
  await insert(slashings, (some) => tx.insertInto("slashings").values(some).execute());
  await insert(escrowEvents, (some) =>
    tx
      .insertInto("escrowEvents")
      .values(some.map((row) => ({ ...row, details: JSON.stringify(row.details) })))
      .execute(),
  );
}

async function subjectsAbove(tx: Transaction<Tables>, chainId: ChainId, last: number) {
  const above = <T extends "messages" | "outcomes" | "validatorEvents" | "escrowEvents">(table: T) =>
    sql<
      Selectable<Tables[T]>
    >`SELECT * FROM ${sql.table(table)} WHERE chain_id = ${chainId} AND block_number > ${last}`
      .execute(tx)
      .then(({ rows }) => rows);
  return subjectsOf({
    messages: await above("messages"),
    outcomes: await above("outcomes"),
    validatorEvents: await above("validatorEvents"),
    escrowEvents: await above("escrowEvents"),
  });
}

/** Below the blocks that are remembered, a reorganisation is answered by reading the chain anew. */
async function forgetOldBlocks(tx: Transaction<Tables>, chainId: ChainId): Promise<void> {
  await tx
    .deleteFrom("blocks")
    .where("chainId", "=", chainId)
    .where("number", "<=", (eb) =>
      eb
        .selectFrom("blocks")
        .select("number")
        .where("chainId", "=", chainId)
        .orderBy("number", "desc")
        .offset(REMEMBERED_BLOCKS)
        .limit(1),
    )
    .execute();
}

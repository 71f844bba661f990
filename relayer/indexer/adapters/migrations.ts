import { type CreateTableBuilder, type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

/** 256 bits in decimal digits. */
const UINT256 = sql`NUMERIC(78, 0)`;

/** What every table of facts begins with: its log is its key. */
function facts(db: Kysely<unknown>, table: string): CreateTableBuilder<string> {
  return db.schema
    .createTable(table)
    .addColumn("chain_id", "bigint", (column) => column.notNull())
    .addColumn("block_number", "bigint", (column) => column.notNull())
    .addColumn("log_index", "integer", (column) => column.notNull())
    .addColumn("block_time", "bigint", (column) => column.notNull())
    .addColumn("transaction_hash", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint(`${table}_key`, ["chain_id", "block_number", "log_index"]);
}

/** Lists are read newest first, over all chains. */
const NEWEST = ["block_time", "chain_id", "block_number", "log_index"] as const;

async function cursors(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("meta")
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("rebuild_id", "text")
    .execute();
  await sql`INSERT INTO meta (id) VALUES (1)`.execute(db);
  await db.schema
    .createTable("cursors")
    .addColumn("chain_id", "bigint", (column) => column.primaryKey())
    .addColumn("number", "bigint", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull())
    .addColumn("block_time", "bigint", (column) => column.notNull())
    .addColumn("head", "bigint", (column) => column.notNull())
    .addColumn("final", "bigint", (column) => column.notNull())
    .addColumn("seen_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("blocks")
    .addColumn("chain_id", "bigint", (column) => column.notNull())
    .addColumn("number", "bigint", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull())
    .addColumn("parent_hash", "text", (column) => column.notNull())
    .addColumn("block_time", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("blocks_key", ["chain_id", "number"])
    .execute();
}

async function messages(db: Kysely<unknown>): Promise<void> {
  await facts(db, "messages")
    .addColumn("id", "text", (column) => column.notNull().unique())
    .addColumn("lane", "text", (column) => column.notNull())
    .addColumn("destination_chain_id", "bigint", (column) => column.notNull())
    .addColumn("nonce", UINT256, (column) => column.notNull())
    .addColumn("sender", "text", (column) => column.notNull())
    .addColumn("recipient", "text", (column) => column.notNull())
    .addColumn("gas_limit", UINT256, (column) => column.notNull())
    .addColumn("token", "text")
    .addColumn("token_sender", "text")
    .addColumn("token_recipient", "text")
    .addColumn("amount", UINT256)
    .addColumn("outcome", "text")
    .execute();
  await facts(db, "outcomes")
    .addColumn("message_id", "text", (column) => column.notNull())
    .addColumn("origin_chain_id", "bigint", (column) => column.notNull())
    .addColumn("nonce", UINT256, (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("reason", "text")
    .execute();
  await index(db, "messages", NEWEST);
  for (const column of ["lane", "sender", "recipient", "token", "token_sender", "token_recipient", "outcome"])
    await index(db, "messages", [column, ...NEWEST]);
  await index(db, "outcomes", ["message_id"]);
}

async function validators(db: Kysely<unknown>): Promise<void> {
  await facts(db, "validator_events")
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("account", "text")
    .addColumn("amount", UINT256)
    .addColumn("bond", UINT256)
    .addColumn("jailed_until", UINT256)
    .addColumn("holds", UINT256)
    .addColumn("bls_key_hash", "text")
    .execute();
  await index(db, "validator_events", ["key"]);
  await db.schema
    .createTable("validators")
    .addColumn("chain_id", "bigint", (column) => column.notNull())
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("operator", "text")
    .addColumn("bond", UINT256, (column) => column.notNull())
    .addColumn("jailed_until", UINT256, (column) => column.notNull())
    .addColumn("is_tombstoned", "boolean", (column) => column.notNull())
    .addColumn("exited_at", UINT256, (column) => column.notNull())
    .addColumn("holds", UINT256, (column) => column.notNull())
    .addColumn("bls_key_hash", "text")
    .addColumn("joined_at", UINT256, (column) => column.notNull())
    .addPrimaryKeyConstraint("validators_key", ["chain_id", "key"])
    .execute();
  await facts(db, "validator_sets")
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("epoch", UINT256, (column) => column.notNull())
    .addColumn("set_hash", "text", (column) => column.notNull())
    .addColumn("scheme", "text", (column) => column.notNull())
    .addColumn("threshold", "integer", (column) => column.notNull())
    .addColumn("overlap", "integer", (column) => column.notNull())
    .addColumn("expires_at", UINT256, (column) => column.notNull())
    .addColumn("members", "jsonb", (column) => column.notNull())
    .execute();
  await index(db, "validator_sets", ["chain_id", "kind", "epoch"]);
}

async function slashings(db: Kysely<unknown>): Promise<void> {
  await facts(db, "slashings")
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("key", "text")
    .addColumn("offence", "text")
    .addColumn("place_id", "text")
    .addColumn("epoch", UINT256)
    .addColumn("amount", UINT256)
    .addColumn("reward", UINT256)
    .addColumn("reporter", "text")
    .addColumn("evidence_hash", "text")
    .addColumn("pending_id", UINT256)
    .addColumn("executable_at", UINT256)
    .execute();
  await index(db, "slashings", NEWEST);
  await index(db, "slashings", ["key", ...NEWEST]);
}

async function escrows(db: Kysely<unknown>): Promise<void> {
  await facts(db, "escrow_events")
    .addColumn("escrow_id", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("details", "jsonb", (column) => column.notNull())
    .execute();
  await index(db, "escrow_events", ["escrow_id"]);
  await db.schema
    .createTable("escrows")
    .addColumn("chain_id", "bigint", (column) => column.notNull())
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("buyer", "text", (column) => column.notNull())
    .addColumn("seller", "text", (column) => column.notNull())
    .addColumn("arbiter", "text", (column) => column.notNull())
    .addColumn("token", "text", (column) => column.notNull())
    .addColumn("amount", UINT256, (column) => column.notNull())
    .addColumn("remaining", UINT256, (column) => column.notNull())
    .addColumn("milestone", "integer", (column) => column.notNull())
    .addColumn("since", UINT256, (column) => column.notNull())
    .addColumn("due_at", UINT256, (column) => column.notNull())
    .addColumn("buyer_sequence", UINT256, (column) => column.notNull())
    .addColumn("seller_sequence", UINT256, (column) => column.notNull())
    .addColumn("terms", "jsonb", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("created_block", "bigint", (column) => column.notNull())
    .addColumn("created_log", "integer", (column) => column.notNull())
    .addColumn("created_transaction", "text", (column) => column.notNull())
    .execute();
  const newest = ["created_at", "chain_id", "created_block", "created_log"];
  await index(db, "escrows", newest);
  for (const column of ["buyer", "seller", "arbiter", "state"])
    await index(db, "escrows", [column, ...newest]);
}

async function index(db: Kysely<unknown>, table: string, columns: readonly string[]): Promise<void> {
  await db.schema
    .createIndex([table, columns[0], "index"].join("_"))
    .on(table)
    .columns([...columns])
    .execute();
}

/** The schema of the index, step by step. A step that was released is never changed. */
export const migrations: Readonly<Record<string, Migration>> = {
  "0001-index": {
    up: async (db) => {
      for (const create of [cursors, messages, validators, slashings, escrows]) await create(db);
    },
  },
};

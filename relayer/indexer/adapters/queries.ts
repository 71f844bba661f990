import type { ExpressionBuilder, SelectQueryBuilder, Selectable } from "kysely";
import { sql } from "kysely";
import type { Address, ChainId, Hash, LaneId, MessageId, PublicKey } from "../../domain/ids.ts";
import type { Sql } from "../../platform/sql.ts";
import type { EscrowFact, MessageFact, OutcomeFact, SlashingFact, ValidatorFact } from "../core/facts.ts";
import type { EscrowSummary, ValidatorSummary } from "../core/summaries.ts";
import type { Tables } from "./tables.ts";

/** Which messages: those that fit everything that is named. */
export type MessageFilter = {
  /** `final` holds the messages that were attested to but not delivered, too: attestations are no matter of a chain. */
  readonly state?: "sent" | "final" | "delivered" | "failed" | undefined;
  readonly lane?: LaneId | undefined;
  readonly id?: MessageId | undefined;
  /** The transaction that sent them. */
  readonly transaction?: Hash | undefined;
  readonly from?: ChainId | undefined;
  readonly to?: ChainId | undefined;
  /** The account that sent the message, or the tokens. */
  readonly sender?: Address | undefined;
  readonly recipient?: Address | undefined;
  readonly token?: Address | undefined;
};

/** Which escrows: those that fit everything that is named. */
export type EscrowFilter = {
  readonly id?: Hash | undefined;
  readonly state?: EscrowSummary["state"] | undefined;
  readonly chain?: ChainId | undefined;
  readonly party?: Address | undefined;
  readonly buyer?: Address | undefined;
  readonly seller?: Address | undefined;
  readonly arbiter?: Address | undefined;
};

/** Where a page ends: time, chain, block and log of its last row. The next one begins after it, whatever came meanwhile. */
export type PageKey = readonly [time: number, chainId: number, block: number, log: number];

export type Page = { readonly limit: number; readonly after?: PageKey | undefined };

/** How far the index of one chain has come; `head` and `final` as the indexer saw the chain the last time. */
export type IndexProgress = {
  readonly chainId: ChainId;
  readonly block: number;
  readonly blockTime: number;
  readonly head: number;
  readonly final: number;
  /** When the indexer looked at the chain the last time (Unix seconds). */
  readonly seenAt: number;
};

export type IndexedMessage = MessageFact & {
  readonly isFinal: boolean;
  readonly outcome: OutcomeFact["kind"] | null;
  readonly last: OutcomeFact | undefined;
};
export type IndexedEscrow = Selectable<Tables["escrows"]>;
export type IndexedValidator = ValidatorSummary & { readonly key: PublicKey };
export type IndexedSet = {
  readonly chainId: ChainId;
  readonly epoch: bigint;
  readonly threshold: number;
  readonly members: unknown;
};

/** What is read of the index. */
export class IndexQueries {
  readonly #sql: Sql<Tables>;

  constructor(database: Sql<Tables>) {
    this.#sql = database;
  }

  /** @throws RetryableError `SQL` when the database does not answer */
  verify(): Promise<void> {
    return this.#sql.verify();
  }

  progress(): Promise<readonly IndexProgress[]> {
    return this.#sql.ask(async (db) => {
      const rows = await db.selectFrom("cursors").selectAll().orderBy("chainId").execute();
      return rows.map(({ number, hash: _, ...rest }) => ({
        ...rest,
        block: number,
      }));
    });
  }

  /** The id of the last rebuild that was asked for and begun; null before the first. */
  rebuildId(): Promise<string | null> {
    return this.#sql.ask(
      async (db) => (await db.selectFrom("meta").select("rebuildId").executeTakeFirst())?.rebuildId ?? null,
    );
  }

  /** The newest messages first. */
  messages(filter: MessageFilter, page: Page): Promise<readonly IndexedMessage[]> {
    return this.#sql.ask(async (db) => {
      const { lane, id, transaction, from, to, sender, recipient, token, state } = filter;
      let query = db
        .selectFrom("messages")
        .innerJoin("cursors", "cursors.chainId", "messages.chainId")
        .selectAll("messages")
        .select(sql<boolean>`messages.block_number <= cursors.final`.as("isFinal"));
      if (lane !== undefined) query = query.where("lane", "=", lane);
      if (id !== undefined) query = query.where("id", "=", id);
      if (transaction !== undefined) query = query.where("messages.transactionHash", "=", transaction);
      if (from !== undefined) query = query.where("messages.chainId", "=", from);
      if (to !== undefined) query = query.where("destinationChainId", "=", to);
      if (token !== undefined) query = query.where("token", "=", token);
      if (sender !== undefined)
        query = query.where((eb) => eb.or([eb("sender", "=", sender), eb("tokenSender", "=", sender)]));
      if (recipient !== undefined)
        query = query.where((eb) =>
          eb.or([eb("recipient", "=", recipient), eb("tokenRecipient", "=", recipient)]),
        );
      if (state !== undefined) query = query.where((eb) => inState(eb, state));
      const rows = await newest(query, "messages", page).execute();
      const ids = rows.map(({ id }) => id);
      const outcomes =
        ids.length === 0
          ? []
          : await db
              .selectFrom("outcomes")
              .selectAll()
              .where("messageId", "in", ids)
              .orderBy("blockNumber")
              .orderBy("logIndex")
              .execute();
      const last = new Map(outcomes.map((outcome) => [outcome.messageId, outcome]));
      return rows.map((row) => ({ ...row, last: last.get(row.id) }));
    });
  }

  /** The newest validator set that each chain's Inbox took on. */
  activeSets(): Promise<readonly IndexedSet[]> {
    return this.#sql.ask((db) =>
      db
        .selectFrom("validatorSets")
        .distinctOn("chainId")
        .select(["chainId", "epoch", "threshold", "members"])
        .where("kind", "=", "activated")
        .orderBy("chainId")
        .orderBy("epoch", "desc")
        .execute(),
    );
  }

  /** Everybody who ever joined, by key. */
  validators(): Promise<readonly IndexedValidator[]> {
    return this.#sql.ask((db) => db.selectFrom("validators").selectAll().orderBy("key").execute());
  }

  /** What happened to one validator, oldest first. */
  history(key: PublicKey): Promise<readonly ValidatorFact[]> {
    return this.#sql.ask((db) =>
      db
        .selectFrom("validatorEvents")
        .selectAll()
        .where("key", "=", key)
        .orderBy("blockNumber")
        .orderBy("logIndex")
        .execute(),
    );
  }

  /** The newest slashings first. */
  slashings(key: PublicKey | undefined, page: Page): Promise<readonly SlashingFact[]> {
    return this.#sql.ask((db) => {
      const all = db.selectFrom("slashings").selectAll();
      return newest(key === undefined ? all : all.where("key", "=", key), "slashings", page).execute();
    });
  }

  /** The newest escrows first. */
  escrows(
    { id, party, state, chain, ...accounts }: EscrowFilter,
    page: Page,
  ): Promise<readonly IndexedEscrow[]> {
    return this.#sql.ask(async (db) => {
      let query = db.selectFrom("escrows").selectAll();
      if (id !== undefined) query = query.where("id", "=", id);
      if (state !== undefined) query = query.where("state", "=", state);
      if (chain !== undefined) query = query.where("chainId", "=", chain);
      for (const role of ["buyer", "seller", "arbiter"] as const) {
        const account = accounts[role];
        if (account !== undefined) query = query.where(role, "=", account);
      }
      if (party !== undefined)
        query = query.where((eb) =>
          eb.or([eb("buyer", "=", party), eb("seller", "=", party), eb("arbiter", "=", party)]),
        );
      const { limit, after } = page;
      if (after !== undefined)
        query = query.where(
          sql<boolean>`(created_at, chain_id, created_block, created_log) < (${sql.join(after)})`,
        );
      return query
        .orderBy("createdAt", "desc")
        .orderBy("chainId", "desc")
        .orderBy("createdBlock", "desc")
        .orderBy("createdLog", "desc")
        .limit(limit)
        .execute();
    });
  }

  /** One escrow and its logs, oldest first; undefined when no chain's index knows it. */
  escrow(
    id: Hash,
  ): Promise<{ readonly escrow: IndexedEscrow; readonly events: readonly EscrowFact[] } | undefined> {
    return this.#sql.ask(async (db) => {
      const escrow = await db.selectFrom("escrows").selectAll().where("id", "=", id).executeTakeFirst();
      const events = await db
        .selectFrom("escrowEvents")
        .selectAll()
        .where("escrowId", "=", id)
        .orderBy("blockNumber")
        .orderBy("logIndex")
        .execute();
      return escrow && { escrow, events };
    });
  }
}

function inState(
  eb: ExpressionBuilder<Pick<Tables, "messages" | "cursors">, "messages" | "cursors">,
  state: NonNullable<MessageFilter["state"]>,
) {
  switch (state) {
    case "delivered":
      return eb("outcome", "=", "executed");
    case "failed":
      return eb("outcome", "=", "failed");
    case "sent":
      return eb.and([eb("outcome", "is", null), eb("messages.blockNumber", ">", eb.ref("cursors.final"))]);
    case "final":
      return eb.and([eb("outcome", "is", null), eb("messages.blockNumber", "<=", eb.ref("cursors.final"))]);
  }
}

/** One page of a table of facts, the newest first over all chains. */
function newest<DB, Table extends keyof DB, Row>(
  query: SelectQueryBuilder<DB, Table, Row>,
  table: string,
  { limit, after }: Page,
): SelectQueryBuilder<DB, Table, Row> {
  const columns = ["block_time", "chain_id", "block_number", "log_index"].map((column) =>
    sql.ref(`${table}.${column}`),
  );
  const from =
    after === undefined ? query : query.where(sql<boolean>`(${sql.join(columns)}) < (${sql.join(after)})`);
  return columns.reduce((ordered, column) => ordered.orderBy(column, "desc"), from).limit(limit);
}

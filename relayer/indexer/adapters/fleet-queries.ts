import { sql } from "kysely";
import type { Address, ChainId, LaneId } from "../../domain/ids.ts";
import type { Sql } from "../../platform/sql.ts";
import type { Tables } from "./tables.ts";

/** Where a lane stands. Times in Unix seconds. */
export type IndexedEdge = {
  /** The first message that is not accepted; undefined where the index has none. */
  readonly waiting: { readonly sentAt: number; readonly isFinal: boolean } | undefined;
  /** When the last message that was accepted got there; undefined before the first. */
  readonly deliveredAt: number | undefined;
};

/** How much of a token, by its address on the chain that it left, was sent and not delivered. */
export type UndeliveredTokens = {
  readonly chainId: ChainId;
  readonly token: Address;
  readonly amount: bigint;
};

/** What a view of the whole fleet asks of the index, each by an index of its tables, however long they are. */
export class FleetQueries {
  readonly #sql: Sql<Tables>;

  constructor(database: Sql<Tables>) {
    this.#sql = database;
  }

  /** What stands around the last message of a lane that was accepted, by its nonce (0: none was). */
  edge(lane: LaneId, accepted: bigint): Promise<IndexedEdge> {
    return this.#sql.ask(async (db) => {
      const around = await db
        .selectFrom("messages")
        .innerJoin("cursors", "cursors.chainId", "messages.chainId")
        .select(["messages.id", "messages.nonce", "messages.blockTime"])
        .select(sql<boolean>`messages.block_number <= cursors.final`.as("isFinal"))
        .where("lane", "=", lane)
        .where("messages.nonce", "<=", accepted + 1n)
        // From the newest on only what waits is passed over.
        .orderBy("messages.blockTime", "desc")
        .orderBy("messages.chainId", "desc")
        .orderBy("messages.blockNumber", "desc")
        .orderBy("messages.logIndex", "desc")
        .limit(2)
        .execute();
      const waiting = around.find(({ nonce }) => nonce === accepted + 1n);
      const last = around.find(({ nonce }) => nonce === accepted);
      const outcome =
        last &&
        (await db
          .selectFrom("outcomes")
          .select("blockTime")
          .where("messageId", "=", last.id)
          .orderBy("blockNumber")
          .orderBy("logIndex")
          .limit(1)
          .executeTakeFirst());
      return {
        waiting: waiting && { sentAt: waiting.blockTime, isFinal: waiting.isFinal },
        deliveredAt: outcome?.blockTime,
      };
    });
  }

  /**
   * What tokens were sent and not delivered, and the block up to which each chain was read for that: of one moment.
   * @returns blocks by chain id
   */
  undelivered(): Promise<{
    readonly blocks: ReadonlyMap<ChainId, number>;
    readonly tokens: readonly UndeliveredTokens[];
  }> {
    return this.#sql.ask((db) =>
      db
        .transaction()
        .setIsolationLevel("repeatable read")
        .execute(async (transaction) => {
          const cursors = await transaction.selectFrom("cursors").select(["chainId", "number"]).execute();
          const sums = await transaction
            .selectFrom("messages")
            .select(["chainId", "token", sql<bigint | null>`sum(amount)`.as("amount")])
            .where("token", "is not", null)
            .where((eb) => eb.or([eb("outcome", "is", null), eb("outcome", "=", "failed")]))
            .groupBy(["chainId", "token"])
            .execute();
          return {
            blocks: new Map(cursors.map(({ chainId, number }) => [chainId, number])),
            tokens: sums.flatMap(({ chainId, token, amount }) =>
              token === null || amount === null ? [] : [{ chainId, token, amount }],
            ),
          };
        }),
    );
  }
}

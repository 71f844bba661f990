import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import fc from "fast-check";
import { sql } from "kysely";
import { migrations } from "../../../../relayer/indexer/adapters/migrations.ts";
import { FleetQueries } from "../../../../relayer/indexer/adapters/fleet-queries.ts";
import { IndexQueries } from "../../../../relayer/indexer/adapters/queries.ts";
import { SqlIndexStore } from "../../../../relayer/indexer/adapters/store.ts";
import { FACT_TABLES, type Tables } from "../../../../relayer/indexer/adapters/tables.ts";
import { Follower } from "../../../../relayer/indexer/worker.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { openSql, type Sql } from "../../../../relayer/platform/sql.ts";
import { A, B } from "../../support/bridge.ts";
import { type BlockContent, FakeIndexedChain } from "../../support/index-chain.ts";
import { findPostgres, PrivatePostgres } from "../../support/private-postgres.ts";

const logger = createLogger("silent", {});
const clock = { now: () => 5_000_000 };
const signal = new AbortController().signal;
const SUMMARIES = ["validators", "escrows"] as const;

/** A database of one kind, and what ends it. */
type Given = {
  readonly open: () => Promise<Sql<Tables>>;
  readonly stop: () => Promise<void>;
  readonly isShared: boolean;
};

function givenPGlite(): Promise<Given> {
  const folder = mkdtempSync(join(tmpdir(), "dchat-pglite-"));
  return Promise.resolve({
    isShared: false,
    open: () => openSql<Tables>({ folder: join(folder, "index") }, migrations, logger),
    stop: () => {
      rmSync(folder, { recursive: true });
      return Promise.resolve();
    },
  });
}

async function givenPostgres(bin: string): Promise<Given> {
  const server = await PrivatePostgres.start(bin);
  return {
    isShared: true,
    open: () => openSql<Tables>({ url: server.url, folder: "unused" }, migrations, logger),
    stop: () => server.stop(),
  };
}

const anyEntry = fc.record({
  kind: fc.constantFrom(
    ...(["sent", "executed", "failed", "joined", "slashed", "jailed", "exited"] as const),
    ...(["created", "delivered", "released"] as const),
  ),
  id: fc.nat({ max: 2 }),
});

/** What a chain may hold: a message is sent once, and an escrow created once. */
function withoutRepeats(blocks: readonly BlockContent[], before: readonly BlockContent[]): BlockContent[] {
  const seen = new Set(before.flat().map(({ kind, id }) => `${kind} ${id}`));
  return blocks.map((block) =>
    block.filter(({ kind, id }) => {
      const isRepeated = (kind === "sent" || kind === "created") && seen.has(`${kind} ${id}`);
      seen.add(`${kind} ${id}`);
      return !isRepeated;
    }),
  );
}
const anyBlocks = (maxLength: number) => fc.array(fc.array(anyEntry, { maxLength: 4 }), { maxLength });

function suite(name: string, give: () => Promise<Given>): void {
  describe(`the index in ${name}`, () => {
    let given: Given;
    let database: Sql<Tables>;
    let store: SqlIndexStore;
    let queries: IndexQueries;
    let rebuilds = 0;
    before(async () => {
      given = await give();
      database = await given.open();
    });
    after(async () => {
      await database.close();
      await given.stop();
    });
    beforeEach(async () => {
      store = new SqlIndexStore(database);
      queries = new IndexQueries(database);
      await store.rebuild(`test ${++rebuilds}`);
    });

    const follow = (chain: FakeIndexedChain, into = store) =>
      new Follower({ chain, store: into, clock, logger }).tick(signal);
    /** Everything that the index says, in one order. */
    const dump = async () => {
      const tables = [...FACT_TABLES, ...SUMMARIES];
      const rows = await Promise.all(
        tables.map((table) => database.db.selectFrom(table).selectAll().execute()),
      );
      return rows.map((list) =>
        list
          .map((row) =>
            JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value)),
          )
          .sort(),
      );
    };

    it("holds numbers of 256 bits exactly", async () => {
      const chain = new FakeIndexedChain();
      chain.mine("a", [[{ kind: "sent", id: 0 }]]);
      await follow(chain);
      const [message] = await queries.messages({}, { limit: 10 });
      assert.equal(message?.amount, 2n ** 256n - 1n);
    });

    it("after any reorganisation, says what it would say had it read the new branch alone", async () => {
      await fc.assert(
        fc.asyncProperty(anyBlocks(5), anyBlocks(5), anyBlocks(6), async (trunk, old, fresh) => {
          const common = withoutRepeats(trunk, []);
          const gone = withoutRepeats(old, common);
          const stays = [...withoutRepeats(fresh, common), []];
          const chain = new FakeIndexedChain();
          await store.rebuild(`property ${++rebuilds}`);
          chain.mine("trunk", common);
          if (common.length > 0) await follow(chain);
          for (const block of gone) {
            chain.mine("old", [block]);
            await follow(chain);
          }
          chain.cut(common.length);
          chain.mine("fresh", stays);
          await follow(chain);
          const reorganised = await dump();
          await store.rebuild(`property ${++rebuilds}`);
          await follow(chain);
          assert.deepEqual(reorganised, await dump());
        }),
        { numRuns: 40 },
      );
    });

    it("takes outcomes and messages in whatever order the chains are read", async () => {
      const [origin, destination] = [new FakeIndexedChain(A), new FakeIndexedChain(B)];
      origin.mine("a", [[{ kind: "sent", id: 0 }], [{ kind: "sent", id: 1 }]]);
      destination.mine("b", [[{ kind: "failed", id: 0 }], [{ kind: "executed", id: 0 }]]);
      await follow(destination);
      await follow(origin);
      const outcomes = async () => (await queries.messages({}, { limit: 10 })).map(({ outcome }) => outcome);
      assert.deepEqual(await outcomes(), [null, "executed"]);
      destination.cut(1);
      destination.mine("c", [[]]);
      await follow(destination);
      assert.deepEqual(await outcomes(), [null, "failed"], "its retry vanished");
    });

    it("refuses a writer whose cursor is not the index's, and changes nothing", async () => {
      const chain = new FakeIndexedChain();
      chain.mine("a", [[{ kind: "sent", id: 0 }], []]);
      const range = await chain.range(0, 0, undefined);
      assert(range !== undefined);
      const seen = { head: 1, final: 0, at: 1 };
      const appended = [
        await store.append(A, undefined, range, seen),
        await store.append(A, undefined, range, seen),
      ];
      assert.deepEqual(appended, [true, false]);
      const elsewhere = { number: 7, hash: range.end.hash };
      assert.equal(await store.withdraw(A, elsewhere, undefined), false);
      assert.equal((await queries.messages({}, { limit: 10 })).length, 1);
    });

    it("keeps all or nothing of a range", async () => {
      const chain = new FakeIndexedChain();
      chain.mine("a", [
        [
          { kind: "sent", id: 0 },
          { kind: "sent", id: 0 },
        ],
      ]);
      await assert.rejects(follow(chain), { code: "SQL" }); // the same message twice: no chain says that
      assert.equal(await store.cursor(A), undefined);
      assert.deepEqual((await dump()).flat(), []);
    });

    it("pages through messages without a gap or a repeat, while others come", async () => {
      const chain = new FakeIndexedChain();
      const sent = (id: number) => ({ kind: "sent", id }) as const;
      chain.mine("a", [[sent(0), sent(1)], [sent(2)], [sent(3), sent(4)]]);
      chain.final = 1;
      await follow(chain);
      const first = await queries.messages({}, { limit: 2 });
      chain.mine("a", [[sent(5)]]);
      await follow(chain);
      const last = first.at(-1);
      assert(last !== undefined);
      const after = [last.blockTime, last.chainId, last.blockNumber, last.logIndex] as const;
      const rest = await queries.messages({}, { limit: 9, after });
      assert.deepEqual(
        [...first, ...rest].map(({ nonce }) => nonce),
        [5n, 4n, 3n, 2n, 1n],
      );
      const final = await queries.messages({ state: "final" }, { limit: 9 });
      assert.deepEqual(
        final.map(({ nonce }) => nonce),
        [3n, 2n, 1n],
      );
      const open = await queries.messages({ state: "sent" }, { limit: 9 });
      assert.deepEqual(
        open.map(({ nonce }) => nonce),
        [6n, 5n, 4n],
      );
    });

    it("tells where a lane stands, and what was sent and not delivered, of one moment", async () => {
      const fleet = new FleetQueries(database);
      const [origin, destination] = [new FakeIndexedChain(A), new FakeIndexedChain(B)];
      const sent = (id: number) => [{ kind: "sent", id } as const];
      origin.mine("a", [sent(0), sent(1), sent(2), sent(3)]);
      destination.mine("b", [[{ kind: "failed", id: 0 }], [{ kind: "executed", id: 1 }]]);
      origin.final = 2;
      assert.deepEqual((await fleet.undelivered()).tokens, []);
      await follow(origin);
      await follow(destination);
      const messages = await queries.messages({}, { limit: 9 });
      const timeOf = (nonce: bigint) => messages.find((each) => each.nonce === nonce)?.blockTime;
      const lane = messages[0]?.lane ?? assert.fail();
      const delivered = messages.find(({ nonce }) => nonce === 2n)?.last?.blockTime;
      assert.deepEqual(await fleet.edge(lane, 0n), {
        waiting: { sentAt: timeOf(1n), isFinal: true },
        deliveredAt: undefined,
      });
      assert.deepEqual(await fleet.edge(lane, 2n), {
        waiting: { sentAt: timeOf(3n), isFinal: true },
        deliveredAt: delivered,
      });
      assert.equal((await fleet.edge(lane, 3n)).waiting?.isFinal, false);
      assert.equal((await fleet.edge(lane, 4n)).waiting, undefined);
      const { blocks, tokens } = await fleet.undelivered();
      assert.deepEqual(
        blocks,
        new Map([
          [A, 3],
          [B, 1],
        ]),
      );
      // The first failed and can be executed yet; the third waits; the others carry nothing.
      const amount = 2n * (2n ** 256n - 1n);
      assert.deepEqual(
        tokens.map((each) => [each.chainId, each.amount]),
        [[A, amount]],
      );
    });

    it("empties the index once for each request", async () => {
      const chain = new FakeIndexedChain();
      chain.mine("a", [[{ kind: "created", id: 0 }]]);
      await follow(chain);
      const whole = await dump();
      assert.equal(await store.rebuild("again"), true);
      assert.deepEqual((await dump()).flat(), []);
      await follow(chain);
      assert.equal(await store.rebuild("again"), false);
      assert.deepEqual(await dump(), whole);
    });

    it("is opened anew with what was in it, and admits as many processes as it can bear", async () => {
      const chain = new FakeIndexedChain();
      chain.mine("a", [[{ kind: "created", id: 0 }]]);
      await follow(chain);
      if (given.isShared) {
        const second = await given.open();
        await second.verify();
        await second.close();
      } else await assert.rejects(given.open(), { code: "SQL_IN_USE" });
      await database.close();
      database = await given.open();
      const { rows } = await sql<{ n: number }>`SELECT COUNT(*) AS n FROM escrows`.execute(database.db);
      assert.deepEqual(rows, [{ n: 1 }]);
    });
  });
}

suite("PGlite", givenPGlite);

const bin = findPostgres();
if (bin === undefined)
  it(
    "the index in PostgreSQL is not tested: this machine has no server in /usr/lib/postgresql",
    { skip: true },
    () => undefined,
  );
else suite("PostgreSQL", () => givenPostgres(bin));

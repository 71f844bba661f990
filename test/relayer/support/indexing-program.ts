// Follows a chain into an index and prints, as JSON, everything that the index then says. Kills itself with SIGKILL at `killAt`:
// before or after the given number of transactions, or while the transaction is open.
//
//   node test/relayer/support/indexing-program.ts '{"rpcUrl":…,"chainId":…,"outbox":…,"escrow":…,"folder":…,"killAt":"none"}'
import { z } from "zod";
import { address, chainId, chainName } from "../../../relayer/domain/ids.ts";
import { ChainReader } from "../../../relayer/indexer/adapters/chain-reader.ts";
import { migrations } from "../../../relayer/indexer/adapters/migrations.ts";
import { SqlIndexStore } from "../../../relayer/indexer/adapters/store.ts";
import { FACT_TABLES, type Tables } from "../../../relayer/indexer/adapters/tables.ts";
import type { IndexedChain, Range } from "../../../relayer/indexer/ports.ts";
import { Follower } from "../../../relayer/indexer/worker.ts";
import { createLogger } from "../../../relayer/platform/log.ts";
import { Rpc } from "../../../relayer/platform/rpc.ts";
import { openSql } from "../../../relayer/platform/sql.ts";

const settings = z
  .object({
    rpcUrl: z.string(),
    chainId,
    outbox: address,
    escrow: address,
    folder: z.string(),
    databaseUrl: z.string().optional(),
    killAt: z.enum(["none", "before-append", "in-transaction", "after-append"]),
  })
  .parse(JSON.parse(process.argv[2] ?? ""));

/** How many blocks are taken in at once here, so that there is a middle to be killed in. */
const BLOCKS = 4;
/** The transaction at which it is killed. */
const FATAL = 3;

const logger = createLogger("silent", {});
const { rpcUrl, outbox, escrow, killAt } = settings;
const rpc = new Rpc({
  name: chainName.parse("T"),
  chainId: settings.chainId,
  rpcUrl,
  finality: { depth: 1 },
  pollMilliseconds: 10,
  rpcTimeoutMilliseconds: 10_000,
  outbox,
  inbox: address.parse("0x00000000000000000000000000000000000000aa"),
  escrow: { contract: escrow, leastTip: 0 },
  deploymentBlock: 0,
  senderKeyFile: "unused",
});
const database = await openSql<Tables>(
  { url: settings.databaseUrl, folder: settings.folder },
  migrations,
  logger,
);
const reader = new ChainReader(rpc, {
  destinations: [chainId.parse(1)],
  home: undefined,
  bridges: new Map(),
});

let transactions = 0;
const die = () => process.kill(process.pid, "SIGKILL");
/** The chain, a few blocks at a time. */
const slowly = (head: number): IndexedChain => ({
  chainId: reader.chainId,
  name: reader.name,
  deploymentBlock: 0,
  heights: async () => ({ ...(await reader.heights()), head }),
  block: (number) => reader.block(number),
  range: async (from, to, parent) => dying(await reader.range(from, to, parent)),
});

/** A range whose facts cannot be read without dying, once it is time. */
function dying(range: Range | undefined): Range | undefined {
  transactions++;
  if (range === undefined || transactions !== FATAL) return range;
  if (killAt === "before-append") die();
  if (killAt !== "in-transaction") return range;
  const { facts } = range;
  return {
    ...range,
    facts: {
      ...facts,
      // Read first to be written, when the cursor and the blocks are.
      get escrowEvents() {
        die();
        return facts.escrowEvents;
      },
    },
  };
}

const store = new SqlIndexStore(database, () => {
  if (killAt === "after-append" && transactions === FATAL) die();
});
const signal = new AbortController().signal;
const { head } = await reader.heights();
for (let to = Math.min(BLOCKS, head); ; to = Math.min(to + BLOCKS, head)) {
  await new Follower({ chain: slowly(to), store, clock: { now: () => 0 }, logger }).tick(signal);
  if (to === head) break;
}
const tables = await Promise.all(
  [...FACT_TABLES, "escrows" as const].map((table) => database.db.selectFrom(table).selectAll().execute()),
);
const sorted = tables.map((rows) =>
  rows
    .map((row) =>
      JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value)),
    )
    .sort(),
);
console.log(JSON.stringify(sorted));
await database.close();
rpc.close();

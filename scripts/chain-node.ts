// A local EVM node as a process of its own, which survives SIGKILL: every change is journaled before it is answered, and
// a restart with the same --data is the same chain, block for block.
//
//   node scripts/chain-node.ts --chain-id 31337 --data FOLDER [--port 8545] [--block-seconds 1]
//
// Transactions are mined at once, and an empty block every --block-seconds (0: none). As on a real network, the hash of
// a transaction that reverts is returned, and its receipt says so. One line of JSON on stdout says when it serves:
// {"ready":true,"port":…,"chainId":…,"blocks":…,"replayMilliseconds":…}. It ends on SIGTERM, and with its parent (see
// relayer/platform/parent-watch.ts). Exit code 78: options or journal are wrong, and starting again cannot help.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import type { EthereumProvider } from "hardhat/types/providers";
import { z } from "zod";
import config from "../hardhat.config.ts";
import { exitCodes } from "../relayer/platform/exit-codes.ts";
import { exitWithParent } from "../relayer/platform/parent-watch.ts";
import { JournaledChain } from "./chain-node/chain.ts";
import { Journal, JournalError } from "./chain-node/journal.ts";
import { createRpcServer } from "./chain-node/server.ts";

const options = z.strictObject({
  "chain-id": z.coerce.number().int().positive(),
  data: z.string().min(1),
  port: z.coerce.number().int().min(0).max(65_535).default(0),
  "block-seconds": z.coerce.number().nonnegative().default(1),
});

class OptionsError extends Error {
  override name = "OptionsError";
}

function readOptions(): z.infer<typeof options> {
  const string = { type: "string" } as const;
  let values;
  try {
    ({ values } = parseArgs({
      options: { "chain-id": string, data: string, port: string, "block-seconds": string },
    }));
  } catch (error) {
    throw new OptionsError(error instanceof Error ? error.message : String(error));
  }
  const parsed = options.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new OptionsError(
    parsed.error.issues.map(({ path, message }) => `--${path.join(".")}: ${message}`).join("; "),
  );
}

/** Only the network of the project's configuration: its plugins and tests are no business of a node. */
async function createProvider(chainId: number, genesis: number): Promise<EthereumProvider> {
  const root = join(import.meta.dirname, "..");
  const { network } = await createHardhatRuntimeEnvironment({ networks: config.networks ?? {} }, {}, root);
  const override = {
    chainId,
    initialDate: new Date(genesis * 1000),
    allowBlocksWithSameTimestamp: true,
    throwOnTransactionFailures: false,
  };
  return (await network.create({ network: "hardhat", override })).provider;
}

async function main(): Promise<void> {
  const { "chain-id": chainId, data, port, "block-seconds": blockSeconds } = readOptions();
  const journal = await Journal.open(data, chainId, Math.floor(Date.now() / 1000));
  const provider = await createProvider(chainId, journal.header.genesis);
  const chain = new JournaledChain(provider, journal, blockSeconds);
  const started = Date.now();
  await chain.replay();
  const replayMilliseconds = Date.now() - started;

  const server = createRpcServer((method, params) => chain.request(method, params));
  server.listen(port, "127.0.0.1");
  await once(server, "listening").catch((error: unknown) => {
    throw new OptionsError(`--port ${port}: ${error instanceof Error ? error.message : String(error)}`);
  });
  const stopping = new AbortController();
  // A full disk, say, stops the blocks until there is room; reading goes on.
  void chain.mineByClock(stopping.signal, (error) => {
    if (error instanceof JournalError) fail(error);
    report(error);
  });

  const stop = (): void => {
    stopping.abort();
    server.close();
    server.closeAllConnections();
    void chain.settled().then(() => process.exit(exitCodes.success));
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.once(signal, stop);
  exitWithParent(stop, process.env);
  const blocks = Number(await provider.request({ method: "eth_blockNumber" }));
  const { port: bound } = server.address() as AddressInfo;
  console.log(JSON.stringify({ ready: true, port: bound, chainId, blocks, replayMilliseconds }));
}

function report(error: unknown): void {
  console.error(`chain-node: ${error instanceof Error ? error.message : String(error)}`);
}

function fail(error: unknown): never {
  report(error);
  const isWrong = error instanceof JournalError || error instanceof OptionsError;
  process.exit(isWrong ? exitCodes.configuration : exitCodes.failure);
}

await main().catch(fail);

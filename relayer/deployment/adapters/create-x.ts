import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { toQuantity } from "ethers";
import { z } from "zod";
import { ConfigurationError } from "../../domain/errors.ts";
import type { Address } from "../../domain/ids.ts";
import type { Clock } from "../../platform/clock.ts";
import { CREATE_X_COST, CREATE_X_SENDER } from "../core/create3.ts";
import type { ChainReader } from "./chain-reader.ts";
import type { HardhatSession } from "./hardhat.ts";

/** How often the chain is asked whether it is there, in milliseconds. */
const POLL_MILLISECONDS = 500;

const artifact = z.object({ presignedTx: z.string().startsWith("0x") });

/**
 * Puts CreateX on a chain that has none, where every chain has it: by the transaction that its authors signed without a chain id, which Ignition carries.
 * Its sender is given the money for it first. Killed at any step, it goes on.
 */
export async function provideCreateX(
  { connection }: HardhatSession,
  reader: ChainReader,
  {
    deployer,
    clock,
    signal,
  }: { readonly deployer: Address; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const send = (method: string, params: unknown[]) => connection.provider.request({ method, params });
  const balance = () =>
    reader.rpc.ask("eth_getBalance", () => reader.rpc.provider.getBalance(CREATE_X_SENDER));
  const has = await balance();
  if (has < CREATE_X_COST) {
    const value = toQuantity(CREATE_X_COST - has);
    await send("eth_sendTransaction", [{ from: deployer, to: CREATE_X_SENDER, value }]);
    while ((await balance()) < CREATE_X_COST) await clock.sleep(POLL_MILLISECONDS, signal);
  }
  await send("eth_sendRawTransaction", [await signedTransaction()]).catch((error: unknown) => {
    throw new ConfigurationError(
      "CREATE_X",
      `Chain ${reader.rpc.chain.name} refuses the transaction that puts CreateX there; chains that take only transactions with a chain id do. The contracts cannot be deployed there. Ask whoever runs the chain for CreateX.`,
      {},
      error,
    );
  });
  while ((await reader.createX()) !== "there") await clock.sleep(POLL_MILLISECONDS, signal);
}

/** It is in the package, but not among what the package exports. */
async function signedTransaction(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve("@nomicfoundation/ignition-core");
  const file = join(dirname(entry), "internal/execution/strategy/createx-artifact.js");
  return artifact.parse(await import(pathToFileURL(file).href)).presignedTx;
}

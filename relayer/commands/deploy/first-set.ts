import { ValidatorRegistry__factory } from "../../../types/ethers-contracts/factories/bridge/ValidatorRegistry__factory.ts";
import { RegistryReader } from "../../bridge/adapters/registry.ts";
import type { ValidatorSet } from "../../domain/bridge.ts";
import type { Address } from "../../domain/ids.ts";
import type { Rpc } from "../../platform/rpc.ts";

/** What the registry has for Inboxes to begin with, or in a sentence what is missing. */
export type FirstSet =
  | { readonly set: ValidatorSet; readonly waitsFor?: undefined }
  | { readonly set: undefined; readonly waitsFor: string };

/**
 * Reads the registry's current set. Only a final one will do: an Inbox that began with a set that was undone would listen to nobody, for good.
 * @param rpc of the home chain
 */
export async function readFirstSet(registry: Address, rpc: Rpc): Promise<FirstSet> {
  const code = await rpc.ask("eth_getCode", () => rpc.provider.getCode(registry));
  if (code === "0x") return { set: undefined, waitsFor: "the registry of validators is not deployed yet" };
  const contract = ValidatorRegistry__factory.connect(registry, rpc.agreed);
  const epoch = await rpc.ask("eth_call", () => contract.epoch());
  if (epoch === 0n) return { set: undefined, waitsFor: await missingValidators(registry, rpc) };
  const reader = new RegistryReader({ chainId: rpc.chain.chainId, registry }, rpc);
  const formed = await reader.finalSet(epoch);
  return formed === undefined
    ? { set: undefined, waitsFor: `the set of epoch ${epoch} is formed, but its block is not final yet` }
    : { set: formed.set };
}

async function missingValidators(registry: Address, rpc: Rpc): Promise<string> {
  const contract = ValidatorRegistry__factory.connect(registry, rpc.provider);
  const [operators, size] = await Promise.all([
    rpc.ask("eth_call", () => contract.operators()),
    rpc.ask("eth_call", () => contract.setSize()),
  ]);
  const admitted = `the registry ${registry} on chain ${rpc.chain.name} admits ${operators.length} operators`;
  return size < 2n
    ? `${admitted}, and too few of them have joined for a set: each runs "dchat validator register"`
    : `${admitted}, and ${size} validators could form a set: when all have joined, somebody runs "dchat validator rotate"`;
}

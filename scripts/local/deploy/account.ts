import { type BaseContract, getCreateAddress, type JsonRpcProvider, type JsonRpcSigner } from "ethers";
import { address, type Address, type ChainId } from "../../../relayer/domain/ids.ts";

/** A local chain to deploy on; its accounts are unlocked and rich. */
export type LocalChain = { readonly chainId: ChainId; readonly provider: JsonRpcProvider };

/** Who deploys on one chain: its first account. Everything else is done by others, so that its nonces can be foreseen. */
export async function deployerOf({ provider }: LocalChain): Promise<JsonRpcSigner> {
  return provider.getSigner(0);
}

/** Where the account's contract will be that it deploys after `skipped` other transactions. */
export async function nextAddress(signer: JsonRpcSigner, skipped: number): Promise<Address> {
  const nonce = (await signer.getNonce()) + skipped;
  return address.parse(getCreateAddress({ from: await signer.getAddress(), nonce }));
}

/** Waits until the contract is there. @throws Error when it is not where others were told that it would be */
export async function deployed(deploying: Promise<BaseContract>, expected?: Address): Promise<Address> {
  const contract = await (await deploying).waitForDeployment();
  const actual = address.parse(await contract.getAddress());
  if (expected !== undefined && actual !== expected)
    throw new Error(`deployed at ${actual}, not at ${expected} as others were told`);
  return actual;
}

import { BridgedToken__factory } from "../../../types/ethers-contracts/factories/bridge/BridgedToken__factory.ts";
import { LockingTokenBridge__factory } from "../../../types/ethers-contracts/factories/bridge/LockingTokenBridge__factory.ts";
import type { Address } from "../../domain/ids.ts";
import type { Rpc } from "../../platform/rpc.ts";

/** One side of a token. */
export type HoldingSide = {
  readonly token: Address;
  readonly bridge: Address;
  readonly mode: "lock" | "mint";
};

/**
 * How much of a token one side's bridge has locked, or has minted, in the token's smallest unit there. What somebody sent to a bridge without
 * its doing is not counted.
 * @param block at the end of which
 */
export async function readHolding(
  { token, bridge, mode }: HoldingSide,
  rpc: Rpc,
  block: number,
): Promise<bigint> {
  const at = { blockTag: block };
  if (mode === "mint")
    return rpc.ask("eth_call", () => BridgedToken__factory.connect(token, rpc.provider).totalSupply(at));
  // Both kinds of bridges share what is asked here, but for `locked`.
  const contract = LockingTokenBridge__factory.connect(bridge, rpc.provider);
  const [locked, scale] = await rpc.ask("eth_call", () =>
    Promise.all([contract.locked(at), contract.SCALE(at)]),
  );
  return locked * scale;
}

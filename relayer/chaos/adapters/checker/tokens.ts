import { BridgedToken__factory } from "../../../../types/ethers-contracts/factories/bridge/BridgedToken__factory.ts";
import { LockingTokenBridge__factory } from "../../../../types/ethers-contracts/factories/bridge/LockingTokenBridge__factory.ts";
import { hash } from "../../../domain/ids.ts";
import type { TokenConfig } from "../../../domain/network.ts";
import type { Movement, TokenEvidence, TokenSideEvidence } from "../../core/checker/evidence.ts";
import { type Heights, placeOf } from "./chain.ts";
import type { CheckedNode } from "./node.ts";

/** One side of a token, as the configuration names it. */
type Side = TokenConfig["sides"][keyof TokenConfig["sides"]];

/** What the bridges of a token have logged, and what they hold and have minted. */
export async function readToken(
  symbol: string,
  { sides }: TokenConfig,
  chains: readonly { readonly node: CheckedNode; readonly heights: Heights }[],
): Promise<TokenEvidence> {
  const read: TokenSideEvidence[] = [];
  for (const { node, heights } of chains) {
    const side = sides[node.name];
    if (side !== undefined) read.push(await readSide(side, node, heights));
  }
  return { symbol, sides: read };
}

async function readSide(
  { token, bridge, mode }: Side,
  node: CheckedNode,
  { head, newest }: Heights,
): Promise<TokenSideEvidence> {
  // Both kinds of bridges share what is asked here, but for `locked`.
  const contract = LockingTokenBridge__factory.connect(bridge, node.provider);
  const erc20 = BridgedToken__factory.connect(token, node.provider);
  const at = { blockTag: head };
  const scale = await node.ask("eth_call", () => contract.SCALE(at));
  const state =
    mode === "lock"
      ? {
          mode,
          locked: await node.ask("eth_call", () => contract.locked(at)),
          balance: await node.ask("eth_call", () => erc20.balanceOf(bridge, at)),
        }
      : { mode, supply: await node.ask("eth_call", () => erc20.totalSupply(at)) };
  return { chainId: node.chainId, bridge, scale, state, ...(await readMovements(contract, node, newest)) };
}

async function readMovements(
  contract: ReturnType<typeof LockingTokenBridge__factory.connect>,
  node: CheckedNode,
  to: number,
) {
  const filters = contract.filters;
  const sent = await node.logs(to, (from, until) =>
    contract.queryFilter(filters.CrosschainFungibleTransferSent(), from, until),
  );
  const received = await node.logs(to, (from, until) =>
    contract.queryFilter(filters.CrosschainFungibleTransferReceived(), from, until),
  );
  const returned = await node.logs(to, (from, until) =>
    contract.queryFilter(filters.TransferReturned(), from, until),
  );
  const settled = [...received, ...returned].map(({ log, time }): Movement => ({
    id: hash.parse(log.args.receiveId),
    amount: log.args.amount,
    place: placeOf(node, log, time),
  }));
  return {
    sent: sent.map(({ log, time }): Movement => ({
      id: hash.parse(log.args.sendId),
      amount: log.args.amount,
      place: placeOf(node, log, time),
    })),
    settled,
  };
}

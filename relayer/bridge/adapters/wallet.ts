import type { Signer } from "ethers";
import { DemoToken__factory } from "../../../types/ethers-contracts/factories/mocks/DemoToken__factory.ts";
import { TokenBridge__factory } from "../../../types/ethers-contracts/factories/bridge/TokenBridge__factory.ts";
import { formatAmount } from "../../domain/amount.ts";
import { FatalError } from "../../domain/errors.ts";
import { type Address, hash, type Hash, messageId, type MessageId } from "../../domain/ids.ts";
import { interoperableAddress } from "../../domain/interoperable-address.ts";
import type { ChainConfig, TokenConfig } from "../../domain/network.ts";
import type { Rpc } from "../../platform/rpc.ts";
import { included } from "./included.ts";

/** A transfer as a wallet's owner wants it. */
export type TransferRequest = {
  readonly from: ChainConfig;
  readonly to: ChainConfig;
  readonly symbol: string;
  readonly token: TokenConfig;
  /** In the token's smallest unit. */
  readonly amount: bigint;
  readonly recipient: Address;
  /**
   * How much is approved where the bridge may not take the amount yet, in the token's smallest unit; at least the amount, and just that if left
   * out. For who sends again and again.
   */
  readonly allowance?: bigint;
};

/** Whom a transfer tells, and who may end it. */
export type TransferContext = {
  /** Told what is under way, for people. */
  readonly onStep: (text: string) => void;
  /** Aborting it before the last step sends nothing; after that it only ends the wait. */
  readonly signal: AbortSignal;
};

/** A transfer that the origin chain holds. */
export type SentTransfer = { readonly messageId: MessageId; readonly sourceTx: Hash };

/**
 * Sends one transfer from a wallet: checks everything that can be checked, approves just the amount, or the allowance that is asked for, where the
 * bridge takes custody, and sends. Until the last step nothing leaves the wallet.
 *
 * @param signer the wallet, connected to the origin
 * @throws FatalError saying what is wrong and what became of the money; RetryableError `RPC` when nothing was sent, and
 *   `UNCERTAIN` when the chain fell silent over a transaction; InterruptedError when the signal aborts
 */
export async function sendTransfer(
  { from, to, symbol, token, amount, recipient, allowance = amount }: TransferRequest,
  rpc: Rpc,
  signer: Signer,
  { onStep, signal }: TransferContext,
): Promise<SentTransfer> {
  const [here, there] = [token.sides[from.name], token.sides[to.name]];
  if (here === undefined || there === undefined)
    throw new FatalError(
      "TOKEN",
      `${symbol} is not bridged from ${from.name} to ${to.name}. Nothing was sent. It exists on: ${Object.keys(token.sides).join(", ")}.`,
    );

  const owner = await signer.getAddress();
  const contract = DemoToken__factory.connect(here.token, signer);
  const show = (value: bigint) => `${formatAmount(value, token.decimals)} ${symbol}`;
  const balance = await rpc.ask("eth_call", () => contract.balanceOf(owner));
  if (balance < amount)
    throw new FatalError(
      "BALANCE",
      `${owner} has ${show(balance)} on ${from.name}, which is less than ${show(amount)}. Nothing was sent.`,
    );
  if ((await rpc.ask("eth_getBalance", () => rpc.provider.getBalance(owner))) === 0n)
    throw new FatalError(
      "GAS_MONEY",
      `${owner} has no native currency on ${from.name} to pay for the transaction. Nothing was sent; send it some.`,
    );

  if (
    here.mode === "lock" &&
    (await rpc.ask("eth_call", () => contract.allowance(owner, here.bridge))) < amount
  ) {
    onStep(`approving ${show(allowance)} for the bridge`);
    await included(() => contract.approve(here.bridge, allowance), {
      what: `the approval on ${from.name}`,
      refused: "The approval failed; nothing was sent.",
      uncertain: `Nothing was sent; an approval that went through stays, for ${show(allowance)} only.`,
      signal,
    });
  }
  onStep(`sending ${show(amount)} from ${from.name} to ${to.name}`);
  const bridge = TokenBridge__factory.connect(here.bridge, signer);
  const receipt = await included(
    () => bridge.crosschainTransfer(interoperableAddress(to.chainId, recipient), amount),
    {
      what: `the transfer on ${from.name}`,
      refused: `The transfer failed, and the ${symbol} stay in the wallet. An approval given before stays too; it is for ${show(allowance)} at most.`,
      uncertain: `It may be executed or not: before you send again, look whether ${show(amount)} have left ${owner} on ${from.name}. If they have, they arrive by themselves.`,
      signal,
    },
  );
  const sent = receipt.logs
    .filter((log) => log.address === here.bridge)
    .map((log) => bridge.interface.parseLog(log))
    .find((log) => log?.name === "CrosschainFungibleTransferSent");
  return { messageId: messageId.parse(sent?.args["sendId"]), sourceTx: hash.parse(receipt.hash) };
}

import { signal } from "@preact/signals";
import type { Address } from "../../../relayer/domain/ids.ts";
import { interoperableAddress } from "../../../relayer/domain/interoperable-address.ts";
import type { NetworkView } from "../../../relayer/api/wallet-schema.ts";
import { contracts, sentencesFor } from "../core/sentences.ts";
import { judgeTransaction, type SentTransaction } from "../core/transaction.ts";
import { readWalletError, WalletTrouble } from "../core/wallet-error.ts";
import type { Call, OwnTransfer, Receipt, WalletChain } from "./chain.ts";
import { keepTransfer } from "./memory.ts";
import { signPermit } from "./permit.ts";

export type TokenView = NetworkView["tokens"][number];

/** A transfer as somebody wants it, once every field is right. */
export type TransferWish = {
  readonly from: NetworkView["chains"][number];
  readonly to: NetworkView["chains"][number];
  readonly token: TokenView;
  readonly amount: bigint;
  readonly account: Address;
  readonly recipient: Address;
};

/** What signing will do, found out beforehand by simulation. */
export type TransferPlan = {
  readonly wish: TransferWish;
  /** How the bridge is allowed to take the amount: not at all where it is allowed already, or needs no leave. */
  readonly leave: "none" | "approval" | "permit";
  /**
   * What can be told of the fee, in wei: of the transfer, or of the approval alone where that comes first; undefined where a permit must be signed before
   * anything can be simulated.
   */
  readonly fee: bigint | undefined;
  readonly approve: Call;
  readonly transfer: Call;
};

/** How often a wallet is asked whether a transaction is in a block, in milliseconds. */
const POLL_MILLISECONDS = 500;

/** What a transfer is doing at the moment; undefined while it does nothing. */
export const underWay = signal<string | undefined>(undefined);

/**
 * Finds out what a transfer takes, and whether it would go through. Nothing is signed.
 * @param wantsPermit whether leave shall be given by a signed permit, where it takes any
 * @throws WalletTrouble
 */
export async function planTransfer(
  wish: TransferWish,
  chain: WalletChain,
  wantsPermit: boolean,
): Promise<TransferPlan> {
  const { from, to, token, amount, account, recipient } = wish;
  const here = sideOf(token, from.name);
  const there = interoperableAddress(to.chainId, recipient);
  const approve = {
    to: here.token,
    data: contracts.token.encodeFunctionData("approve", [here.bridge, amount]),
  };
  const transfer = {
    to: here.bridge,
    data: contracts.bridge.encodeFunctionData("crosschainTransfer", [there, amount]),
  };
  return await troubled("The transfer", token, async () => {
    const isAllowed = here.mode !== "lock" || (await allowance(chain, here, account)) >= amount;
    if (!isAllowed && wantsPermit) return { wish, leave: "permit", fee: undefined, approve, transfer };
    const fee = await chain.fee(isAllowed ? transfer : approve, account);
    return { wish, leave: isAllowed ? "none" : "approval", fee, approve, transfer };
  });
}

/**
 * Has a transfer signed and sent: the approval or the permit first, where it takes one, and never for more than the amount.
 * @returns the transfer, which is remembered
 * @throws WalletTrouble, saying what became of the money
 */
export async function sendTransfer(plan: TransferPlan, chain: WalletChain): Promise<OwnTransfer> {
  const { wish, leave } = plan;
  const { from, to, token, amount, account, recipient } = wish;
  try {
    if (leave === "approval") await approve(plan, chain);
    const call = leave === "permit" ? await permitted(wish, chain) : plan.transfer;
    underWay.value = "Confirm the transfer in your wallet.";
    const sent = await troubled("The transfer", token, async () => {
      await chain.call(call, account);
      return chain.send(call, account);
    }).catch((trouble: unknown) => {
      throw leave === "approval" ? afterApproval(trouble as WalletTrouble, wish) : trouble;
    });
    const transfer: OwnTransfer = {
      ...sent,
      hash: sent.hash as OwnTransfer["hash"],
      signedAt: Math.floor(Date.now() / 1_000),
      ...{ origin: from.name, destination: to.name, symbol: token.symbol, amount, recipient },
    };
    keepTransfer(transfer);
    return transfer;
  } finally {
    underWay.value = undefined;
  }
}

/** What an account has of a token on the chain that the wallet is on. */
export async function tokenBalance(chain: WalletChain, token: string, account: string): Promise<bigint> {
  const data = contracts.token.encodeFunctionData("balanceOf", [account]);
  return BigInt(await chain.call({ to: token, data }));
}

/** The message that a transaction has sent through a token's bridge. */
export function messageIdOf({ logs }: Receipt, bridge: string): string | undefined {
  for (const { address, topics, data } of logs) {
    if (address.toLowerCase() !== bridge.toLowerCase()) continue;
    const log = contracts.bridge.parseLog({ topics, data });
    if (log?.name === "CrosschainFungibleTransferSent") return String(log.args["sendId"]);
  }
  return undefined;
}

/** A token's side on a chain. */
export function sideOf(token: TokenView, chain: string): TokenView["sides"][number] {
  const side = token.sides.find((each) => each.chain === chain);
  if (side === undefined) throw new Error(`${token.symbol} has no side on ${chain}`);
  return side;
}

/**
 * Waits until a block holds a transaction, or the same call under another fee.
 * @param onStep told when the chain has forgotten it
 * @throws WalletTrouble when a block holds it as failed, or something else took its place
 */
export async function included(
  chain: WalletChain,
  sent: SentTransaction & { readonly startBlock: number },
  what: string,
  onStep: (text: string) => void,
): Promise<Receipt> {
  for (;;) {
    const found = await chain.word(sent, undefined);
    const fate = judgeTransaction(sent, found.word);
    const receipt = fate.kind === "repriced" ? await chain.receipt(fate.hash) : found.receipt;
    if (receipt?.status === 1n) return receipt;
    if (receipt !== undefined)
      throw new WalletTrouble(
        "refused",
        `${what} failed on the chain (${fate.kind === "repriced" ? fate.hash : sent.hash}), and cost its fee and nothing else.`,
      );
    if (fate.kind === "cancelled")
      throw new WalletTrouble(
        "declined",
        `You cancelled it in your wallet, and another transaction took its place. ${what} did not happen; the money stays where it was.`,
      );
    if (fate.kind === "replaced")
      throw new WalletTrouble(
        "refused",
        `Your account used the transaction's number for something else. ${what} did not happen, and cannot any more; try again if you still want it.`,
      );
    if (fate.kind === "dropped")
      onStep("The chain has forgotten it so far. Send it again from your wallet's own list.");
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

/** Runs something that asks a wallet, and throws what went wrong as people read it. */
export async function troubled<T>(
  what: string,
  token: { readonly symbol: string; readonly decimals: number },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof WalletTrouble ? error : readWalletError(error, what, sentencesFor(token));
  }
}

async function approve({ wish, approve: call }: TransferPlan, chain: WalletChain): Promise<void> {
  const { token, account } = wish;
  underWay.value = "Confirm the approval in your wallet.";
  await troubled("The approval", token, async () => {
    const sent = await chain.send(call, account);
    underWay.value = "The approval waits for a block.";
    await included(chain, sent, "The approval", (said) => {
      underWay.value = said;
    });
  });
}

/** The transfer with a permit for just the amount, which is signed now. */
async function permitted({ from, to, token, amount, account, recipient }: TransferWish, chain: WalletChain) {
  const { token: at, bridge } = sideOf(token, from.name);
  underWay.value = "Sign the permit in your wallet. It costs no fee.";
  const permit = await troubled("The permit", token, () =>
    signPermit(chain, { token: at, owner: account, spender: bridge, amount }),
  );
  const there = interoperableAddress(to.chainId, recipient);
  const { deadline, v, r, s } = permit;
  const given = [there, amount, deadline, v, r, s] as const;
  const data = contracts.bridge.encodeFunctionData("crosschainTransferWithPermit", [...given]);
  return { to: bridge, data };
}

async function allowance(
  chain: WalletChain,
  { token, bridge }: TokenView["sides"][number],
  account: string,
): Promise<bigint> {
  const data = contracts.token.encodeFunctionData("allowance", [account, bridge]);
  return BigInt(await chain.call({ to: token, data }));
}

function afterApproval({ kind, message }: WalletTrouble, { token }: TransferWish): WalletTrouble {
  return new WalletTrouble(
    kind,
    `${message} Your ${token.symbol} are still in your wallet. The approval stays, for this amount only; you can go on from here whenever you like.`,
  );
}

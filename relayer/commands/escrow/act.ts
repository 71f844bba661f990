import { parseAmount } from "../../domain/amount.ts";
import { address, type Address } from "../../domain/ids.ts";
import type { PartyAction } from "../../escrow/adapters/calls.ts";
import { findToken } from "../../escrow/adapters/token.ts";
import { ActionKind, type EscrowId } from "../../escrow/core/types.ts";
import type { CommandContext } from "../context.ts";
import type { ActionName } from "./names.ts";
import { orZero } from "./options.ts";
import {
  type EscrowOptions,
  type FoundEscrow,
  openWallet,
  type WalletOptions,
  withChain,
  withEscrow,
} from "./session.ts";
import { describeEscrow, escrowJson } from "./view.ts";

/** What an action may carry, as the user wrote it. */
export type ActionText = { readonly amount?: string; readonly uri?: string };

/** The options of a command that acts on an escrow. */
export type ActOptions = EscrowOptions & WalletOptions;

/** The action that a user named, with its amount in the token's smallest unit. */
export function readAction(
  name: ActionName,
  { amount, uri = "" }: ActionText,
  found: FoundEscrow,
): PartyAction {
  const parse = (text: string) => parseAmount(text, found.held.decimals);
  const whole = (kind: ActionKind): PartyAction => ({ kind, amount: 0n, uri });
  const part = (kind: ActionKind, text: string): PartyAction => ({ kind, amount: parse(text), uri });
  switch (name) {
    case "deliver":
      return whole(ActionKind.Deliver);
    case "release":
      return amount === undefined ? whole(ActionKind.Release) : part(ActionKind.ReleasePartial, amount);
    case "refund":
      return amount === undefined ? whole(ActionKind.Refund) : part(ActionKind.RefundPartial, amount);
    case "dispute":
      return whole(ActionKind.Dispute);
    case "evidence":
      return whole(ActionKind.SubmitEvidence);
    case "publish":
      return whole(ActionKind.PublishAgreement);
    case "resolve":
      return { kind: ActionKind.Resolve, amount: orZero(amount ?? "", parse), uri };
  }
}

/** `dchat escrow deliver`, `release`, `refund`, `dispute`, `evidence`, `publish` and `resolve`. */
export async function act(
  name: ActionName,
  id: EscrowId,
  text: ActionText,
  options: ActOptions,
  context: CommandContext,
): Promise<void> {
  await withEscrow(context, id, options, async (found) => {
    const action = readAction(name, text, found);
    const wallet = openWallet(found, context, options);
    const call = found.calls.act(found.terms, action, describeAction(name, action, found));
    const receipt = await wallet.send(call, found.held.show);
    await reportAfter(found, receipt.hash, context);
  });
}

/** `dchat escrow expire`: carries out what time has decided. */
export async function expire(id: EscrowId, options: ActOptions, context: CommandContext): Promise<void> {
  await withEscrow(context, id, options, async (found) => {
    const wallet = openWallet(found, context, options);
    const call = found.calls.expire(found.terms, `expiring escrow ${id}`);
    const receipt = await wallet.send(call, found.held.show);
    await reportAfter(found, receipt.hash, context);
  });
}

/** The options of `dchat escrow claim`. */
export type ClaimOptions = WalletOptions & {
  readonly chain: string;
  readonly token: string;
  readonly to?: Address;
};

/** `dchat escrow claim`: collects what could not be paid. */
export async function claim(options: ClaimOptions, context: CommandContext): Promise<void> {
  await withChain(context, options.chain, async (side) => {
    const { address: token, show } = await findToken(context.network, side.chain, side.rpc, options.token);
    const wallet = openWallet(side, context, options);
    const to = options.to ?? address.parse(wallet.signer.address);
    const amount = await side.reader.claimable(token, wallet.signer.address);
    const what = `claiming ${show(amount)} for ${to}`;
    const { hash: transaction } = await wallet.send(side.calls.claim(token, to, what), show);
    context.output.result(
      { token, to, amount: amount.toString(), transaction },
      `claimed ${show(amount)} for ${to}\ntransaction ${transaction}`,
    );
  });
}

/** Tells where an escrow stands after a transaction. */
export async function reportAfter(
  found: FoundEscrow,
  transaction: string,
  { output }: CommandContext,
): Promise<void> {
  const after = { ...found, escrow: await found.reader.escrow(found.id) };
  const now = await found.now();
  output.result(
    { ...escrowJson(after, found.chain.name, found.held, now), transaction },
    `${describeEscrow(after, now)}\ntransaction ${transaction}`,
  );
}

/** What is under way, for people. */
export function describeAction(
  name: string,
  { kind, amount, uri }: PartyAction,
  { id, held }: FoundEscrow,
): string {
  const hasAmount =
    kind === ActionKind.ReleasePartial || kind === ActionKind.RefundPartial || kind === ActionKind.Resolve;
  const detail = hasAmount ? ` (${held.show(amount)})` : uri === "" ? "" : ` (${uri})`;
  return `${name} of escrow ${id}${detail}`;
}

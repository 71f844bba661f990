import { hexlify, randomBytes, toBigInt } from "ethers";
import { parseAmount } from "../../domain/amount.ts";
import { explain, FatalError, UsageError } from "../../domain/errors.ts";
import type { Address } from "../../domain/ids.ts";
import { explainTerms } from "../../escrow/adapters/refusals.ts";
import {
  approval,
  approve,
  findToken,
  requireBalance,
  signPermit,
  type Token,
} from "../../escrow/adapters/token.ts";
import type { EscrowWallet } from "../../escrow/adapters/wallet.ts";
import { escrowId, sortPayees, validateTerms, WHOLE } from "../../escrow/core/terms.ts";
import { type Payee, Silence, type Terms, ZERO_ADDRESS } from "../../escrow/core/types.ts";
import type { CommandContext } from "../context.ts";
import { digestAgreement, type MilestoneText, secondOf, type When } from "./options.ts";
import { type EscrowSide, openWallet, type WalletOptions, withChain } from "./session.ts";
import { describeEscrow, escrowJson } from "./view.ts";

/** How long the arbiter has after the last possible review, unless the user says otherwise. */
const ARBITER_SECONDS = 14n * 86_400n;

/** For how long a permit is good: long enough for a transaction to be included. */
const PERMIT_SECONDS = 3_600n;

/** The options of `dchat escrow create`. */
export type CreateOptions = WalletOptions & {
  readonly chain: string;
  readonly token: string;
  readonly amount: string;
  readonly seller?: Address;
  readonly payee?: readonly Payee[];
  readonly arbiter?: Address;
  readonly deliverBy?: When;
  /** Seconds. */
  readonly reviewFor: bigint;
  readonly arbiterBy?: When;
  readonly onSilence: "seller" | "buyer";
  /** Basis points. */
  readonly defaultSplit: bigint;
  /** Basis points. */
  readonly tip: bigint;
  readonly milestone?: readonly MilestoneText[];
  readonly agreement?: string;
  readonly salt?: bigint;
  readonly permit?: true;
};

/** `dchat escrow create`: locks an amount under terms, from the wallet as the buyer. */
export async function createEscrow(options: CreateOptions, context: CommandContext): Promise<void> {
  const { network, output } = context;
  await withChain(context, options.chain, async (side) => {
    const token = await findToken(network, side.chain, side.rpc, options.token);
    if (options.permit === true && token.address === ZERO_ADDRESS)
      throw new UsageError(
        "PERMIT",
        "The native currency needs no permit. Nothing was done; leave --permit out.",
      );
    const wallet = openWallet(side, context, options);
    const now = await side.now();
    const terms = readTerms(options, wallet.signer.address, token, now);
    const checked = validateTerms(terms, side.contract, now);
    if (!checked.ok) {
      const { code, text } = explainTerms(checked.error, token.show);
      throw new UsageError(code, `${text} Nothing was sent.`);
    }
    const receipt = await fund(side, wallet, terms, token, options);
    const id = escrowId(terms, side.deployment);
    const found = { ...side, id, terms, escrow: await side.reader.escrow(id), held: token };
    const after = await side.now();
    output.result(
      { ...escrowJson(found, side.chain.name, token, after), transaction: receipt.hash },
      `${describeEscrow(found, after)}\ntransaction ${receipt.hash}`,
    );
  });
}

function readTerms(options: CreateOptions, buyer: string, token: Token, now: bigint): Terms {
  const amount = parseAmount(options.amount, token.decimals);
  const milestones = (options.milestone ?? []).map((milestone) => ({
    amount: parseAmount(milestone.amount, token.decimals),
    deliverBy: secondOf(milestone.when, now),
  }));
  const deliverBy =
    options.deliverBy === undefined ? milestones.at(-1)?.deliverBy : secondOf(options.deliverBy, now);
  if (deliverBy === undefined)
    throw new UsageError(
      "DELIVER_BY",
      "No delivery date: name one with --deliver-by, or milestones with --milestone. Nothing was done.",
    );
  const lastReview = deliverBy + options.reviewFor;
  return {
    buyer,
    token: token.address,
    arbiter: options.arbiter ?? ZERO_ADDRESS,
    amount,
    rules: {
      deliverBy,
      reviewFor: options.reviewFor,
      arbiterBy:
        options.arbiterBy === undefined ? lastReview + ARBITER_SECONDS : secondOf(options.arbiterBy, now),
      defaultSplit: options.defaultSplit,
      tip: options.tip,
      onSilence: options.onSilence === "seller" ? Silence.PaysSeller : Silence.PaysBuyer,
      salt: options.salt ?? toBigInt(hexlify(randomBytes(12))),
    },
    metadata: digestAgreement(options.agreement),
    milestones,
    payees: readPayees(options),
  };
}

/** The seller, with what the other payees leave; without --seller the first payee is the seller. */
function readPayees({ seller, payee = [] }: CreateOptions): readonly Payee[] {
  if (seller === undefined) return sortPayees(payee);
  const others = payee.reduce((sum, { share }) => sum + share, 0n);
  if (others > WHOLE)
    throw new UsageError(
      "SHARES_SUM",
      `The payees' shares add up to ${others} basis points, which leaves the seller nothing of 10000. Nothing was done.`,
    );
  return sortPayees([{ account: seller, share: WHOLE - others }, ...payee]);
}

/** Creates the escrow with the funding that the user chose. */
async function fund(
  side: EscrowSide,
  wallet: EscrowWallet,
  terms: Terms,
  token: Token,
  { permit }: CreateOptions,
) {
  const { rpc, contract, calls } = side;
  const what = `locking ${token.show(terms.amount)} on ${side.chain.name}`;
  if (token.address === ZERO_ADDRESS) return wallet.send(calls.create(terms, what), token.show);
  await requireBalance(rpc, token, terms.buyer, terms.amount);
  if (permit === true) {
    const deadline = (await side.now()) + PERMIT_SECONDS;
    const signed = await signPermit(rpc, wallet.signer, token, contract, { value: terms.amount, deadline });
    return wallet.send(calls.createWithPermit(terms, signed, what), token.show);
  }
  const isApproved = await approve(rpc, wallet, token, contract, terms.amount);
  try {
    return await wallet.send(calls.create(terms, what), token.show);
  } catch (error) {
    if (!isApproved || !(error instanceof FatalError)) throw error;
    throw await withdrawn(error, side, wallet, token);
  }
}

/** Takes back the approval that was given for nothing. */
async function withdrawn(
  error: FatalError,
  { contract, rpc }: EscrowSide,
  wallet: EscrowWallet,
  token: Token,
): Promise<FatalError> {
  const fate = await wallet.send(approval(token, contract, 0n), token.show).then(
    () => "The approval that was given for it is withdrawn.",
    (cause: unknown) =>
      `The approval that was given for it stays on ${rpc.chain.name} and could not be withdrawn: ${explain(cause)}`,
  );
  return new FatalError(error.code, `${error.message} ${fate}`, error.details, error);
}

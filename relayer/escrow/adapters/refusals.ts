import type { BytesLike, Interface } from "ethers";
import { Escrow__factory } from "../../../types/ethers-contracts/factories/escrow/Escrow__factory.ts";
import { DemoToken__factory } from "../../../types/ethers-contracts/factories/mocks/DemoToken__factory.ts";
import type { EscrowError } from "../core/errors.ts";
import { stateName } from "../core/next.ts";
import type { State } from "../core/types.ts";

/** How to show an amount of the escrow's token, in its smallest unit, to people. */
export type ShowAmount = (amount: bigint) => string;

/** Why the contract says no: a code for programs, and a sentence for people: what happened, and what to do. */
export type Refusal = { readonly code: string; readonly text: string };

type Arguments = Readonly<Record<string, unknown>>;
type Sentence = (of: Reader) => string;

/** Reads the arguments of an error as people want to see them. */
class Reader {
  readonly #arguments: Arguments;
  readonly #show: ShowAmount;

  constructor(named: Arguments, show: ShowAmount) {
    this.#arguments = named;
    this.#show = show;
  }

  text(name: string): string {
    return String(this.#arguments[name]);
  }

  amount(name: string): string {
    return this.#show(BigInt(this.text(name)));
  }

  time(name: string): string {
    return showTime(BigInt(this.text(name)));
  }

  state(name: string): string {
    return stateName(Number(this.text(name)) as State);
  }
}

/** A time (Unix seconds) in ISO 8601, in UTC. */
export function showTime(seconds: bigint): string {
  const milliseconds = seconds * 1_000n;
  // The last second that a date can hold; what lies beyond is somebody's "for ever".
  if (milliseconds > 8_640_000_000_000_000n) return `second ${seconds}`;
  return new Date(Number(milliseconds)).toISOString().replace(".000Z", "Z");
}

const TERMS: Readonly<Record<string, Sentence>> = {
  MalformedTerms: () =>
    "The terms have more than 50 milestones or payees. Split the deal into several escrows.",
  AmountOutOfRange: (of) =>
    `The amount ${of.amount("actual")} is not within ${of.amount("min")} and ${of.amount("max")}. Name one that is.`,
  InvalidAccount: (of) =>
    `${of.text("account")} can neither pay nor be paid here: it is zero, the escrow contract or the token itself. Name another account.`,
  InvalidArbiter: (of) =>
    `${of.text("arbiter")} cannot be the arbiter: it is the buyer or the escrow contract. Name somebody who is no party.`,
  InvalidRules: () => "The buyer would have no time for a review. Give --review-for at least a second.",
  InvalidPayee: (of) =>
    `Payee ${of.text("index")} (${of.text("payee").slice(0, 42)}, 0 is the seller) cannot be one: it has no share, or is zero, the buyer, the arbiter, the token or the escrow contract. Correct it.`,
  NoPayee: () => "Nobody would be paid. Name the seller with --seller or --payee.",
  PayeesUnsorted: (of) =>
    `Payee ${of.text("index")} (${of.text("actual")}) stands twice or out of order. Name each payee once; after the seller they ascend by address.`,
  SharesSum: (of) =>
    `The payees' shares add up to ${of.text("actual")} basis points. Make them ${of.text("expected")}.`,
  ShareTooLarge: (of) =>
    `A share of ${of.text("actual")} basis points is too large. The most is ${of.text("max")}.`,
  DeadlineTooEarly: (of) =>
    `The deadline ${of.time("actual")} is too early: the first possible is ${of.time("earliest")}. A delivery must lie ahead, after the review of the milestone before it, and the arbiter's deadline after the last review.`,
  DeadlineTooLate: (of) =>
    `The deadline ${of.time("actual")} is too late: the last possible is ${of.time("latest")}. Choose an earlier one.`,
  MilestonesSum: (of) =>
    `The milestones add up to ${of.amount("actual")}, but the amount is ${of.amount("expected")}. Make them equal.`,
  LastMilestone: (of) =>
    `The last milestone is due ${of.time("actual")}, but --deliver-by says ${of.time("expected")}. Make them equal, or leave --deliver-by out.`,
  AlreadyExists: (of) =>
    `These very terms are used already: escrow ${of.text("id")} is ${of.state("actual")}. Look at it with "dchat escrow show"; for another one with equal terms, choose another --salt.`,
};

const STATES: Readonly<Record<string, Sentence>> = {
  NotOpen: (of) =>
    of.state("actual") === "None"
      ? `There is no escrow ${of.text("id")} in this contract. Check the id and the chain.`
      : `Escrow ${of.text("id")} is closed: ${of.state("actual")}. Everything in it has been paid out; see "dchat escrow show".`,
  WrongState: (of) =>
    `The escrow is ${of.state("actual")}, and this needs ${of.state("expected")}. See with "dchat escrow show" what can be done now.`,
  WindowClosed: (of) =>
    `It is too late: the time ended ${of.time("deadline")}, and the chain's clock says ${of.time("actual")}. What time has decided, anybody can carry out with "dchat escrow expire"; buyer and seller can still release or refund.`,
  NotDue: (of) =>
    `Time has not decided yet: it does ${of.time("dueAt")}, and the chain's clock says ${of.time("actual")}. Try again then, or leave it to the keeper.`,
};

const AUTHORITY: Readonly<Record<string, Sentence>> = {
  Unauthorized: (of) =>
    `Only ${of.text("expected")} may do this, and not ${of.text("actual")}. Use that account's key (--key-file), or let it sign with "dchat escrow sign".`,
  NotParty: (of) =>
    `${of.text("actual")} is neither the buyer (${of.text("buyer")}) nor the seller (${of.text("seller")}), and only they may do this. Use the key of one of them (--key-file).`,
  SequenceMismatch: (of) =>
    `The signed action is used up or outdated: it carries sequence ${of.text("actual")}, and the escrow is at ${of.text("expected")}. Whoever signed it has acted since; ask for a new signature.`,
  SignatureExpired: (of) =>
    `The signature was good until ${of.time("deadline")}, and the chain's clock says ${of.time("actual")}. Ask for a new one.`,
  InvalidSignature: (of) =>
    `The signature is not one of ${of.text("account")} over this action, chain and contract. Ask for it again, and send it unchanged.`,
  InvalidAccountNonce: (of) =>
    `${of.text("account")} has signed something else since: its nonce is ${of.text("currentNonce")}. Ask for a new signature.`,
  KeyNotAuthorized: (of) =>
    `${of.text("account")} lets no key ${of.text("key")} sign for it now. Let the account sign itself, or authorise the key first.`,
};

const MONEY: Readonly<Record<string, Sentence>> = {
  WrongValue: (of) =>
    `${of.text("actual")} wei were sent along, and the operation takes ${of.text("expected")}. Send exactly that.`,
  WrongReceived: (of) =>
    `The token ${of.text("token")} handed over ${of.amount("actual")} instead of ${of.amount("expected")}: it takes a fee or pretends, and cannot be held in escrow. Use another token.`,
  TokenWithoutCode: (of) =>
    `There is no contract at ${of.text("token")}, so it is no token. Check the address and the chain.`,
  InsufficientGas: (of) =>
    `The payments need ${of.text("required")} gas, and ${of.text("actual")} would be left for them. Send it with a higher gas limit.`,
  NothingToClaim: (of) =>
    `${of.text("account")} has nothing to claim in this token: every payment to it has arrived. Check --token, --chain and --key-file.`,
  ClaimFailed: (of) =>
    `${of.amount("amount")} could not be paid to ${of.text("to")}: it, or the token, refuses. The credit stays; name another account with --to.`,
  ReentrancyGuardReentrantCall: () =>
    "A token or an account that is paid calls the contract back in the middle of an operation, which is refused. Ask whoever runs it.",
  BatchTooLarge: (of) =>
    `${of.text("actual")} escrows are too many for one batch. The most is ${of.text("max")}.`,
  SafeERC20FailedOperation: (of) =>
    `The token ${of.text("token")} refuses the transfer. Check that the buyer has enough of it and that it is not paused or blocked.`,
  ERC20InsufficientBalance: (of) =>
    `${of.text("sender")} has ${of.amount("balance")}, which is less than ${of.amount("needed")}. Get some more, or choose a smaller amount.`,
  ERC20InsufficientAllowance: (of) =>
    `The escrow contract may take ${of.amount("allowance")}, which is less than ${of.amount("needed")}. Approve more, or use --permit.`,
};

const SENTENCES: Readonly<Record<string, Sentence>> = { ...TERMS, ...STATES, ...AUTHORITY, ...MONEY };

const interfaces: readonly Interface[] = [
  Escrow__factory.createInterface(),
  DemoToken__factory.createInterface(),
];

/** What a revert of the contract, or of a token under it, means. */
export function explainRevert(data: BytesLike | null, show: ShowAmount): Refusal {
  for (const contract of interfaces) {
    const error = data === null ? null : contract.parseError(data);
    if (error !== null) return explainError(error.name, error.args.toObject(), show);
  }
  const reason = data === null || data === "0x" ? "without a reason" : `with ${String(data)}`;
  return {
    code: "REVERTED",
    text: `The contract, or the token, refuses it ${reason}. See with "dchat escrow show" where the escrow stands, and whether the token is sound.`,
  };
}

/** What the contract would say to terms that cannot be created. */
export function explainTerms({ code, ...named }: EscrowError, show: ShowAmount): Refusal {
  return explainError(code, named, show);
}

function explainError(name: string, named: Arguments, show: ShowAmount): Refusal {
  const sentence = SENTENCES[name];
  const code = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();
  const values = Object.entries(named).map(([key, value]) => `${key} ${String(value)}`);
  return {
    code,
    text: sentence?.(new Reader(named, show)) ?? `The contract refuses it: ${name} (${values.join(", ")}).`,
  };
}

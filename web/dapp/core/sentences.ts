import type { ErrorDescription } from "ethers";
import { stateName } from "../../../relayer/escrow/core/next.ts";
import type { State } from "../../../relayer/escrow/core/types.ts";
import { TokenBridge__factory } from "../../../types/ethers-contracts/factories/bridge/TokenBridge__factory.ts";
import { Escrow__factory } from "../../../types/ethers-contracts/factories/escrow/Escrow__factory.ts";
import { DemoToken__factory } from "../../../types/ethers-contracts/factories/mocks/DemoToken__factory.ts";
import { showAmount, showMoment, shorten } from "../../shared/core/format.ts";
import type { Sentences } from "./wallet-error.ts";

/** The contracts that this page calls, as interfaces alone. */
export const contracts = {
  token: DemoToken__factory.createInterface(),
  bridge: TokenBridge__factory.createInterface(),
  escrow: Escrow__factory.createInterface(),
} as const;

/** Which token amounts in errors are of. */
export type TokenWords = { readonly symbol: string; readonly decimals: number };

type Reader = {
  readonly amount: (name: string) => string;
  readonly moment: (name: string) => string;
  readonly account: (name: string) => string;
  readonly state: (name: string) => string;
};

const SENTENCES: Readonly<Record<string, (of: Reader) => string>> = {
  // tokens
  ERC20InsufficientBalance: (of) =>
    `The account has ${of.amount("balance")}, and ${of.amount("needed")} are needed.`,
  ERC20InsufficientAllowance: (of) =>
    `The contract may take ${of.amount("allowance")}, and ${of.amount("needed")} are needed: approve them first.`,
  ERC2612ExpiredSignature: () => "The signed permit has expired. Sign a new one.",
  ERC2612InvalidSigner: () => "The permit was signed by another account.",
  // the bridge
  LimitExceeded: () =>
    "The limit of what may cross now is used up. Try again when it has refilled, or send less.",
  AboveCapacity: () => "It is more than may ever cross at once. Send it in parts.",
  ZeroAmount: () => "The amount is too small to cross.",
  Paused: (of) => `The bridge is paused until ${of.moment("until")}; the pause ends by itself.`,
  InvalidTokenRecipient: () => "The recipient cannot be paid there. Check the address.",
  // the escrow's terms
  DeadlineTooEarly: (of) => `A deadline is too early: the first possible is ${of.moment("earliest")}.`,
  DeadlineTooLate: (of) => `A deadline is too late: the last possible is ${of.moment("latest")}.`,
  AmountOutOfRange: (of) => `The amount must be within ${of.amount("min")} and ${of.amount("max")}.`,
  MilestonesSum: (of) =>
    `The milestones add up to ${of.amount("actual")}, and the amount is ${of.amount("expected")}.`,
  LastMilestone: () => "The last milestone must be due when the whole delivery is.",
  SharesSum: () => "The payees' shares must add up to 100 %.",
  ShareTooLarge: () => "A share is larger than is allowed.",
  NoPayee: () => "Name who is paid.",
  InvalidPayee: () =>
    "A payee cannot be one: it has no share, or is the buyer, the arbiter, the token or the escrow contract.",
  PayeesUnsorted: () => "A payee stands there twice.",
  InvalidArbiter: () => "The arbiter must be somebody else than the buyer.",
  InvalidAccount: () => "An account is one that cannot be paid here.",
  InvalidRules: () => "The buyer needs at least a second to look at the delivery.",
  MalformedTerms: () => "There are more than 50 milestones or payees.",
  AlreadyExists: () => "An escrow with these very terms exists already.",
  // the escrow's states
  NotOpen: (of) => `The escrow is ${of.state("actual")}, so there is nothing left in it.`,
  WrongState: (of) => `The escrow is ${of.state("actual")} now: somebody was faster.`,
  WindowClosed: (of) =>
    `It is too late: the time ended ${of.moment("deadline")}. What time has decided, anybody can carry out.`,
  NotDue: (of) => `Time decides ${of.moment("dueAt")}, and not before.`,
  Unauthorized: (of) => `Only ${of.account("expected")} may do this. Choose that account in your wallet.`,
  NotParty: () => "Only the buyer and the seller may do this. Choose one of their accounts in your wallet.",
  NothingToClaim: () => "There is nothing to claim: every payment has arrived.",
  ClaimFailed: () => "The account, or the token, refuses the payment. The credit stays.",
  WrongReceived: () =>
    "The token hands over another amount than it was asked for, and cannot be held in escrow.",
  TokenWithoutCode: () => "There is no token at this address on this chain.",
  SafeERC20FailedOperation: () => "The token refuses the transfer.",
};

/** How refusals of the contracts are told, with amounts in one token. */
export function sentencesFor({ symbol, decimals }: TokenWords): Sentences {
  return {
    interfaces: [contracts.bridge, contracts.token, contracts.escrow],
    tell: (error) => SENTENCES[error.name]?.(reader(error, { symbol, decimals })),
  };
}

/** What the contract would say to terms, by the name and the values of its error. */
export function tellTermsError(
  name: string,
  values: Readonly<Record<string, unknown>>,
  { symbol, decimals }: TokenWords,
): string {
  const of = readerOf((key) => values[key], { symbol, decimals });
  return SENTENCES[name]?.(of) ?? `The contract would refuse these terms: ${name}.`;
}

function reader(error: ErrorDescription, token: TokenWords): Reader {
  return readerOf((name) => error.args.getValue(name) as unknown, token);
}

function readerOf(value: (name: string) => unknown, { symbol, decimals }: TokenWords): Reader {
  const whole = (name: string) => BigInt(String(value(name)));
  return {
    amount: (name) => showAmount(whole(name), decimals, symbol),
    moment: (name) => showMoment(whole(name)),
    account: (name) => shorten(String(value(name))),
    state: (name) => stateName(Number(whole(name)) as State),
  };
}

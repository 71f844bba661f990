import type { ErrorDescription, Interface } from "ethers";
import { stateName } from "../../../relayer/escrow/core/next.ts";
import type { State } from "../../../relayer/escrow/core/types.ts";
import { LockingTokenBridge__factory } from "../../../types/ethers-contracts/factories/bridge/LockingTokenBridge__factory.ts";
import { IInbox__factory } from "../../../types/ethers-contracts/factories/bridge/interfaces/IInbox__factory.ts";
import { Escrow__factory } from "../../../types/ethers-contracts/factories/escrow/Escrow__factory.ts";
import { DemoToken__factory } from "../../../types/ethers-contracts/factories/mocks/DemoToken__factory.ts";
import { showAmount, showMoment, shorten } from "../../shared/core/format.ts";
import type { Sentences } from "./wallet-error.ts";

/** The contracts that this page calls, as interfaces alone. */
export const contracts = {
  token: DemoToken__factory.createInterface(),
  /** Of the side that locks, which has all that the other has. */
  bridge: LockingTokenBridge__factory.createInterface(),
  inbox: IInbox__factory.createInterface(),
  escrow: Escrow__factory.createInterface(),
} as const;

/** Which token amounts in errors are of. */
export type TokenWords = { readonly symbol: string; readonly decimals: number };

/** How many characters of what a contract says are shown. */
const MOST_TEXT = 120;

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
  NotRetryable: () => "It was executed already, or has not arrived: there is nothing to try again.",
  NotReleasable: (of) => `It is paid from ${of.moment("releaseAt")} on, and not before.`,
  NotPending: () => "It was paid already, or was struck out or sent back by governance.",
  InsufficientGas: () => "The transaction has too little gas for it. Give it more.",
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
  SequenceMismatch: () =>
    "What was signed is used up, or was taken back: whoever signed it has acted on the escrow since. Ask for a new signature.",
  SignatureExpired: (of) => `The signature was good until ${of.moment("deadline")}. Ask for a new one.`,
  InvalidSignature: (of) =>
    `The signature is not one of ${of.account("account")} over this action. Ask for it again, unchanged.`,
  KeyNotAuthorized: (of) => `${of.account("account")} lets this key sign for it no longer.`,
  NothingToClaim: () => "There is nothing to claim: every payment has arrived.",
  ClaimFailed: () => "The account, or the token, refuses the payment. The credit stays.",
  WrongReceived: () =>
    "The token hands over another amount than it was asked for, and cannot be held in escrow.",
  TokenWithoutCode: () => "There is no token at this address on this chain.",
  SafeERC20FailedOperation: () => "The token refuses the transfer.",
};

/** How refusals of the contracts are told, with amounts in one token. */
export function sentencesFor({ symbol, decimals }: TokenWords): Sentences {
  const sentences: Sentences = {
    interfaces: [contracts.bridge, contracts.token, contracts.escrow, contracts.inbox],
    tell: (error) => {
      if (error.name === "RetryFailed") return tellReason(String(error.args.getValue("reason")), sentences);
      // What a contract says in words of its own.
      if (error.name === "Error") return `It says: “${String(error.args.at(0)).slice(0, MOST_TEXT)}”.`;
      return SENTENCES[error.name]?.(reader(error, { symbol, decimals }));
    },
  };
  return sentences;
}

/** Why the recipient of a message refused it. @param reason the first bytes of what it reverted with */
export function tellReason(reason: string, { interfaces, tell }: Sentences): string {
  for (const contract of interfaces) {
    const error = reason === "0x" ? null : parsed(contract, reason);
    if (error !== null) return tell(error) ?? `The recipient says ${error.name}.`;
  }
  return "The recipient does not say why.";
}

/** Only the first bytes of a reason are kept, so that its end may be missing. */
function parsed(contract: Interface, reason: string): ErrorDescription | null {
  try {
    return contract.parseError(reason);
  } catch {
    return null;
  }
}

/** Why the escrow contract would refuse something, by the name and the values of its error. */
export function tellRefusal(
  name: string,
  values: Readonly<Record<string, unknown>>,
  { symbol, decimals }: TokenWords,
): string {
  const of = readerOf((key) => values[key], { symbol, decimals });
  return SENTENCES[name]?.(of) ?? `The contract would refuse it: ${name}.`;
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

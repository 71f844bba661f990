import { AbiCoder, keccak256 } from "ethers";
import { accept, refuse, type EscrowError, type Result } from "./errors.ts";
import {
  type Deployment,
  type EscrowId,
  type Hex,
  type Terms,
  ZERO_ADDRESS,
  sameAddress,
  sellerOf,
} from "./types.ts";
import { packMilestone, packPayee, packRules } from "./words.ts";

/** Basis points in a whole. */
export const WHOLE = 10_000n;
export const MAX_PAYEES = 50;
export const MAX_MILESTONES = 50;
/** Basis points. */
export const MAX_TIP = 500n;
/** Seconds from creation to the arbiter's deadline: ten years. */
export const MAX_HORIZON = 3650n * 86_400n;

const MAX_AMOUNT = (1n << 128n) - 1n;

export const TERMS_TYPE =
  "tuple(address buyer,address token,address arbiter,uint128 amount,uint256 rules,bytes32 metadata,uint256[] milestones,bytes32[] payees)";

/** The terms as the contract's functions take them. */
export interface PackedTerms {
  readonly buyer: Hex;
  readonly token: Hex;
  readonly arbiter: Hex;
  readonly amount: bigint;
  readonly rules: bigint;
  readonly metadata: Hex;
  readonly milestones: bigint[];
  readonly payees: Hex[];
}

export function packTerms(terms: Terms): PackedTerms {
  const { buyer, token, arbiter, amount, metadata } = terms;
  return {
    buyer,
    token,
    arbiter,
    amount,
    rules: packRules(terms.rules),
    metadata,
    milestones: terms.milestones.map(packMilestone),
    payees: terms.payees.map(packPayee),
  };
}

/** The id of an escrow with these terms, on this chain, in this contract. */
export function escrowId(terms: Terms, { chainId, escrow }: Deployment): EscrowId {
  const encoded = AbiCoder.defaultAbiCoder().encode(
    ["uint256", "address", TERMS_TYPE],
    [chainId, escrow, packTerms(terms)],
  );
  return keccak256(encoded) as EscrowId;
}

/** Payees in the order that the contract wants: the seller, then the others by address. */
export function sortPayees(payees: Terms["payees"]): Terms["payees"] {
  const [seller, ...others] = payees;
  if (seller === undefined) return [];
  return [seller, ...others.toSorted((a, b) => (BigInt(a.account) < BigInt(b.account) ? -1 : 1))];
}

/** Why these terms cannot be created at `now`, or the terms. The checks stand in the contract's order. */
export function validateTerms(terms: Terms, escrow: Hex, now: bigint): Result<Terms> {
  if (terms.milestones.length > MAX_MILESTONES || terms.payees.length > MAX_PAYEES)
    return refuse({ code: "MalformedTerms" });
  if (terms.amount <= 0n || terms.amount > MAX_AMOUNT)
    return refuse({ code: "AmountOutOfRange", actual: terms.amount, min: 1n, max: MAX_AMOUNT });
  const error =
    checkBuyer(terms, escrow) ??
    checkArbiter(terms, escrow) ??
    checkRules(terms, now) ??
    checkMilestones(terms, now) ??
    checkPayees(terms, escrow);
  return error === undefined ? accept(terms) : refuse(error);
}

function checkBuyer({ buyer, token }: Terms, escrow: Hex): EscrowError | undefined {
  const forbidden = [ZERO_ADDRESS, escrow, token] as const;
  return forbidden.some((other) => sameAddress(buyer, other))
    ? { code: "InvalidAccount", account: buyer }
    : undefined;
}

function checkArbiter({ arbiter, buyer }: Terms, escrow: Hex): EscrowError | undefined {
  const forbidden = [buyer, escrow];
  return forbidden.some((other) => sameAddress(arbiter, other))
    ? { code: "InvalidArbiter", arbiter }
    : undefined;
}

function checkRules({ rules }: Terms, now: bigint): EscrowError | undefined {
  if (rules.reviewFor === 0n) return { code: "InvalidRules", rules: packRules(rules) };
  if (rules.deliverBy <= now)
    return { code: "DeadlineTooEarly", actual: rules.deliverBy, earliest: now + 1n };
  const lastReview = rules.deliverBy + rules.reviewFor;
  if (rules.arbiterBy <= lastReview)
    return { code: "DeadlineTooEarly", actual: rules.arbiterBy, earliest: lastReview + 1n };
  if (rules.arbiterBy > now + MAX_HORIZON)
    return { code: "DeadlineTooLate", actual: rules.arbiterBy, latest: now + MAX_HORIZON };
  if (rules.defaultSplit > WHOLE) return { code: "ShareTooLarge", actual: rules.defaultSplit, max: WHOLE };
  if (rules.tip > MAX_TIP) return { code: "ShareTooLarge", actual: rules.tip, max: MAX_TIP };
  return undefined;
}

function checkMilestones({ milestones, amount, rules }: Terms, now: bigint): EscrowError | undefined {
  const last = milestones.at(-1);
  if (last === undefined) return undefined;
  let earliest = now + 1n;
  let sum = 0n;
  for (const milestone of milestones) {
    if (milestone.deliverBy < earliest)
      return { code: "DeadlineTooEarly", actual: milestone.deliverBy, earliest };
    if (milestone.amount === 0n) return { code: "AmountOutOfRange", actual: 0n, min: 1n, max: amount };
    sum += milestone.amount;
    earliest = milestone.deliverBy + rules.reviewFor + 1n;
  }
  if (sum !== amount) return { code: "MilestonesSum", actual: sum, expected: amount };
  if (last.deliverBy !== rules.deliverBy)
    return { code: "LastMilestone", actual: last.deliverBy, expected: rules.deliverBy };
  return undefined;
}

function checkPayees(terms: Terms, escrow: Hex): EscrowError | undefined {
  if (terms.payees.length === 0) return { code: "NoPayee" };
  let previous: Hex = ZERO_ADDRESS;
  for (const [i, payee] of terms.payees.entries()) {
    const index = BigInt(i);
    const { account, share } = payee;
    const forbidden = [ZERO_ADDRESS, escrow, terms.token, terms.buyer, terms.arbiter] as const;
    if (share === 0n || forbidden.some((other) => sameAddress(account, other)))
      return { code: "InvalidPayee", index, payee: packPayee(payee) };
    if (i === 0) continue;
    if (BigInt(account) <= BigInt(previous) || sameAddress(account, sellerOf(terms)))
      return { code: "PayeesUnsorted", index, actual: account, previous };
    previous = account;
  }
  const sum = terms.payees.reduce((total, { share }) => total + share, 0n);
  return sum === WHOLE ? undefined : { code: "SharesSum", actual: sum, expected: WHOLE };
}

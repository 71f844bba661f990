/**
 * The words of the escrow: what contracts/escrow/EscrowTypes.sol says in Solidity.
 * Times are Unix seconds, amounts are in the token's smallest unit, shares are basis points; all of them are bigint.
 */

/** 0x and hexadecimal digits, in either case: an address, a digest, a word. */
export type Hex = string;

declare const escrowIdBrand: unique symbol;
/** keccak256 of chain id, escrow contract and terms. */
export type EscrowId = Hex & { readonly [escrowIdBrand]: true };

/** The native currency's stand-in for a token, and the arbiter that is nobody. */
export const ZERO_ADDRESS = "0x0000000000000000000000000000000000000000";

/** Where an escrow stands. The numbers are the contract's. */
export const State = {
  None: 0,
  Locked: 1,
  AwaitingRelease: 2,
  Disputed: 3,
  Released: 4,
  Refunded: 5,
  Expired: 6,
} as const;
export type State = (typeof State)[keyof typeof State];

/** Who is paid when the review ends in silence. */
export const Silence = { PaysSeller: 0, PaysBuyer: 1 } as const;
export type Silence = (typeof Silence)[keyof typeof Silence];

/** What a signed action does. The numbers are the contract's. */
export const ActionKind = {
  Deliver: 0,
  Release: 1,
  ReleasePartial: 2,
  Refund: 3,
  RefundPartial: 4,
  Dispute: 5,
  SubmitEvidence: 6,
  PublishAgreement: 7,
  Resolve: 8,
} as const;
export type ActionKind = (typeof ActionKind)[keyof typeof ActionKind];

export interface Rules {
  /** Undelivered from this second on. */
  readonly deliverBy: bigint;
  /** Seconds that the buyer has to look at a delivery. */
  readonly reviewFor: bigint;
  /** The arbiter is silent from this second on. */
  readonly arbiterBy: bigint;
  /** The payees' share when the arbiter is silent. */
  readonly defaultSplit: bigint;
  /** Share of what a time-out pays that goes to whoever pushes it. */
  readonly tip: bigint;
  readonly onSilence: Silence;
  /** Sets apart escrows with otherwise equal terms; below 2^96. */
  readonly salt: bigint;
}

export interface Milestone {
  readonly amount: bigint;
  readonly deliverBy: bigint;
}

export interface Payee {
  readonly account: Hex;
  readonly share: bigint;
}

export interface Terms {
  readonly buyer: Hex;
  readonly token: Hex;
  readonly arbiter: Hex;
  readonly amount: bigint;
  readonly rules: Rules;
  readonly metadata: Hex;
  readonly milestones: readonly Milestone[];
  /** The first is the seller; the last takes the dust. */
  readonly payees: readonly Payee[];
}

/** An escrow's slot, unpacked. */
export interface Escrow {
  readonly state: State;
  readonly milestone: bigint;
  /** When the state began. */
  readonly since: bigint;
  readonly buyerSequence: bigint;
  readonly sellerSequence: bigint;
  readonly remaining: bigint;
}

export interface Payment {
  readonly to: Hex;
  readonly amount: bigint;
}

/** Where a contract lives: what ids and digests are bound to. */
export interface Deployment {
  readonly chainId: bigint;
  readonly escrow: Hex;
}

/** Addresses are equal whatever their checksum's case. */
export function sameAddress(a: Hex, b: Hex): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The first payee, which acts for all of them. */
export function sellerOf(terms: Terms): Hex {
  const [seller] = terms.payees;
  if (seller === undefined) throw new RangeError("terms without payees have no seller");
  return seller.account;
}

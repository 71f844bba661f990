import { TypedDataEncoder, type TypedDataDomain, type TypedDataField } from "ethers";
import { ActionKind, type Deployment, type EscrowId, type Hex, type Terms, sellerOf } from "./types.ts";

/** What can be signed, as EIP-712 typed data: ActionLib.sol and EscrowKeys.sol. */

export interface TypedData {
  readonly domain: TypedDataDomain;
  readonly types: Record<string, TypedDataField[]>;
  readonly message: Readonly<Record<string, string | bigint>>;
}

/** An action for a party to sign. Amount and URI are there for the kinds that have them. */
export interface SignableAction {
  readonly kind: ActionKind;
  readonly id: EscrowId;
  readonly amount?: bigint;
  readonly uri?: string;
  /** The party's sequence in the slot; zero for the arbiter. */
  readonly sequence: bigint;
  /** Last Unix second at which the signature is good. */
  readonly deadline: bigint;
}

const ID = { name: "id", type: "bytes32" };
const AMOUNT = { name: "amount", type: "uint256" };
const URI = { name: "uri", type: "string" };
const SEQUENCE = { name: "sequence", type: "uint256" };
const DEADLINE = { name: "deadline", type: "uint256" };

const PLAIN = [ID, SEQUENCE, DEADLINE];
const WITH_AMOUNT = [ID, AMOUNT, SEQUENCE, DEADLINE];
const WITH_URI = [ID, URI, SEQUENCE, DEADLINE];

const ACTION_TYPES: Readonly<Record<ActionKind, readonly [string, TypedDataField[]]>> = {
  [ActionKind.Deliver]: ["Deliver", PLAIN],
  [ActionKind.Release]: ["Release", PLAIN],
  [ActionKind.ReleasePartial]: ["ReleasePartial", WITH_AMOUNT],
  [ActionKind.Refund]: ["Refund", PLAIN],
  [ActionKind.RefundPartial]: ["RefundPartial", WITH_AMOUNT],
  [ActionKind.Dispute]: ["Dispute", WITH_URI],
  [ActionKind.SubmitEvidence]: ["SubmitEvidence", WITH_URI],
  [ActionKind.PublishAgreement]: ["PublishAgreement", WITH_URI],
  [ActionKind.Resolve]: ["Resolve", WITH_AMOUNT],
};

export function domainOf({ chainId, escrow }: Deployment): TypedDataDomain {
  return { name: "dchat Escrow", version: "1", chainId, verifyingContract: escrow };
}

export function actionTypedData(action: SignableAction, deployment: Deployment): TypedData {
  const [name, fields] = ACTION_TYPES[action.kind];
  const { id, sequence, deadline, amount = 0n, uri = "" } = action;
  const values: Record<string, string | bigint> = { id, sequence, deadline, amount, uri };
  const message = Object.fromEntries(fields.map((field) => [field.name, values[field.name] ?? ""]));
  return { domain: domainOf(deployment), types: { [name]: fields }, message };
}

/** A buyer's consent to an escrow that somebody else sends. */
export function createTypedData(
  terms: Terms,
  id: EscrowId,
  deadline: bigint,
  deployment: Deployment,
): TypedData {
  const types = {
    Create: [ID, { name: "seller", type: "address" }, { name: "token", type: "address" }, AMOUNT, DEADLINE],
  };
  const message = { id, seller: sellerOf(terms), token: terms.token, amount: terms.amount, deadline };
  return { domain: domainOf(deployment), types, message };
}

export interface SignableClaim {
  readonly account: Hex;
  readonly token: Hex;
  readonly to: Hex;
  /** The account's nonce in the contract. */
  readonly nonce: bigint;
  readonly deadline: bigint;
}

export function claimTypedData(claim: SignableClaim, deployment: Deployment): TypedData {
  const types = {
    Claim: [
      { name: "account", type: "address" },
      { name: "token", type: "address" },
      { name: "to", type: "address" },
      { name: "nonce", type: "uint256" },
      DEADLINE,
    ],
  };
  return { domain: domainOf(deployment), types, message: { ...claim } };
}

export interface SignableKey {
  readonly account: Hex;
  /** ERC-7913: verifier and key. */
  readonly signer: Hex;
  /** Last Unix second at which the key may sign; zero revokes. */
  readonly validUntil: bigint;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

export function keyTypedData(key: SignableKey, deployment: Deployment): TypedData {
  const types = {
    AuthorizeKey: [
      { name: "account", type: "address" },
      { name: "signer", type: "bytes" },
      { name: "validUntil", type: "uint256" },
      { name: "nonce", type: "uint256" },
      DEADLINE,
    ],
  };
  return { domain: domainOf(deployment), types, message: { ...key } };
}

/** The 32 bytes that are signed. */
export function digestOf({ domain, types, message }: TypedData): Hex {
  return TypedDataEncoder.hash(domain, types, message);
}

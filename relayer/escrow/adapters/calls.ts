import { Escrow__factory } from "../../../types/ethers-contracts/factories/escrow/Escrow__factory.ts";
import type { Address } from "../../domain/ids.ts";
import { packTerms } from "../core/terms.ts";
import { ActionKind, type Hex, type Terms, ZERO_ADDRESS, sameAddress } from "../core/types.ts";
import type { WalletCall } from "./wallet.ts";

const contractInterface = Escrow__factory.createInterface();

/** What a party, or the arbiter, does with an escrow. Amount and URI are there for the kinds that have them. */
export type PartyAction = { readonly kind: ActionKind; readonly amount: bigint; readonly uri: string };

/** A signed action as the contract takes it. */
export type SignedAction = {
  readonly action: PartyAction & { readonly account: Hex; readonly sequence: bigint };
  readonly authorization: { readonly deadline: bigint; readonly signer: Hex; readonly signature: Hex };
};

/** An ERC-2612 permit. */
export type Permit = {
  readonly value: bigint;
  readonly deadline: bigint;
  readonly v: number;
  readonly r: Hex;
  readonly s: Hex;
};

/** The calls of one escrow contract; `what` is their name before people. */
export class EscrowCalls {
  readonly #contract: Address;

  constructor(contract: Address) {
    this.#contract = contract;
  }

  create(terms: Terms, what: string): WalletCall {
    const value = sameAddress(terms.token, ZERO_ADDRESS) ? terms.amount : 0n;
    return this.#call(contractInterface.encodeFunctionData("create", [packTerms(terms)]), what, value);
  }

  createWithPermit(terms: Terms, permit: Permit, what: string): WalletCall {
    return this.#call(
      contractInterface.encodeFunctionData("createWithPermit", [packTerms(terms), permit]),
      what,
    );
  }

  act(terms: Terms, action: PartyAction, what: string): WalletCall {
    return this.#call(encodeAction(terms, action), what);
  }

  execute(terms: Terms, { action, authorization }: SignedAction, what: string): WalletCall {
    return this.#call(
      contractInterface.encodeFunctionData("execute", [packTerms(terms), action, authorization]),
      what,
    );
  }

  expire(terms: Terms, what: string): WalletCall {
    return this.#call(contractInterface.encodeFunctionData("expire", [packTerms(terms)]), what);
  }

  claim(token: Address, to: Address, what: string): WalletCall {
    return this.#call(contractInterface.encodeFunctionData("claim", [token, to]), what);
  }

  #call(data: string, what: string, value = 0n): WalletCall {
    return { to: this.#contract, data, value, what };
  }
}

function encodeAction(terms: Terms, { kind, amount, uri }: PartyAction): string {
  const packed = packTerms(terms);
  switch (kind) {
    case ActionKind.Deliver:
      return contractInterface.encodeFunctionData("deliver", [packed]);
    case ActionKind.Release:
      return contractInterface.encodeFunctionData("release", [packed]);
    case ActionKind.ReleasePartial:
      return contractInterface.encodeFunctionData("releasePartial", [packed, amount]);
    case ActionKind.Refund:
      return contractInterface.encodeFunctionData("refund", [packed]);
    case ActionKind.RefundPartial:
      return contractInterface.encodeFunctionData("refundPartial", [packed, amount]);
    case ActionKind.Dispute:
      return contractInterface.encodeFunctionData("fileDisputeWithEvidence", [packed, uri]);
    case ActionKind.SubmitEvidence:
      return contractInterface.encodeFunctionData("submitEvidence", [packed, uri]);
    case ActionKind.PublishAgreement:
      return contractInterface.encodeFunctionData("publishAgreement", [packed, uri]);
    case ActionKind.Resolve:
      return contractInterface.encodeFunctionData("resolve", [packed, amount]);
  }
}

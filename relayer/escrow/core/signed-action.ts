import { z } from "zod";
import { address, bytes, chainId, hash, integer } from "../../domain/ids.ts";
import { ActionKind, type Hex, sameAddress, sellerOf, type Terms } from "./types.ts";

/** A signed action as it is handed on: `dchat escrow sign` and the wallet page write it, `dchat escrow execute` and the page read it. */

const kindNames = Object.keys(ActionKind) as [keyof typeof ActionKind, ...(keyof typeof ActionKind)[]];

/** The most characters of a URI in a signed action. */
const MOST_URI = 10_000;

/** As JSON: amounts, sequence and deadline as decimal strings. Whoever has it can send it while it is good. */
export const signedAction = z.strictObject({
  chainId,
  /** The escrow contract. */
  contract: address,
  id: hash,
  action: z.strictObject({
    kind: z.enum(kindNames),
    account: address,
    /** In the token's smallest unit. */
    amount: integer,
    sequence: integer,
    uri: z.string().max(MOST_URI),
  }),
  authorization: z.strictObject({
    /** Last Unix second at which the signature is good. */
    deadline: integer,
    signer: bytes,
    signature: bytes,
  }),
});
/** {@link signedAction} */
export type SignedAction = z.output<typeof signedAction>;

/** What an action is called in a signed one. */
export function kindName(kind: ActionKind): keyof typeof ActionKind {
  const found = kindNames.find((name) => ActionKind[name] === kind);
  if (found === undefined) throw new RangeError(`not an action: ${kind}`);
  return found;
}

/** Whose signature an action needs: one of these accounts'. */
export function signersOf(kind: ActionKind, terms: Terms): readonly Hex[] {
  const seller = sellerOf(terms);
  const parties: Readonly<Record<ActionKind, readonly Hex[]>> = {
    [ActionKind.Deliver]: [seller],
    [ActionKind.Release]: [terms.buyer],
    [ActionKind.ReleasePartial]: [terms.buyer],
    [ActionKind.Refund]: [seller],
    [ActionKind.RefundPartial]: [seller],
    [ActionKind.Dispute]: [terms.buyer, seller],
    [ActionKind.SubmitEvidence]: [terms.buyer, seller],
    [ActionKind.PublishAgreement]: [terms.buyer, seller],
    [ActionKind.Resolve]: [terms.arbiter],
  };
  return parties[kind];
}

/** The sequence that an account's action must carry. @param slot where the escrow stands now */
export function sequenceOf(
  account: Hex,
  terms: Terms,
  slot: { readonly buyerSequence: bigint; readonly sellerSequence: bigint },
): bigint {
  if (sameAddress(account, terms.buyer)) return slot.buyerSequence;
  return sameAddress(account, sellerOf(terms)) ? slot.sellerSequence : 0n; // the arbiter acts once
}

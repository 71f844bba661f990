/** What has become of a transaction that a wallet has sent, judged from what the chain says now. */

/** A transaction as it was signed. Numbers as the chain gives them. */
export type SentTransaction = {
  readonly hash: string;
  readonly from: string;
  readonly nonce: number;
  readonly to: string;
  readonly data: string;
};

/** What the chain says. */
export type ChainWord = {
  readonly receipt:
    { readonly blockNumber: number; readonly blockHash: string; readonly succeeded: boolean } | undefined;
  /** Whether the node knows the transaction, in a block or waiting for one. */
  readonly isKnown: boolean;
  /** How many transactions of the account are in blocks: the nonce of the next. */
  readonly accountNonce: number;
  /** The transaction that has taken its nonce, where one was found. */
  readonly rival:
    | { readonly hash: string; readonly to: string | null; readonly data: string; readonly from: string }
    | undefined;
  /** The block in which it was seen before, if it was. */
  readonly seenIn: string | undefined;
};

export type TransactionFate =
  | { readonly kind: "pending" }
  | { readonly kind: "included"; readonly blockNumber: number; readonly blockHash: string }
  | { readonly kind: "reverted"; readonly blockNumber: number }
  /** The same call with another fee was included instead. */
  | { readonly kind: "repriced"; readonly hash: string }
  /** The wallet's owner has taken it back. */
  | { readonly kind: "cancelled"; readonly hash: string }
  /** Something else took its place; `hash` where it is known. */
  | { readonly kind: "replaced"; readonly hash: string | undefined }
  /** The block that held it is no longer part of the chain, and no other holds it yet. */
  | { readonly kind: "reorged" }
  /** The node has forgotten it, and nothing has taken its place. */
  | { readonly kind: "dropped" };

/** Judges one transaction. */
export function judgeTransaction(sent: SentTransaction, word: ChainWord): TransactionFate {
  const { receipt, isKnown, accountNonce, rival, seenIn } = word;
  if (receipt !== undefined)
    return receipt.succeeded
      ? { kind: "included", blockNumber: receipt.blockNumber, blockHash: receipt.blockHash }
      : { kind: "reverted", blockNumber: receipt.blockNumber };
  // A receipt may come a moment after the account's nonce has moved: only a rival proves anything while the node knows it.
  if (rival !== undefined && rival.hash !== sent.hash) return judgeRival(sent, rival);
  if (accountNonce > sent.nonce && !isKnown) return { kind: "replaced", hash: undefined };
  if (seenIn !== undefined) return { kind: "reorged" };
  return isKnown ? { kind: "pending" } : { kind: "dropped" };
}

function judgeRival(sent: SentTransaction, rival: NonNullable<ChainWord["rival"]>): TransactionFate {
  const same = (a: string, b: string | null) => a.toLowerCase() === b?.toLowerCase();
  if (same(sent.to, rival.to) && same(sent.data, rival.data)) return { kind: "repriced", hash: rival.hash };
  if (same(rival.from, rival.to) && rival.data === "0x") return { kind: "cancelled", hash: rival.hash };
  return { kind: "replaced", hash: rival.hash };
}

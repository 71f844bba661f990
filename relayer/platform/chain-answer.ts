import { isError } from "ethers";
import { z } from "zod";

/** What a chain, as opposed to the road to it, answered to a request. */
export type ChainAnswer =
  /** The call needs more gas than one transaction, or one block, may have. */
  | "out-of-gas"
  | "insufficient-funds"
  | "nonce-too-low"
  /** A transaction with a lower nonce is missing. */
  | "nonce-too-high"
  /** The pool holds another transaction with the nonce, and this one does not pay enough more. */
  | "replacement-underpriced"
  /** The fee is below what the pool, or the next block, takes. */
  | "underpriced"
  | "already-known"
  | "pool-full"
  | "reverted";

/**
 * The words of geth, Erigon, Nethermind, Besu, Reth, Hardhat and anvil; ethers has codes for only some of them. The first that
 * fits counts, so the special stand before the general.
 */
const WORDS: readonly (readonly [ChainAnswer, RegExp])[] = [
  ["pool-full", /(tx ?pool|sub-pool|pool) is full|too many pending transactions|FeeTooLowToCompete/i],
  [
    "replacement-underpriced",
    /replacement transaction underpriced|ReplacementNotAllowed|to replace existing|could not replace existing|fee too low to replace|REPLACEMENT_UNDERPRICED/i,
  ],
  [
    "already-known",
    /already[ _]?known|known transaction(?! type)|already imported|same hash|ALREADY_EXISTS/i,
  ],
  [
    "nonce-too-high",
    /nonce (is )?too high|nonce ?gap|nonce ?too ?far|nonce is too distant|lower nonce exists/i,
  ],
  ["nonce-too-low", /nonce too low|nonce is too low|OldNonce|nonce .*lower than|NONCE_TOO_LOW/i],
  [
    "insufficient-funds",
    /insufficient funds|doesn't have enough funds|upfront cost exceeds|InsufficientFunds/i,
  ],
  [
    "out-of-gas",
    /out of gas|gas required exceeds|exceeds (block|transaction) gas (limit|cap)|gas limit is (too high|greater than)|gas ?limit ?(exceeded|reached)|gas limit too high|greater than the cap|intrinsic gas too (low|high)/i,
  ],
  [
    "underpriced",
    /underpriced|fee ?too ?low|gas price .*(too low|below)|less than block base fee|too low for the next block|tip .*(too low|below)/i,
  ],
];

/** The error codes of ethers that stand for an answer. */
const CODES = {
  INSUFFICIENT_FUNDS: "insufficient-funds",
  NONCE_EXPIRED: "nonce-too-low",
  REPLACEMENT_UNDERPRICED: "replacement-underpriced",
} as const;

/** What the chain answered, or undefined when `error` says that there was no answer. */
export function chainAnswer(error: unknown): ChainAnswer | undefined {
  if (!(error instanceof Error)) return undefined;
  const text = `${error.message} ${nodesOwnWords(error)}`;
  for (const [answer, words] of WORDS) if (words.test(text)) return answer;
  for (const [code, answer] of Object.entries(CODES))
    if (isError(error, code as keyof typeof CODES)) return answer;
  return isError(error, "CALL_EXCEPTION") ? "reverted" : undefined;
}

const withInfo = z.object({ info: z.object({ error: z.object({ message: z.string() }) }) });

/** What a node said itself, where it answered with an error: ethers replaces it by its own, and keeps the former aside. */
export function nodesOwnWords(error: Error): string {
  return withInfo.safeParse(error).data?.info.error.message ?? "";
}

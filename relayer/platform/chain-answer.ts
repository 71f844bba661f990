import { isError } from "ethers";
import { z } from "zod";

/** What a chain, as opposed to the road to it, answered to a request. */
export type ChainAnswer =
  "out-of-gas" | "insufficient-funds" | "nonce-too-low" | "underpriced" | "already-known" | "reverted";

/** The words of geth, Erigon, Nethermind, Besu, Reth, Hardhat and anvil; ethers has codes for only some of them. */
const WORDS: readonly (readonly [ChainAnswer, RegExp])[] = [
  [
    "out-of-gas",
    /out of gas|gas required exceeds|exceeds (block|transaction) gas limit|intrinsic gas too (low|high)/i,
  ],
  [
    "insufficient-funds",
    /insufficient funds|doesn't have enough funds|upfront cost exceeds|InsufficientFunds/i,
  ],
  ["nonce-too-low", /nonce too low|nonce is too low|OldNonce|nonce .*lower than|NONCE_TOO_LOW/i],
  [
    "underpriced",
    /underpriced|ReplacementNotAllowed|gas price .*too low|fee too low to replace|REPLACEMENT_UNDERPRICED/i,
  ],
  ["already-known", /already known|AlreadyKnown|known transaction|already imported|ALREADY_EXISTS/i],
];

/** The error codes of ethers that stand for an answer. */
const CODES = {
  INSUFFICIENT_FUNDS: "insufficient-funds",
  NONCE_EXPIRED: "nonce-too-low",
  REPLACEMENT_UNDERPRICED: "underpriced",
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

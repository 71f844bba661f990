import { isError } from "ethers";
import { nodesOwnWords } from "../chain-answer.ts";

/**
 * The words with which nodes and providers refuse a range of blocks for being too wide, or for holding too much. What they name
 * in common is a range, a number of results, or the size or the time of an answer, together with a limit.
 */
const WORDS: readonly RegExp[] = [
  /query returned more than \d+ results/i, // Infura, geth's relatives
  /(log )?response size (is )?(exceeded|too large|limit)|response (is )?too (big|large)/i, // Alchemy, Chainstack
  /up to an? [\d,.]+k? blocks? range/i, // Alchemy, by plan
  /(block )?range (is )?too (wide|large|big)|range .*too large/i, // Ankr, Cloudflare, cdk-erigon
  /exceeds? (the )?max(imum)?( allowed)?( rpc)?( block)? range|max(imum)? block range|max range:? \d+/i, // publicnode, geth, Besu
  /exceeds maximum rpc range limit/i, // Besu
  /block range exceeds|exceeds (the )?range|range \d+ exceeds limit/i, // Erigon, Infura
  /limited to (a )?(range of )?[\d,]+ ?(blocks?( range)?)?/i, // QuickNode
  /too many (blocks|logs|results)|maximum allowed number of requested blocks|maximum is set to \d+/i, // Avalanche, thirdweb, Erigon
  /block range limit|blocks? distance|ranges over \d+ blocks/i, // BlockPI, dRPC
  /try (with|again with) (this|a smaller) (block )?range|reduc\w+ (your|the) (block )?range|narrow your filter/i, // Infura, Alchemy, Erigon
  /query exceeds limit|more than [\d,]+ (logs|results|blocks)|exceeds? (the )?(max(imum)? )?(number of )?(results|logs|blocks)/i,
];

/** The words of a node that ran out of time for an answer. */
const SLOW =
  /quer(y|ies) tim(ed out|eout)|query duration|request tim(ed out|eout)|deadline exceeded|execution timeout/i;

/**
 * Whether a failed `eth_getLogs` may succeed for fewer blocks. `refused`: the provider said so, and can be asked again at once.
 * `slow`: it took too long, or its answer did not come at all; a smaller range may be asked for the next time.
 */
export function rangeRefusal(error: unknown): "refused" | "slow" | undefined {
  if (!(error instanceof Error)) return undefined;
  const own = nodesOwnWords(error);
  // Without words of its own, what ethers made of the answer is searched: that repeats the request, which holds no words.
  const text = own === "" ? `${error.message} ${bodyOf(error)}` : own;
  if (WORDS.some((words) => words.test(text))) return "refused";
  if (isError(error, "SERVER_ERROR") && /\b413\b/.test(error.message)) return "refused";
  if (SLOW.test(text)) return own === "" ? "slow" : "refused";
  return isError(error, "TIMEOUT") ? "slow" : undefined;
}

/** The body of an answer with an HTTP error, where some providers put their words. */
function bodyOf(error: Error): string {
  const info: unknown = isError(error, "SERVER_ERROR") ? error.info?.["responseBody"] : undefined;
  return typeof info === "string" ? info : "";
}

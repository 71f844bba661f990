import type { ContractTransactionReceipt, ContractTransactionResponse } from "ethers";
import { explain, FatalError, InterruptedError, RetryableError } from "../../domain/errors.ts";
import { orAborted } from "../../platform/abort.ts";
import { chainAnswer } from "../../platform/chain-answer.ts";

/** What a transaction is called, and what it means for the money when the chain refuses it or says nothing. */
export type Meaning = {
  readonly what: string;
  readonly refused: string;
  readonly uncertain: string;
  readonly signal: AbortSignal;
};

/**
 * Sends a transaction from a wallet and waits until a block holds it.
 * @throws FatalError `TRANSACTION` when the chain refuses it; RetryableError `UNCERTAIN` when the chain fell silent over it;
 *   InterruptedError when the signal aborts
 */
export async function included(
  send: () => Promise<ContractTransactionResponse>,
  { what, refused, uncertain, signal }: Meaning,
): Promise<ContractTransactionReceipt> {
  const isInterrupted = () => signal.aborted;
  if (isInterrupted())
    throw new InterruptedError("INTERRUPTED", `Interrupted before ${what}. Nothing was sent.`);
  let place = "";
  try {
    const response = await send();
    place = ` (transaction ${response.hash})`;
    const receipt = await orAborted(response.wait(), signal);
    if (receipt === null) throw new Error("no block holds it");
    return receipt;
  } catch (error) {
    if (chainAnswer(error) !== undefined)
      throw new FatalError("TRANSACTION", `${refused} ${explain(error)}`, {}, error);
    if (isInterrupted())
      throw new InterruptedError("INTERRUPTED", `Interrupted during ${what}${place}. ${uncertain}`);
    const silent = `The chain fell silent over ${what}${place}: ${explain(error)}.`;
    throw new RetryableError("UNCERTAIN", `${silent} ${uncertain}`, {}, error);
  }
}

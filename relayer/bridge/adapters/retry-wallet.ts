import type { Signer } from "ethers";
import { Inbox__factory } from "../../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import type { Message } from "../../domain/bridge.ts";
import { FatalError } from "../../domain/errors.ts";
import { type Address, type ChainId, hash, type Hash } from "../../domain/ids.ts";
import { included } from "./included.ts";
import { refusalOf } from "./refusal.ts";

/** A message whose execution failed, and where. */
export type FailedMessage = { readonly inbox: Address; readonly origin: ChainId; readonly message: Message };

/** Whether the Inbox keeps a message for a retry. */
export function isKept({ inbox, message }: FailedMessage, signer: Signer): Promise<boolean> {
  return Inbox__factory.connect(inbox, signer).isFailed(message.id);
}

/**
 * Executes a message again whose execution failed. Anybody may; whoever does pays for the gas.
 * @returns its transaction
 * @throws FatalError `RETRY_FAILED` when the recipient refuses again; what {@link included} throws
 */
export async function retryMessage(
  { inbox, origin, message }: FailedMessage,
  signer: Signer,
  signal: AbortSignal,
): Promise<Hash> {
  const contract = Inbox__factory.connect(inbox, signer);
  const { sender, recipient, gasLimit, payload } = message;
  try {
    const receipt = await included(
      () => contract.retry(origin, message.nonce, { sender, recipient, gasLimit, payload }),
      {
        what: `the retry of message ${message.id}`,
        refused: "The Inbox refuses; nothing was changed.",
        uncertain: `It may be executed or not; see "dchat message ${message.id}".`,
        signal,
      },
    );
    return hash.parse(receipt.hash);
  } catch (error) {
    const reason = refusalOf(error, contract.interface);
    if (reason?.name !== "RetryFailed") throw error;
    throw new FatalError(
      "RETRY_FAILED",
      `The recipient ${recipient} refuses message ${message.id} again, with ${String(reason.args[1])}. Nothing was sent, and the Inbox keeps the message for as long as it takes. Find out what the recipient wants, and retry then.`,
      { messageId: message.id },
      error,
    );
  }
}

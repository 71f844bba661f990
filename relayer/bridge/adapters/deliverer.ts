import { setImmediate } from "node:timers/promises";
import { Inbox__factory } from "../../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import type { Lane, Quorum } from "../../domain/bridge.ts";
import { FatalError } from "../../domain/errors.ts";
import { hash, type Hash } from "../../domain/ids.ts";
import type { TransactionSender } from "../../platform/transaction-sender.ts";
import type { Delivery } from "../core/delivery.ts";
import { encodeSet } from "../../domain/validator-set.ts";
import type { Deliverer } from "../ports.ts";

const inboxInterface = Inbox__factory.createInterface();

/** A {@link Deliverer} that sends to an Inbox from one key. */
export class InboxDeliverer implements Deliverer {
  readonly #inbox: string;
  readonly #sender: TransactionSender;
  readonly #onDelivered: (gasPerMessage: number) => void;

  /** @param onDelivered told what each message of a delivery cost, in gas */
  constructor(inbox: string, sender: TransactionSender, onDelivered: (gasPerMessage: number) => void) {
    this.#inbox = inbox;
    this.#sender = sender;
    this.#onDelivered = onDelivered;
  }

  async deliver(
    lane: Lane,
    { firstNonce, messages, later, gasLimit }: Delivery,
    { set, signers, signature }: Quorum,
    signal: AbortSignal,
  ): Promise<{ readonly transactionHash: Hash; readonly gasUsed: bigint } | "too-big" | "stale"> {
    // To encode a full batch takes a while, and so did reading it: locks are renewed in between.
    await setImmediate();
    const data = inboxInterface.encodeFunctionData("deliver", [
      lane.originChainId,
      firstNonce,
      messages.map(({ sender, recipient, gasLimit, payload }) => ({ sender, recipient, gasLimit, payload })),
      [...later],
      { set: encodeSet(set), signers, signature },
    ]);
    const sent = await this.#sender.send({ to: this.#inbox, data, gasLimit }, signal);
    if (sent.kind === "too-big") return "too-big";
    // Somebody else delivered between our reading and the block: the transaction reverted and changed nothing.
    if (sent.kind === "included" && sent.receipt.status !== 1) return "stale";
    if (sent.kind === "included") {
      const { gasUsed } = sent.receipt;
      this.#onDelivered(Number(gasUsed) / messages.length);
      return { transactionHash: hash.parse(sent.receipt.transactionHash), gasUsed };
    }

    const error = sent.data === null ? null : inboxInterface.parseError(sent.data);
    if (error?.name === "NonceMismatch") return "stale";
    throw new FatalError(
      "DELIVERY_REFUSED",
      `The Inbox ${this.#inbox} on chain ${lane.destinationChainId} refuses messages ${firstNonce} to ${firstNonce + BigInt(messages.length) - 1n} of lane ${lane.id}: ${error === null ? (sent.data ?? "no reason given") : `${error.name}(${error.args.join(", ")})`}. Nothing was sent; the messages stay safe on their origin.`,
      { lane: lane.id, error: error?.name ?? "unknown" },
    );
  }
}

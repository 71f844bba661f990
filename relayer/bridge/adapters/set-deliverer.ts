import { Inbox__factory } from "../../../types/ethers-contracts/factories/bridge/Inbox__factory.ts";
import type { Quorum, ValidatorSet } from "../../domain/bridge.ts";
import { FatalError } from "../../domain/errors.ts";
import { hash, type Hash } from "../../domain/ids.ts";
import type { TransactionSender } from "../../platform/transaction-sender.ts";
import { encodeSet } from "../../domain/validator-set.ts";
import type { SetDeliverer } from "../ports.ts";

const inboxInterface = Inbox__factory.createInterface();

/** The refusals that mean that the set was rotated already. */
const STALE = ["InvalidEpoch", "EpochNotActive"];

/** A {@link SetDeliverer} that sends to an Inbox from one key. */
export class InboxRotator implements SetDeliverer {
  readonly #inbox: string;
  readonly #sender: TransactionSender;

  constructor(inbox: string, sender: TransactionSender) {
    this.#inbox = inbox;
    this.#sender = sender;
  }

  /** @throws FatalError `ROTATION_REFUSED` when the Inbox refuses the set; the current one goes on until it expires */
  async rotate(
    next: ValidatorSet,
    { set, signers, signature }: Quorum,
    signal: AbortSignal,
  ): Promise<{ readonly transactionHash: Hash } | "stale"> {
    const quorum = { set: encodeSet(set), signers, signature };
    const data = inboxInterface.encodeFunctionData("rotate", [encodeSet(next), quorum]);
    const sent = await this.#sender.send({ to: this.#inbox, data }, signal);
    if (sent.kind === "included")
      return sent.receipt.status === 1
        ? { transactionHash: hash.parse(sent.receipt.transactionHash) }
        : "stale";

    const reason = sent.kind === "reverted" ? sent.data : null;
    const error = reason === null ? null : inboxInterface.parseError(reason);
    if (error !== null && STALE.includes(error.name)) return "stale";
    throw new FatalError(
      "ROTATION_REFUSED",
      `The Inbox ${this.#inbox} refuses the validator set of epoch ${next.epoch}: ${error === null ? (reason ?? "no reason given") : `${error.name}(${error.args.join(", ")})`}. Nothing was sent. Messages go on under the current set until that expires; form another set, or find out why this one is not valid there.`,
      { epoch: next.epoch.toString(), error: error?.name ?? "unknown" },
    );
  }
}

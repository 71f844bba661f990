import { AbiCoder, dataLength, isError, type LogDescription } from "ethers";
import { z } from "zod";
import { laneFrom, messageIdOf, readSent } from "../../domain/message.ts";
import type { Lane } from "../../domain/bridge.ts";
import { RetryableError } from "../../domain/errors.ts";
import { address, type Address, bytes, type ChainId, chainId, messageId } from "../../domain/ids.ts";
import { parseInteroperableAddress } from "../../domain/interoperable-address.ts";
import type { FactPlace, MessageFact, OutcomeFact, SetFact, TransferFact } from "../core/facts.ts";
import { argument, decodeSetFact, integerArgument, type PlacedLog } from "./placed-log.ts";

const NO_TRANSFER: TransferFact = { token: null, tokenSender: null, tokenRecipient: null, amount: null };
const ADDRESS_BYTES = 20;
const attributes = z.array(bytes);
const transfer = z.tuple([bytes, bytes, z.bigint()]);

/** Reads what the Outbox and the Inbox of one chain logged. */
export class BridgeDecoder {
  readonly #lanes: ReadonlyMap<bigint, Lane>;
  readonly #bridges: ReadonlyMap<Address, Address>;

  constructor(
    { chainId: own, outbox }: { readonly chainId: ChainId; readonly outbox: Address },
    {
      destinations,
      bridges,
    }: {
      readonly destinations: readonly ChainId[];
      readonly bridges: ReadonlyMap<Address, Address>;
    },
  ) {
    this.#lanes = new Map(
      destinations.filter((id) => id !== own).map((id) => [BigInt(id), laneFrom(own, outbox, id)]),
    );
    this.#bridges = bridges;
  }

  /**
   * The messages to chains that the network knows, each from the two logs that it leaves.
   * @throws RetryableError `INCONSISTENT_LOGS` when one of the two is missing, or they do not hash to the message's id
   */
  messages(logs: readonly PlacedLog[]): readonly MessageFact[] {
    const sent = new Map(
      logs
        .filter(({ log }) => log.name === "MessageSent")
        .map(({ log }) => [String(argument(log, "sendId")), log]),
    );
    return logs.flatMap(({ place, log }) => {
      const lane = log.name === "LaneAdvanced" && this.#lanes.get(integerArgument(log, "destinationChainId"));
      return lane ? [this.#message(place, lane, log, sent.get(String(argument(log, "messageId"))))] : [];
    });
  }

  #message(
    place: FactPlace,
    lane: Lane,
    advanced: LogDescription,
    sent: LogDescription | undefined,
  ): MessageFact {
    const id = messageId.parse(argument(advanced, "messageId"));
    const content =
      sent &&
      readSent(
        {
          sender: bytes.parse(argument(sent, "sender")),
          recipient: bytes.parse(argument(sent, "recipient")),
          payload: bytes.parse(argument(sent, "payload")),
          attributes: attributes.parse(argument(sent, "attributes")),
        },
        integerArgument(advanced, "nonce"),
      );
    if (content !== undefined && messageIdOf(lane.id, content) === id) {
      const { payload, ...fields } = content;
      return {
        ...place,
        id,
        lane: lane.id,
        destinationChainId: lane.destinationChainId,
        ...fields,
        ...this.#transfer(fields.sender, payload),
      };
    }
    throw new RetryableError(
      "INCONSISTENT_LOGS",
      `The logs that chain ${lane.originChainId} gave for message ${id} do not hash to its id; they were not indexed. The node is faulty or lies; they will be read again.`,
      { messageId: id },
    );
  }

  /** The transfer in a message of a bridge that the configuration names: `BridgeFungible` writes sender, recipient and amount. */
  #transfer(sender: Address, payload: string): TransferFact {
    const token = this.#bridges.get(sender);
    if (token === undefined) return NO_TRANSFER;
    try {
      const decoded = AbiCoder.defaultAbiCoder().decode(["bytes", "bytes", "uint256"], payload);
      const [from, to, amount] = transfer.parse(decoded.toArray());
      const account = parseInteroperableAddress(from)?.account ?? null;
      const isAddress = dataLength(to) === ADDRESS_BYTES;
      return {
        token,
        tokenSender: account,
        tokenRecipient: isAddress ? address.parse(to) : null,
        amount,
      };
    } catch (error) {
      if (isError(error, "BUFFER_OVERRUN")) return { ...NO_TRANSFER, token }; // the bridge said something else
      throw error;
    }
  }

  /** What became of messages that arrived. */
  outcomes(logs: readonly PlacedLog[]): readonly OutcomeFact[] {
    return logs.flatMap(({ place, log }): readonly OutcomeFact[] => {
      if (log.name !== "MessageExecuted" && log.name !== "MessageFailed") return [];
      const isFailed = log.name === "MessageFailed";
      return [
        {
          ...place,
          messageId: messageId.parse(argument(log, "messageId")),
          originChainId: chainId.parse(Number(integerArgument(log, "originChainId"))),
          nonce: integerArgument(log, "nonce"),
          kind: isFailed ? "failed" : "executed",
          reason: isFailed ? bytes.parse(argument(log, "reason")) : null,
        },
      ];
    });
  }

  /** The validator sets that an Inbox took on. */
  sets(logs: readonly PlacedLog[]): readonly SetFact[] {
    return logs.flatMap(({ place, log }) =>
      log.name === "ValidatorSetActivated" ? [decodeSetFact(place, log, "activated")] : [],
    );
  }
}

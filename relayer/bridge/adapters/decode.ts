import type { ValidatorSetStructOutput } from "../../../types/ethers-contracts/bridge/Inbox.ts";
import type { LaneAdvancedEvent, MessageSentEvent } from "../../../types/ethers-contracts/bridge/Outbox.ts";
import { toBigInt, dataSlice } from "ethers";
import type { Lane, LogPosition, Message, Point, ValidatorSet } from "../../domain/bridge.ts";
import { RetryableError } from "../../domain/errors.ts";
import { bytes, hash, messageId, publicKey } from "../../domain/ids.ts";
import { parseInteroperableAddress } from "../../domain/interoperable-address.ts";
import { messageIdOf } from "../core/message.ts";
import { schemeCodes } from "../core/quorum.ts";

/** `Outbox.DEFAULT_GAS_LIMIT`, the gas of a message that names none. */
export const DEFAULT_GAS_LIMIT = 200_000n;

/** The part of an ethers log that says where it stands. */
export type LogPlace = { blockNumber: number; blockHash: string; transactionHash: string; index: number };

/** Where a log stands. */
export function decodePosition({ blockNumber, blockHash, transactionHash, index }: LogPlace): LogPosition {
  return {
    blockNumber,
    blockHash: hash.parse(blockHash),
    transactionHash: hash.parse(transactionHash),
    logIndex: index,
  };
}

/** A validator set as the contracts give it. */
export function decodeSet({
  epoch,
  expiresAt,
  overlap,
  threshold,
  scheme,
  members,
}: Pick<
  ValidatorSetStructOutput,
  "epoch" | "expiresAt" | "overlap" | "threshold" | "scheme" | "members"
>): ValidatorSet {
  const common = { epoch, expiresAt, overlap: Number(overlap), threshold: Number(threshold) };
  return Number(scheme) === schemeCodes.Ed25519
    ? { ...common, scheme: "Ed25519", members: members.map((key) => publicKey.parse(key)) }
    : { ...common, scheme: "BLS12381", members: [hash.parse(members[0])] };
}

/** A `LaneAdvanced` log as a point of its lane. */
export function decodeAdvance(lane: Lane, log: LaneAdvancedEvent.Log): Point {
  return {
    lane: lane.id,
    originChainId: lane.originChainId,
    destinationChainId: lane.destinationChainId,
    messageId: messageId.parse(log.args.messageId),
    nonce: log.args.nonce,
    accumulator: hash.parse(log.args.accumulator),
    position: decodePosition(log),
  };
}

/**
 * A message from the two logs that `sendMessage` leaves.
 * @throws RetryableError `INCONSISTENT_LOGS` when the fields do not hash to the id: no Outbox logs that, so the node lies
 */
export function decodeMessage(
  lane: Lane,
  sent: MessageSentEvent.Log,
  advanced: LaneAdvancedEvent.Log,
): Message {
  const sender = parseInteroperableAddress(bytes.parse(sent.args.sender));
  const recipient = parseInteroperableAddress(bytes.parse(sent.args.recipient));
  const id = messageId.parse(advanced.args.messageId);
  if (sender !== undefined && recipient !== undefined) {
    const [attribute] = sent.args.attributes;
    const content = {
      nonce: advanced.args.nonce,
      sender: sender.account,
      recipient: recipient.account,
      gasLimit: attribute === undefined ? DEFAULT_GAS_LIMIT : toBigInt(dataSlice(attribute, 4)),
      payload: bytes.parse(sent.args.payload),
    };
    if (messageIdOf(lane.id, content) === id)
      return {
        id,
        lane: lane.id,
        ...content,
        accumulator: hash.parse(advanced.args.accumulator),
        position: decodePosition(advanced),
      };
  }
  throw new RetryableError(
    "INCONSISTENT_LOGS",
    `The logs that chain ${lane.originChainId} gave for message ${id} do not hash to its id; they were not used. The node is faulty or lies; they will be read again.`,
    { messageId: id },
  );
}

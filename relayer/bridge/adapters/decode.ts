import type { LaneAdvancedEvent, MessageSentEvent } from "../../../types/ethers-contracts/bridge/Outbox.ts";
import type { Lane, Message, Point } from "../../domain/bridge.ts";
import { RetryableError } from "../../domain/errors.ts";
import { hash, messageId } from "../../domain/ids.ts";
import { decodePosition } from "../../domain/log-position.ts";
import { messageIdOf, readSent } from "../../domain/message.ts";

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
  const id = messageId.parse(advanced.args.messageId);
  const content = readSent(sent.args, advanced.args.nonce);
  if (content !== undefined && messageIdOf(lane.id, content) === id)
    return {
      id,
      lane: lane.id,
      ...content,
      accumulator: hash.parse(advanced.args.accumulator),
      position: decodePosition(advanced),
    };
  throw new RetryableError(
    "INCONSISTENT_LOGS",
    `The logs that chain ${lane.originChainId} gave for message ${id} do not hash to its id; they were not used. The node is faulty or lies; they will be read again.`,
    { messageId: id },
  );
}

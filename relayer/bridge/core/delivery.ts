import type { LaneHead, Message, Point } from "../../domain/bridge.ts";
import { RetryableError } from "../../domain/errors.ts";
import type { MessageId } from "../../domain/ids.ts";
import { advance } from "../../domain/message.ts";

/** The variable part of `Inbox.deliver`: some messages, and the ids between them and the attested point. */
export type Delivery = {
  readonly firstNonce: bigint;
  readonly messages: readonly Message[];
  readonly later: readonly MessageId[];
  /** What should be enough gas, by experience; undefined where there is none. */
  readonly gasLimit?: bigint | undefined;
};

/**
 * A delivery of the first `most` of `messages` under the attestation of `point`.
 *
 * @param head where the Inbox stands
 * @param messages every message from `head.nonce + 1` to `point.nonce`, in order
 * @throws RetryableError `LANE_INCOMPLETE` when the messages do not fold from the head to the point: the node that gave them
 * left some out, or the head moved meanwhile
 */
export function planDelivery(
  head: LaneHead,
  messages: readonly Message[],
  point: Point,
  most: number,
): Delivery {
  const end = advance(
    head,
    messages.map(({ id }) => id),
  );
  if (end.nonce !== point.nonce || end.accumulator !== point.accumulator) {
    throw new RetryableError(
      "LANE_INCOMPLETE",
      `The ${messages.length} messages read from the origin do not lead from nonce ${head.nonce} to the attested point ${point.nonce}; nothing was sent, and they will be read again.`,
      { lane: point.lane, head: head.nonce.toString(), point: point.nonce.toString() },
    );
  }
  return {
    firstNonce: head.nonce + 1n,
    messages: messages.slice(0, most),
    later: messages.slice(most).map(({ id }) => id),
  };
}

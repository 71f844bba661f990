/** Where a message is. `attested` means by a quorum; before that `final` counts the attestations so far. */
export type MessageState = "sent" | "final" | "attested" | "delivered" | "failed";

/** What is known about a message, from both chains and the aggregator. */
export type MessageFacts = {
  /** Whether its origin block is final by the origin's finality rule. */
  readonly isFinal: boolean;
  /** How many validators attested to a point at or after the message. */
  readonly attestations: number;
  /** M of the destination's validator set. */
  readonly threshold: number;
  /** What the destination's Inbox logged about it, if anything. */
  readonly outcome: "executed" | "failed" | undefined;
};

/** The state that the facts add up to. */
export function messageState({ isFinal, attestations, threshold, outcome }: MessageFacts): MessageState {
  if (outcome !== undefined) return outcome === "executed" ? "delivered" : "failed";
  if (attestations >= threshold) return "attested";
  return isFinal ? "final" : "sent";
}

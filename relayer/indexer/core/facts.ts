import type { Address, Bytes, ChainId, Hash, LaneId, MessageId, PublicKey } from "../../domain/ids.ts";
import type { Offence } from "../../bridge/core/slashing.ts";

/**
 * What the index knows: one fact for each log, never changed, taken back with its block. Amounts are in the token's smallest unit,
 * times are Unix seconds.
 *
 * @module
 */

/** Where a fact stands: a log of a block. Facts of one chain are ordered by block and log. */
export type FactPlace = {
  readonly chainId: ChainId;
  readonly blockNumber: number;
  readonly logIndex: number;
  readonly blockTime: number;
  readonly transactionHash: Hash;
};

/** A token transfer that a message carries. */
export type TransferFact = {
  /** The token on the origin chain. */
  readonly token: Address | null;
  readonly tokenSender: Address | null;
  readonly tokenRecipient: Address | null;
  readonly amount: bigint | null;
};

/** A message that an Outbox took. The transfer is null where its sender is no bridge of the configuration. */
export type MessageFact = FactPlace &
  TransferFact & {
    readonly id: MessageId;
    readonly lane: LaneId;
    readonly destinationChainId: ChainId;
    readonly nonce: bigint;
    readonly sender: Address;
    readonly recipient: Address;
    readonly gasLimit: bigint;
  };

/** What became of a message on its destination. One that failed may be executed later. */
export type OutcomeFact = FactPlace & {
  readonly messageId: MessageId;
  readonly originChainId: ChainId;
  readonly nonce: bigint;
  readonly kind: "executed" | "failed";
  /** Why it failed, as the recipient's side put it. */
  readonly reason: Bytes | null;
};

/** The registry's events about one validator. */
export const VALIDATOR_EVENTS = [
  "ValidatorJoined",
  "BlsKeyAdded",
  "BondAdded",
  "ValidatorExited",
  "BondWithdrawn",
  "ValidatorJailed",
  "ValidatorUnjailed",
  "ValidatorTombstoned",
  "BondHeld",
  "BondReleased",
  "BondSlashed",
] as const;

/** What happened to a validator in the registry. What an event does not say is null. */
export type ValidatorFact = FactPlace & {
  readonly key: PublicKey;
  readonly name: (typeof VALIDATOR_EVENTS)[number];
  /** The operator who joined, whom a bond was paid to, or who reported an offence. */
  readonly account: Address | null;
  /** What was added, withdrawn or taken. */
  readonly amount: bigint | null;
  /** The bond afterwards. */
  readonly bond: bigint | null;
  readonly jailedUntil: bigint | null;
  /** How many pending slashes keep the bond. */
  readonly holds: bigint | null;
  readonly blsKeyHash: Hash | null;
};

/** A validator set, formed by the registry at home or activated by an Inbox. */
export type SetFact = FactPlace & {
  readonly kind: "formed" | "activated";
  readonly epoch: bigint;
  readonly setHash: Hash;
  readonly scheme: "Ed25519" | "BLS12381";
  readonly threshold: number;
  /** In seconds. */
  readonly overlap: number;
  readonly expiresAt: bigint;
  readonly members: readonly string[];
};

/**
 * A step of a slashing. `punished`: evidence held, and this much was taken. `pending`: it held, and waits for a veto; `vetoed` and
 * `executed` say how that ended. `collusion`: what several owe together. `paid`: the bond's side of it, with the reporter's reward.
 */
export type SlashingFact = FactPlace & {
  readonly kind: "punished" | "pending" | "vetoed" | "executed" | "collusion" | "paid";
  readonly key: PublicKey | null;
  readonly offence: Offence | null;
  /** The place of a lane where the offence was. */
  readonly placeId: Hash | null;
  readonly epoch: bigint | null;
  readonly amount: bigint | null;
  readonly reward: bigint | null;
  readonly reporter: Address | null;
  readonly evidenceHash: Hash | null;
  /** The number of the slash that waits for a veto. */
  readonly pendingId: bigint | null;
  readonly executableAt: bigint | null;
};

/** A log of an escrow contract about one escrow. `details` are its arguments; whole numbers are decimal strings. */
export type EscrowFact = FactPlace & {
  readonly escrowId: Hash;
  readonly name: string;
  readonly details: unknown;
};

/** Everything that the logs of some blocks say. */
export type Facts = {
  readonly messages: readonly MessageFact[];
  readonly outcomes: readonly OutcomeFact[];
  readonly validatorEvents: readonly ValidatorFact[];
  readonly validatorSets: readonly SetFact[];
  readonly slashings: readonly SlashingFact[];
  readonly escrowEvents: readonly EscrowFact[];
};

/** What facts are about, and whose summary changes when they come or go. */
export type Subjects = {
  readonly messages: readonly MessageId[];
  readonly validators: readonly PublicKey[];
  readonly escrows: readonly Hash[];
};

/** How many facts there are. */
export function countFacts(facts: Facts): number {
  return Object.values(facts).reduce((sum, list: readonly unknown[]) => sum + list.length, 0);
}

/** Whom facts are about, each once. */
export function subjectsOf({
  messages,
  outcomes,
  validatorEvents,
  escrowEvents,
}: Pick<Facts, "messages" | "outcomes" | "validatorEvents" | "escrowEvents">): Subjects {
  return {
    messages: unique([...messages.map(({ id }) => id), ...outcomes.map(({ messageId }) => messageId)]),
    validators: unique(validatorEvents.map(({ key }) => key)),
    escrows: unique(escrowEvents.map(({ escrowId }) => escrowId)),
  };
}

function unique<T>(list: readonly T[]): readonly T[] {
  return [...new Set(list)];
}

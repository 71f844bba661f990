import type {
  Attestation,
  Lane,
  LaneHead,
  Message,
  Point,
  Quorum,
  Statement,
  ValidatorSet,
} from "../domain/bridge.ts";
import type { ChainId, Hash, LaneId, MessageId, PublicKey, Signature } from "../domain/ids.ts";
import type { Delivery } from "./core/delivery.ts";
import type { Decision } from "./core/protection.ts";

/** The origin side of the lanes that leave one chain, as its final blocks tell it. */
export interface Origin {
  readonly chainId: ChainId;
  /** The lanes from this chain to the chains that the network knows. */
  readonly lanes: readonly Lane[];
  /** The number of the newest block that is final by the chain's rule; -1 before there is one. */
  finalBlock(): Promise<number>;
  /** The number of the newest block. */
  newestBlock(): Promise<number>;
  /** How far the lane to `destination` has come, in the newest block. */
  head(destination: ChainId): Promise<LaneHead>;
  /** Every advance of every lane in the blocks `from` to `to`, both included, in order. */
  advances(from: number, to: number): Promise<readonly Point[]>;
  /** The advance that gave `nonce` to a message of `lane`; undefined while there is none on the canonical chain. */
  advance(lane: LaneId, nonce: bigint): Promise<Point | undefined>;
  /** The messages `from` to `to` of `lane`, both included, in order. */
  messages(lane: LaneId, from: bigint, to: bigint): Promise<readonly Message[]>;
  /** One message by its id, final or not. */
  message(id: MessageId): Promise<Message | undefined>;
}

/** What a destination's Inbox logged about a message. */
export type Outcome = {
  readonly kind: "executed" | "failed";
  readonly transactionHash: Hash;
  readonly blockNumber: number;
};

/** The destination side of the lanes that arrive at one chain. */
export interface Destination {
  readonly chainId: ChainId;
  /** The domain of the attestations that are accepted here. */
  readonly domain: Hash;
  /** How far the lane from `origin` was accepted, in the newest block. */
  head(origin: ChainId): Promise<LaneHead>;
  /** The newest validator set. */
  validatorSet(): Promise<ValidatorSet>;
  /** How often a message was executed, by the Inbox's own logs: 0 or 1, or the contract is broken. */
  executions(id: MessageId): Promise<number>;
  /** The last that was logged about a message, if anything. */
  outcome(id: MessageId): Promise<Outcome | undefined>;
}

/** Puts deliveries on a destination chain. */
export interface Deliverer {
  /**
   * Sends one delivery and waits until a block holds it.
   * @returns its transaction, or "too-big" when it needs more gas than one transaction may have, or "stale" when the Inbox
   * has moved on meanwhile; neither of the two changed anything.
   */
  deliver(
    lane: Lane,
    delivery: Delivery,
    quorum: Quorum,
    signal: AbortSignal,
  ): Promise<{ readonly transactionHash: Hash } | "too-big" | "stale">;
}

/** Remembers how far a watcher came, and forgets it when Redis is wiped. */
export interface CursorStore {
  read(name: string): Promise<number | undefined>;
  /** Moves the cursor only if it still stands at `from`, so that a wipe in between is not papered over. */
  move(name: string, from: number | undefined, to: number): Promise<boolean>;
}

/** Keeps verified attestations until their messages are delivered. May be wiped: signers answer again. */
export interface AttestationStore {
  add(point: Point, attestation: Attestation): Promise<void>;
  /** The points of a lane above `nonce` to which anybody attested, highest first. */
  pointsAbove(lane: LaneId, nonce: bigint): Promise<readonly Point[]>;
  /** Who attested to this very point (nonce and accumulator) in `epoch`. */
  signatures(point: Point, epoch: bigint): Promise<ReadonlyMap<PublicKey, Signature>>;
  /** Forgets the points up to `nonce`. */
  prune(lane: LaneId, nonce: bigint): Promise<void>;
}

/** A validator's own durable record of everything that it ever signed. */
export interface SigningRecords {
  /** Applies {@link decide} and, if it says sign, records the statement durably, in one transaction. */
  checkAndRecord(statement: Statement): Decision;
}

/** Where a validator's key lives. The key itself never leaves it. */
export interface SigningKey {
  readonly publicKey: PublicKey;
  sign(digest: Hash): Promise<Signature>;
}

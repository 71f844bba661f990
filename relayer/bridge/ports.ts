import type {
  Attestation,
  BlockId,
  Ed25519Set,
  Finality,
  Lane,
  LaneHead,
  Message,
  Point,
  Quorum,
  Statement,
  ValidatorSet,
} from "../domain/bridge.ts";
import type {
  Address,
  Bytes,
  ChainId,
  Hash,
  LaneId,
  MessageId,
  PublicKey,
  Signature,
} from "../domain/ids.ts";
import type { Case, CaseFacts, CaseState, Evidence, PendingSlash } from "./core/case.ts";
import type { Delivery } from "./core/delivery.ts";
import type { RecordedPoint } from "./core/downtime.ts";
import type { Decision } from "./core/protection.ts";
import type { compareWithOrigin } from "./core/truth.ts";
import type { Finding } from "./core/watch.ts";
import type { FormedSet, Home } from "./core/rotation.ts";

/** Numbers of blocks, both included. */
export type BlockRange = { readonly first: number; readonly last: number };

/** The origin side of the lanes that leave one chain, as its final blocks tell it. */
export interface Origin {
  readonly chainId: ChainId;
  /** The lanes from this chain to the chains that the network knows. */
  readonly lanes: readonly Lane[];
  /** The number of the newest block that is final by the chain's rule; -1 before there is one. */
  finalBlock(): Promise<number>;
  /** The same, and what tells whether anything final has changed since the last time. */
  finality(): Promise<Finality>;
  /** The number of the newest block. */
  newestBlock(): Promise<number>;
  /** The block `number` of the canonical chain; undefined when there is none now. */
  block(number: number): Promise<BlockId | undefined>;
  /** How far the lane to `destination` has come, in the newest block. */
  head(destination: ChainId): Promise<LaneHead>;
  /** Every advance of every lane in the blocks `from` to `to`, both included, in order. */
  advances(from: number, to: number): Promise<readonly Point[]>;
  /** The advance that gave `nonce` to a message of `lane`; undefined while there is none on the canonical chain. */
  advance(lane: LaneId, nonce: bigint): Promise<Point | undefined>;
  /**
   * The messages `from` to `to` of `lane`, both included, in order.
   * @param blocks where somebody says that they are; where they are not, they are searched for
   */
  messages(lane: LaneId, from: bigint, to: bigint, blocks?: BlockRange): Promise<readonly Message[]>;
  /** One message by its id, final or not. */
  message(id: MessageId): Promise<Message | undefined>;
}

/** What a destination's Inbox logged about a message. */
export type Outcome = {
  readonly kind: "executed" | "failed";
  readonly transactionHash: Hash;
  readonly blockNumber: number;
  /** The first bytes of what the recipient of a failed message reverted with; left out for an executed one. */
  readonly reason?: Bytes;
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

/** Where validator sets come from, as the final blocks of the home chain tell it. */
export interface SetOrigin {
  readonly home: Home;
  /** The set of `epoch`; undefined while no final block has it. */
  finalSet(epoch: bigint): Promise<FormedSet | undefined>;
}

/** Puts rotations on a destination chain. */
export interface SetDeliverer {
  /**
   * Rotates to `next` and waits until a block holds it.
   * @returns its transaction, or "stale" when the Inbox has moved on meanwhile; that changed nothing.
   */
  rotate(
    next: ValidatorSet,
    quorum: Quorum,
    signal: AbortSignal,
  ): Promise<{ readonly transactionHash: Hash } | "stale">;
}

/** Puts deliveries on a destination chain. */
export interface Deliverer {
  /**
   * Sends one delivery and waits until a block holds it.
   * @returns its transaction and the gas that it took, or "too-big" when it needs more gas than one transaction may have, or "stale" when the Inbox
   * has moved on meanwhile; neither of the two changed anything.
   */
  deliver(
    lane: Lane,
    delivery: Delivery,
    quorum: Quorum,
    signal: AbortSignal,
  ): Promise<{ readonly transactionHash: Hash; readonly gasUsed: bigint } | "too-big" | "stale">;
}

/** How many blocks at which a cursor stood are remembered: reorganisations deeper than these are read anew from the Inboxes' heads. */
export const RECENT_BLOCKS = 256;

/** Remembers how far a watcher came, and forgets it when Redis is wiped. */
export interface CursorStore {
  /** The last block that a watcher is done with; undefined where nothing is remembered. */
  read(name: string): Promise<BlockId | undefined>;
  /**
   * Moves the cursor only if it still stands at `from`, so that a wipe in between is not papered over. Moved back, it forgets
   * the blocks after `to`; moved to nowhere, all.
   */
  move(name: string, from: BlockId | undefined, to: BlockId | undefined): Promise<boolean>;
  /** Where the cursor stood lately, the newest first: where it stands now and before, at most {@link RECENT_BLOCKS}. */
  recent(name: string): Promise<readonly BlockId[]>;
}

/** Remembers what validators were asked to attest to, for as long as its block may have to be withdrawn. */
export interface RequestStore {
  /** Remembers that a point was asked for. */
  add(name: string, point: Point): Promise<void>;
  /** What was asked for in the blocks above `block`. */
  above(name: string, block: number): Promise<readonly Point[]>;
  /** Forgets what was asked for outside the blocks `from` to `to`. */
  keep(name: string, from: number, to: number): Promise<void>;
}

/** Keeps verified attestations until their messages are delivered. May be wiped: signers answer again. */
export interface AttestationStore {
  /**
   * Keeps an attestation of a point.
   * @returns who has attested to it in the attestation's epoch, this one included: of two that come together one at least sees both
   */
  add(point: Point, attestation: Attestation): Promise<ReadonlyMap<PublicKey, Signature>>;
  /** The points of a lane above `nonce`, and up to `end` if that is given, to which anybody attested, highest first. */
  pointsAbove(lane: LaneId, nonce: bigint, end?: bigint): Promise<readonly Point[]>;
  /** Who attested to this very point (nonce and accumulator) in `epoch`. */
  signatures(point: Point, epoch: bigint): Promise<ReadonlyMap<PublicKey, Signature>>;
  /** Forgets the points up to `nonce`. */
  prune(lane: LaneId, nonce: bigint): Promise<void>;
  /** Forgets one point (nonce and accumulator) with all its signatures: its block is gone. */
  withdraw(point: Point): Promise<void>;
}

/** An operator's own durable record of everything that its validators ever signed. */
export interface SigningRecords {
  /** Applies {@link decide} and, if it says sign, records the statement. Answers once that is durable. */
  checkAndRecord(validator: PublicKey, statement: Statement): Promise<Decision>;
}

/** Where a validator's key lives: in this process, or with a remote signer. The key itself never leaves it. */
export interface SigningKey {
  readonly publicKey: PublicKey;
  /** Signs a digest as it is. */
  sign(digest: Hash): Promise<Signature>;
}

/** The watchtower's own durable record: the first that each validator was seen to sign at each place, and the cases that follow. */
export interface WatchRecord {
  /**
   * Applies {@link compare}: keeps the first, and opens a case for a second that contradicts it, unless there is one. Answers once
   * that is durable.
   */
  add(attestation: Attestation): Promise<Finding["kind"]>;
  /** At most `limit` statements, in no order, that were not compared with their origins yet. */
  unchecked(limit: number): readonly Attestation[];
  /** Notes durably what the comparison with their origins gave: forgets that what is true waits, opens a case for what is false. */
  checked(compared: readonly Compared[]): void;
  /** The cases that are neither settled nor refused, the oldest first. */
  open(): readonly Case[];
  /** Notes durably how far a case has come, and why, if it is refused. */
  note(id: number, state: CaseState, reason?: string): void;
  /** How many cases there are, by offence and state. */
  counts(): readonly CaseCount[];
}

/** What the watchtower's record says about who attested to what. */
export interface PointRecord {
  /**
   * The newest points of an epoch to which anybody attested, the newest first; who signed one is looked up when it is come to.
   * @param before when the first attestation to it was seen at the latest (Unix milliseconds)
   */
  points(epoch: bigint, before: number, limit: number): IteratorObject<SignedPoint>;
  /** The point whose attestations have this digest; undefined for one that nobody showed. */
  point(digest: Hash): SignedPoint | undefined;
  /** Opens a case durably, unless there is one for the same offence already. */
  openCase(found: Evidence): void;
}

/** What a set was seen to attest to. */
export type SignedPoint = Statement & {
  /** The signatures of this very statement. */
  readonly signatures: ReadonlyMap<PublicKey, Signature>;
  /** Whoever signed anything for the place, in whatever epoch. */
  readonly present: ReadonlySet<PublicKey>;
};

/** The log of attested points on the home chain, and what is claimed by it. */
export interface PointLog {
  /** How many points of an epoch are recorded, from which on they may be claimed of a validator, and the time (Unix seconds). */
  state(
    key: PublicKey,
    epoch: bigint,
  ): Promise<{ readonly count: number; readonly claimableFrom: number; readonly now: bigint }>;
  /** The recorded points `from` to `to`, the first included. */
  points(epoch: bigint, from: number, to: number): Promise<readonly RecordedPoint[]>;
  /** The digests of the points whose signers can still be completed, with who signed. */
  answerable(epoch: bigint): Promise<readonly Answerable[]>;
  /** Records a point, with its quorum, and waits until a block holds that. */
  record(point: Statement, lane: Lane, quorum: Quorum, signal: AbortSignal): Promise<Reported>;
  /** Adds signatures to recorded points, and waits until a block holds that. */
  answer(set: Ed25519Set, answers: readonly Answer[], signal: AbortSignal): Promise<Reported>;
}

/** A recorded point within its grace. */
export type Answerable = { readonly digest: Hash; readonly signers: bigint };

/** One more signature for a recorded point. @property index the signer's place in the set */
export type Answer = { readonly digest: Hash; readonly index: number; readonly signature: Signature };

/** A statement, and what {@link compareWithOrigin} says about it. */
export type Compared = {
  readonly signed: Attestation;
  readonly verdict: ReturnType<typeof compareWithOrigin>;
};

/** How many cases of an offence are in a state. */
export type CaseCount = Pick<Case, "state"> & Pick<Case["evidence"], "offence"> & { readonly count: number };

/**
 * What became of a transaction of a report. `turnedDown`: it was not done, for this reason; the chain moved on, or one node says so. It
 * decides nothing: the chain is read anew, by as many providers as must agree.
 */
export type Reported = { readonly transactionHash: Hash } | { readonly turnedDown: string };

/** Reports offences to the contract `Slashing` from one account. */
export interface Reporter {
  /** Who reports, and is rewarded. */
  readonly account: Address;
  /** The stake of a validator in an epoch, in the smallest unit of the bond's token; 0 for one that was no member. */
  stakeAt(key: PublicKey, epoch: bigint): Promise<bigint>;
  /** What the contract says of a case now. */
  facts(subject: Case): Promise<CaseFacts>;
  /** Goes one step further in showing the contract what the lane of a false proof was, and waits until a block holds that. */
  prove(subject: Case, signal: AbortSignal): Promise<Reported>;
  /** Commits to a case's evidence, and waits until a block holds that. */
  commit(subject: Case, signal: AbortSignal): Promise<Reported>;
  /** Reveals a case's evidence, and waits until a block holds that. */
  submit(subject: Case, signal: AbortSignal): Promise<Reported>;
  /** Has a slash that was not vetoed in time carried out, and waits until a block holds that. */
  execute(pending: PendingSlash, signal: AbortSignal): Promise<Reported>;
  /** Has all rewards paid to the account. @returns how much that was, in the smallest unit of the bond's token */
  claimReward(signal: AbortSignal): Promise<bigint>;
}

/** What may pass between a token's bridge and its counterpart on one chain, one way, in shared units. */
export type LaneRoom = {
  /** What may pass now. */
  readonly available: bigint;
  /** The most that may ever pass at once: the smaller of the two buckets that are drawn from. */
  readonly capacity: bigint;
};

/** A transfer that its bridge let wait because of its size, and when it arrived, in Unix seconds. */
export type DelayedTransfer = { readonly id: Hash; readonly since: number };

/** A token's bridge on one chain. */
export interface TokenSide {
  /** The number of the chain's newest block. */
  newestBlock(): Promise<number>;
  /** What may leave for `counterpart` now, and what may come from there. */
  room(counterpart: ChainId): Promise<{ readonly outgoing: LaneRoom; readonly incoming: LaneRoom }>;
  /** The transfers that began to wait in the blocks `from` to `to`, both included. Some may be settled since. */
  delayed(from: number, to: number): Promise<readonly DelayedTransfer[]>;
  /** Whether a transfer still waits: it was neither paid nor rejected nor returned. */
  isWaiting(id: Hash): Promise<boolean>;
}

import type { Address, Bytes, ChainId, Hash, LaneId, MessageId, PublicKey, Signature } from "./ids.ts";

/** One block and no other of the same number. */
export type BlockId = { readonly number: number; readonly hash: Hash };

/**
 * How far a chain is final: the number of its newest final block (-1 before there is one), and the hash of a block that has all final ones among
 * itself and its ancestors. As long as neither changes, nothing final has changed.
 */
export type Finality = { readonly number: number; readonly anchor: string | undefined };

/** Where a log stands on its chain. */
export type LogPosition = {
  readonly blockNumber: number;
  readonly blockHash: Hash;
  readonly transactionHash: Hash;
  readonly logIndex: number;
};

/** One lane: everything that goes from one chain's Outbox to another chain. */
export type Lane = {
  readonly id: LaneId;
  readonly originChainId: ChainId;
  readonly outbox: Address;
  readonly destinationChainId: ChainId;
};

/** How far a lane has come: `accumulator` is acc(`nonce`); nonce 0 and the zero hash before the first message. */
export type LaneHead = { readonly nonce: bigint; readonly accumulator: Hash };

/** A message as its origin's Outbox logged it. `gasLimit` is in gas of the destination. */
export type Message = {
  readonly id: MessageId;
  readonly lane: LaneId;
  readonly nonce: bigint;
  readonly sender: Address;
  readonly recipient: Address;
  readonly gasLimit: bigint;
  readonly payload: Bytes;
  /** acc(`nonce`) */
  readonly accumulator: Hash;
  readonly position: LogPosition;
};

/**
 * A point of a lane that validators attest to: the last message of the lane in one origin block. All honest validators sign the
 * same points, so that their signatures meet.
 */
export type Point = LaneHead & {
  readonly lane: LaneId;
  /** The message that it ends with: the one with its nonce. */
  readonly messageId: MessageId;
  readonly originChainId: ChainId;
  readonly destinationChainId: ChainId;
  readonly position: LogPosition;
};

/** M of N validators, as the contracts' `ValidatorSet`. */
export type ValidatorSet = {
  readonly epoch: bigint;
  /** Unix seconds; from then on nothing that the set signs is accepted. */
  readonly expiresAt: bigint;
  /** For how many seconds after this set's activation the one before may still attest. */
  readonly overlap: number;
  /** M */
  readonly threshold: number;
} & (
  | {
      readonly scheme: "Ed25519";
      /** The N public keys, strictly ascending. */
      readonly members: readonly PublicKey[];
    }
  | {
      readonly scheme: "BLS12381";
      /** The id of a key set of N members, alone. */
      readonly members: readonly [Hash];
    }
);

/** A set whose members sign one by one. */
export type Ed25519Set = ValidatorSet & { readonly scheme: "Ed25519" };

/** The word of a quorum, as the contracts' `Quorum`. */
export type Quorum = {
  readonly set: ValidatorSet;
  /** Bit i is member i. */
  readonly signers: bigint;
  /** Ed25519: R ‖ S ‖ x for each signer, ascending. BLS12381: the aggregate. */
  readonly signature: Bytes;
};

/** What a validator signs: `AttestationLib.digest` over these five. */
export type Statement = {
  readonly domain: Hash;
  readonly lane: LaneId;
  readonly nonce: bigint;
  readonly accumulator: Hash;
  readonly epoch: bigint;
};

/** A statement with one validator's signature over its digest. */
export type Attestation = Statement & { readonly validator: PublicKey; readonly signature: Signature };

import type { LaneHead, LogPosition, Quorum, ValidatorSet } from "../../../domain/bridge.ts";
import type { Address, ChainId, Hash, LaneId, MessageId, PublicKey } from "../../../domain/ids.ts";
import type { MessageContent } from "../../../domain/message.ts";

/** Where a log stands, and when its block was made by the chain's own clock (Unix seconds). */
export type Place = LogPosition & { readonly chainId: ChainId; readonly time: number };

/** A message as its origin's Outbox logged it. Nothing of it has been held against anything yet. */
export type Deposit = {
  readonly destinationChainId: ChainId;
  readonly nonce: bigint;
  readonly id: MessageId;
  readonly accumulator: Hash;
  /** undefined where one of the two logs is missing, or says what no Outbox says. */
  readonly content: MessageContent | undefined;
  readonly place: Place;
};

/** What an Inbox logged of a message: that its recipient took it, or that it did not. */
export type Outcome = {
  readonly kind: "executed" | "failed";
  readonly id: MessageId;
  readonly originChainId: ChainId;
  readonly nonce: bigint;
  readonly place: Place;
};

/** What an Inbox logged of a batch: that it took the word of a quorum up to `nonce`. */
export type Acceptance = {
  readonly originChainId: ChainId;
  readonly nonce: bigint;
  readonly epoch: bigint;
  readonly accumulator: Hash;
  readonly signers: bigint;
  readonly place: Place;
};

/** A validator set that an Inbox took on. */
export type Activation = { readonly set: ValidatorSet; readonly place: Place };

/** A message as calldata carries it. */
export type CarriedMessage = Omit<MessageContent, "nonce">;

/** What a transaction asked an Inbox for, by its calldata. */
export type InboxCall =
  | {
      readonly kind: "deliver";
      readonly originChainId: ChainId;
      readonly firstNonce: bigint;
      readonly messages: readonly CarriedMessage[];
      readonly later: readonly MessageId[];
      readonly quorum: Quorum;
    }
  | {
      readonly kind: "retry";
      readonly originChainId: ChainId;
      readonly nonce: bigint;
      readonly message: CarriedMessage;
    }
  | { readonly kind: "rotate"; readonly next: ValidatorSet; readonly quorum: Quorum }
  /** It called something else than the Inbox, or the Inbox with something else. */
  | { readonly kind: "unreadable" };

/** What one chain says. Logs go from the contracts' deployment at least to `head`; they may go further. */
export type ChainEvidence = {
  readonly chainId: ChainId;
  readonly name: string;
  readonly outbox: Address;
  readonly inbox: Address;
  /** The block at which state was read. */
  readonly head: number;
  /** Up to which block the chain was final when its logs had been read, after the heads of all chains were chosen. */
  readonly finalBlock: number;
  readonly deposits: readonly Deposit[];
  readonly outcomes: readonly Outcome[];
  readonly acceptances: readonly Acceptance[];
  readonly activations: readonly Activation[];
  /** The hashes of the sets that governance proposed when a quorum was lost. */
  readonly recoveries: ReadonlySet<Hash>;
  /** By the hash of the transaction: those in which something was accepted, executed or activated. */
  readonly calls: ReadonlyMap<Hash, InboxCall>;
  /** State at `head`: how far the Outbox has come towards each destination, and the Inbox from each origin. */
  readonly sent: ReadonlyMap<ChainId, LaneHead>;
  readonly accepted: ReadonlyMap<ChainId, LaneHead>;
};

/** A set that the registry on the home chain formed, and what each member had bonded then (0 for no bond), in the bond's smallest unit. */
export type FormedEvidence = {
  readonly set: ValidatorSet;
  readonly stakes: ReadonlyMap<PublicKey, bigint>;
};

/** The home chain's registry; undefined where the network has none, and then no bond can be shown. */
export type HomeEvidence = {
  readonly chainId: ChainId;
  readonly registry: Address;
  readonly sets: readonly FormedEvidence[];
};

/** A transfer that a token bridge logged; `amount` in the token's smallest unit on that chain. */
export type Movement = { readonly id: Hash; readonly amount: bigint; readonly place: Place };

/** A token bridge of one chain, with its state at the chain's head. */
export type TokenSideEvidence = {
  readonly chainId: ChainId;
  readonly bridge: Address;
  /** How many of the token's smallest units here make one shared unit. */
  readonly scale: bigint;
  /**
   * Where the token was born: what the bridge counts as locked, in shared units, and what it has, in units. Elsewhere: what of the token
   * there is, in units.
   */
  readonly state:
    | { readonly mode: "lock"; readonly locked: bigint; readonly balance: bigint }
    | { readonly mode: "mint"; readonly supply: bigint };
  readonly sent: readonly Movement[];
  /** Paid, or sent back as a transfer of its own. */
  readonly settled: readonly Movement[];
};

/** A token and its bridges on all chains. */
export type TokenEvidence = { readonly symbol: string; readonly sides: readonly TokenSideEvidence[] };

/** What one file of signing records says of one lane. */
export type SigningEvidence = {
  /** The file, in words for people. */
  readonly source: string;
  readonly validator: PublicKey;
  readonly domain: Hash;
  readonly lane: LaneId;
  /** Up to here an import closed the lane: what is missing below may have been signed elsewhere. */
  readonly lowWaterMark: bigint;
  /** By nonce. Without an accumulator the nonce is closed and nobody knows what was signed there. */
  readonly signed: ReadonlyMap<bigint, { readonly accumulator: Hash | undefined; readonly epoch: bigint }>;
};

/** A job that failed for good, by the log of the process that worked on it. Times in Unix milliseconds. */
export type FailedJob = {
  readonly source: string;
  readonly queue: string;
  readonly job: string;
  readonly code: string;
  readonly at: number;
};

/** One firing of an alert, by alerting's own memory. Times in Unix milliseconds. */
export type Episode = {
  readonly episode: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly startsAt: number;
  /** undefined while it fires. */
  readonly endsAt: number | undefined;
  /** When it was silenced or inhibited; the last without an end where it still is. */
  readonly muted: readonly { readonly from: number; readonly to: number | undefined }[];
};

/** A notification of firing alerts, by alerting's own memory. */
export type Page = {
  readonly id: string;
  readonly receiver: string;
  readonly at: number;
  /** The episodes that it names, where that is still known; else the labels that all of its alerts have in common. */
  readonly about:
    { readonly episodes: ReadonlySet<string> } | { readonly labels: Readonly<Record<string, string>> };
  readonly isDelivered: boolean;
};

/** What alerting remembers; undefined where the network has no alerting, and then nothing is asked of it. */
export type AlertEvidence = { readonly episodes: readonly Episode[]; readonly pages: readonly Page[] };

/** All that the checker judges by. */
export type Evidence = {
  readonly chains: readonly ChainEvidence[];
  readonly home: HomeEvidence | undefined;
  readonly tokens: readonly TokenEvidence[];
  readonly records: readonly SigningEvidence[];
  readonly failedJobs: readonly FailedJob[];
  readonly alerts: AlertEvidence | undefined;
};

/** What was to be so by when. Times in Unix milliseconds, durations in milliseconds. */
export type Expectations = {
  /** When the evidence had been read. */
  readonly checkedAt: number;
  /** When the last fault was healed; only what is due after that can be late. */
  readonly healedAt: number;
  /** T: for how long after healing, or after its deposit, a message may be on its way. */
  readonly executedWithin: number;
  /** Since when jobs and alerts count. */
  readonly since: number;
  /** For how long after a job failed its alert may not fire yet. */
  readonly alertedWithin: number;
  /** For how long an alert that fires and is not muted may wait for its first notification to arrive: the routes' group wait, and the way. */
  readonly notifiedWithin: number;
};

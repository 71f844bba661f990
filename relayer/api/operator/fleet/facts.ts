import type { QueueView } from "../../../platform/queue-admin.ts";
import type { Address, ChainName, LaneId, PublicKey } from "../../../domain/ids.ts";
import type { ValidatorList } from "../../list-schema.ts";
import type { StatusView } from "../../schema.ts";

/** What one source said, or why it did not: never both, and never a guess. */
export type Part<T> = { readonly value: T } | { readonly problem: string };

/** Where a lane stands, as the index has it. Times in Unix seconds. */
export type LaneEdge = {
  /** The first message that is not accepted; undefined where the index has none. */
  readonly waiting: { readonly sentAt: number; readonly isFinal: boolean } | undefined;
  /** When the last message that was accepted was delivered; undefined before the first. */
  readonly deliveredAt: number | undefined;
};

/** A role of the fleet, as it shows itself on its own port. */
export type RoleFact = {
  /** The same when it starts again, such as `sender-A` or `signer-2`. */
  readonly instance: string;
  readonly role: string;
  readonly chain: string | null;
  readonly isReady: boolean;
  readonly reasons: readonly string[];
};

/** An account that pays for transactions, on its chain. */
export type AccountFact = { readonly balance: bigint; readonly nonce: number };

/** How much of a token is where, in its smallest unit. */
export type HoldingFact = {
  readonly symbol: string;
  readonly decimals: number;
  /** At home, and minted elsewhere, at the blocks that the index stands at. */
  readonly locked: bigint;
  readonly minted: bigint;
  /** What was sent and not delivered at those blocks; what a bridge holds back because of its size is not in it. */
  readonly undelivered: bigint;
};

/** How many alerts fire, by severity, and how many more are silenced or inhibited. */
export type AlertCounts = {
  readonly critical: number;
  readonly warning: number;
  readonly other: number;
  readonly silenced: number;
};

/** What the pages of metrics tell of the fleet. */
export type MetricFacts = {
  /** By chain and validator: for how long others have attested and it has not, in seconds. */
  readonly behind: ReadonlyMap<string, ReadonlyMap<PublicKey, number>>;
  /** By validator: of the newest points that the watchtower judges, how many it missed. */
  readonly windows: ReadonlyMap<PublicKey, { readonly missed: number; readonly of: number }>;
  /** Offences that were found and not punished yet; undefined where no watchtower says so. */
  readonly openCases: number | undefined;
  readonly senders: readonly {
    readonly chain: ChainName;
    readonly account: Address;
    readonly pending: number;
  }[];
  /** By chain: gas per message, summed over all deliveries, and how many there were. */
  readonly gas: ReadonlyMap<string, { readonly sum: number; readonly count: number }>;
  /** By queue: 95th percentiles in seconds. */
  readonly waits: ReadonlyMap<string, number>;
  readonly runs: ReadonlyMap<string, number>;
};

/** Everything that was gathered at one moment. */
export type FleetFacts = {
  /** Unix milliseconds. */
  readonly at: number;
  readonly status: Part<StatusView>;
  readonly edges: Part<ReadonlyMap<LaneId, LaneEdge>>;
  /** Who attested to anything that waits on a lane. */
  readonly signers: Part<ReadonlyMap<LaneId, ReadonlySet<PublicKey>>>;
  readonly validators: Part<ValidatorList>;
  readonly queues: Part<readonly QueueView[]>;
  readonly roles: Part<readonly RoleFact[]>;
  readonly metrics: Part<MetricFacts>;
  /** By {@link accountKey}. */
  readonly accounts: Part<ReadonlyMap<string, AccountFact>>;
  readonly holdings: Part<readonly HoldingFact[]>;
  readonly alerts: Part<AlertCounts>;
};

/** Whether what was minted of a token, and what is on its way, is locked. */
export function isCovered({ locked, minted, undelivered }: HoldingFact): boolean {
  return locked - minted >= undelivered;
}

export function accountKey(chain: string, account: string): string {
  return `${chain} ${account}`;
}

/** What a source said; undefined where it said nothing. */
export function valueOf<T>(part: Part<T>): T | undefined {
  return "value" in part ? part.value : undefined;
}

/** What only whoever has looked before knows. */
export type Seen = {
  /** Since when nothing was accepted on a lane although final messages wait there; Unix milliseconds. */
  readonly standingSince: ReadonlyMap<LaneId, number>;
  /** Tokens of which more was minted than is covered at two looks in a row: one look may meet a chain that is being reorganised. */
  readonly uncovered: ReadonlySet<string>;
  /** Roles that ran a while ago, and are gone. */
  readonly gone: readonly RoleFact[];
};

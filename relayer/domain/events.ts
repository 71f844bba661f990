import type { Point } from "./bridge.ts";
import type { Address, ChainName, Hash, LaneId, PublicKey } from "./ids.ts";

/** What one provider of a chain answered, shortened, or why it did not answer. Providers are named without their keys. */
export type ProviderAnswer = { readonly provider: string; readonly said: string };

/** Something that an operator should hear of, whatever else was done about it. Never holds secrets. */
export type DomainEvent =
  | {
      /** A provider said something else than the ones that agreed. Nothing was founded on it. */
      readonly kind: "rpc-outvoted";
      readonly chain: ChainName;
      readonly method: string;
      readonly provider: string;
      readonly said: string;
      readonly agreed: string;
    }
  | {
      /** Too few providers agreed, so the chain could not be read. What needed it waits. */
      readonly kind: "rpc-no-agreement";
      readonly chain: ChainName;
      readonly method: string;
      /** Whether those that answered contradicted each other, or too few answered. */
      readonly reason: "disagreement" | "too-few";
      /** How many had to agree. */
      readonly needed: number;
      readonly answers: readonly ProviderAnswer[];
    }
  | {
      /** Blocks vanished that were final by the configured rule. What was derived from them was withdrawn. */
      readonly kind: "deep-reorg";
      readonly chainId: number;
      /** How many blocks that had been read are gone. */
      readonly depth: number;
      /** The newest block that was read and is still there; undefined when none of those remembered is. */
      readonly ancestor: number | undefined;
      /** What validators had been asked to attest to in the blocks that vanished. */
      readonly points: readonly Point[];
    }
  | (FoundOffence & {
      /** The evidence is recorded and will be reported. Told again by a process that takes the case over. */
      readonly kind: "offence-found";
    })
  | (FoundOffence & {
      /** A validator was punished, and that is final. */
      readonly kind: "offence-punished";
      /** Who reported it; not the watchtower, if somebody was faster. */
      readonly reporter: Address;
      /** What the bond lost, in its token's smallest unit. */
      readonly taken: bigint;
      readonly transactionHash: Hash;
    })
  | (FoundOffence & {
      /** The contract does not take the evidence. Nobody was punished. */
      readonly kind: "offence-refused";
      readonly reason: string;
    })
  | {
      /** A validator did not attest to more than half of the newest points that its set attested to, or does so again. */
      readonly kind: "validator-missing" | "validator-back";
      readonly validator: PublicKey;
      readonly epoch: bigint;
      /** At how many of the newest `points` it is missing. */
      readonly missed: number;
      readonly points: number;
    };

/** An offence, and who committed it where. */
export type FoundOffence = {
  readonly offence: string;
  readonly validator: PublicKey;
  readonly where: OffencePlace | OffenceWindow;
};

/** One place of a lane, as one Inbox sees it. */
export type OffencePlace = { readonly domain: Hash; readonly lane: LaneId; readonly nonce: bigint };

/** A window of an epoch's recorded points, by the index of its first. */
export type OffenceWindow = { readonly epoch: bigint; readonly firstPoint: number };

/** Hands an event to whoever alerts people. */
export type Emit = (event: DomainEvent) => void;

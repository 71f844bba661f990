import type { ChainId, ChainName, Hash } from "../domain/ids.ts";
import type { Facts } from "./core/facts.ts";

/** A block as following a chain needs it. `time` in Unix seconds. */
export type IndexedBlock = {
  readonly number: number;
  readonly hash: Hash;
  readonly parentHash: Hash;
  readonly time: number;
};

/** How far a chain has come: its newest block, with its hash, and its newest final one (-1 before there is one). */
export type Heights = { readonly head: number; readonly hash: Hash; readonly final: number };

/** How far a chain had come when it was seen (Unix seconds). */
export type Sighting = Pick<Heights, "head" | "final"> & { readonly at: number };

/** What a range of blocks says, all of it of one branch of the chain. */
export type Range = {
  /** The block that the range ends with, and those before it that were looked at, in order. */
  readonly blocks: readonly IndexedBlock[];
  readonly end: IndexedBlock;
  readonly facts: Facts;
};

/** One chain as the indexer reads it. */
export interface IndexedChain {
  readonly chainId: ChainId;
  readonly name: ChainName;
  /** The first block that can hold a log of ours. */
  readonly deploymentBlock: number;
  /** The newest block, and the newest final one. */
  heights(): Promise<Heights>;
  /** The block `number` of the canonical chain; undefined when there is none now. */
  block(number: number): Promise<IndexedBlock | undefined>;
  /**
   * Everything in the blocks `from` to `to`, both included.
   * @param parent the hash of the block before `from`, if that was read
   * @returns undefined when the chain changed meanwhile, or `from` does not follow `parent`
   */
  range(from: number, to: number, parent: Hash | undefined): Promise<Range | undefined>;
}

/** How many of the newest blocks of a chain are remembered: a deeper reorganisation is answered by reading the chain anew. */
export const REMEMBERED_BLOCKS = 512;

/** Where the index of a chain stands: the newest block that it holds. */
export type IndexCursor = Pick<IndexedBlock, "number" | "hash">;

/**
 * The index's tables, as they are written. Each call is one transaction, and moves the cursor of the chain only if it still stands
 * where the caller thinks: so nothing is lost or doubled, whoever is killed when, and however many write.
 */
export interface IndexStore {
  /** How far a chain is indexed; undefined before the first block. */
  cursor(chainId: ChainId): Promise<IndexCursor | undefined>;
  /** The blocks of a chain that are remembered, newest first. */
  recent(chainId: ChainId): Promise<readonly IndexCursor[]>;
  /** Takes a range in after `cursor`. @returns false when the cursor stands elsewhere; nothing was changed then */
  append(chainId: ChainId, cursor: IndexCursor | undefined, range: Range, seen: Sighting): Promise<boolean>;
  /**
   * Takes everything back that came after `ancestor`; everything of the chain without one.
   * @returns false when the cursor does not stand at `cursor`; nothing was changed then
   */
  withdraw(chainId: ChainId, cursor: IndexCursor, ancestor: IndexCursor | undefined): Promise<boolean>;
  /** Notes how far the chain has come, without a block that is new. */
  observe(chainId: ChainId, seen: Sighting): Promise<void>;
  /** Empties all tables, once for each id. @returns whether it did so now */
  rebuild(id: string): Promise<boolean>;
}

/** Where somebody asked for the index to be built anew. */
export interface RebuildRequests {
  /** The id of the last request, if there was one. */
  last(): Promise<string | undefined>;
}

import { isError } from "ethers";
import { RetryableError } from "../../domain/errors.ts";
import type { Rpc } from "../../platform/rpc.ts";

/** How many of the newest blocks are searched first; below the limits of the common providers. */
const RECENT_BLOCKS = 1_000;
/** How much wider each window is than the one above it. */
const GROWTH = 4;

/** Where one thing was found, or nothing. */
type Read<T> = (from: number, to: number | "latest") => Promise<T | undefined>;

/** Looks for things in a contract's logs, the newest blocks first, so that the chain's past costs nothing unless it is needed. */
export class LogSearch {
  readonly #rpc: Rpc;
  /** The newest block as it was known the last time. */
  #newest: number | undefined;

  constructor(rpc: Rpc) {
    this.#rpc = rpc;
  }

  /**
   * Looks into the newest blocks, beginning at `floor` at the earliest.
   * @returns what `read` found there, and the first block that was searched
   */
  async recent<T>(
    read: Read<T>,
    floor = this.#rpc.chain.deploymentBlock,
  ): Promise<{ readonly found: T | undefined; readonly from: number; readonly to: number }> {
    const known = this.#newest ?? (await this.#rpc.newestBlock());
    const from = Math.max(Math.min(floor, known), known - RECENT_BLOCKS + 1);
    // Both travel together: the block number is for the next time.
    try {
      const [found, newest] = await Promise.all([read(from, "latest"), this.#rpc.newestBlock()]);
      this.#newest = newest;
      return { found, from, to: newest };
    } catch (error) {
      this.#newest = undefined; // a chain that became shorter has no blocks from there on
      throw error;
    }
  }

  /** Looks into the blocks `floor` to `to`, the newest first, in windows that grow. */
  async older<T>(read: Read<T>, to: number, floor = this.#rpc.chain.deploymentBlock): Promise<T | undefined> {
    let last = to;
    for (let size = RECENT_BLOCKS * GROWTH; last >= floor; size *= GROWTH) {
      const from = Math.max(floor, last - size + 1);
      const found = await read(from, last);
      if (found !== undefined) return found;
      last = from - 1;
    }
    return undefined;
  }

  /**
   * Finds what is known to stand in the blocks up to `to` by the state that changed with it: by halves, where the node still has
   * the state of old blocks, in windows where not.
   * @param isReached whether the state of a block has it already. One provider's word is enough: the logs are agreed upon.
   */
  async byState<T>(read: Read<T>, to: number, isReached: (block: number) => Promise<boolean>) {
    if (to < this.#rpc.chain.deploymentBlock) return undefined;
    const block = await this.#firstBlock(to, isReached);
    const found = block === undefined ? undefined : await read(block, block);
    return found ?? this.older(read, to);
  }

  /** The first block up to `to` in whose state something is reached; undefined when nodes do not tell. */
  async #firstBlock(to: number, isReached: (block: number) => Promise<boolean>): Promise<number | undefined> {
    let [low, high] = [this.#rpc.chain.deploymentBlock, to];
    try {
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if (await hasState(() => isReached(middle))) high = middle;
        else low = middle + 1;
      }
      return low;
    } catch (error) {
      if (error instanceof RetryableError || isError(error, "CALL_EXCEPTION")) return undefined;
      throw error;
    }
  }
}

/** Before the contract was there, a call is answered with nothing. */
async function hasState(isReached: () => Promise<boolean>): Promise<boolean> {
  try {
    return await isReached();
  } catch (error) {
    const cause = error instanceof RetryableError ? error.cause : error;
    if (isError(cause, "BAD_DATA") && cause.value === "0x") return false;
    throw error;
  }
}

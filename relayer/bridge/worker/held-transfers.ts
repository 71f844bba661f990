import type { Hash } from "../../domain/ids.ts";
import type { TokenSide } from "../ports.ts";

/** What is asked, and the block before which nothing is looked for. */
export type HeldServices = {
  readonly bridge: Pick<TokenSide, "newestBlock" | "delayed" | "isWaiting">;
  readonly deploymentBlock: number;
};

/** How many old blocks one look goes back. */
const PAGE_BLOCKS = 5_000;
/** So many blocks are read again, for a reorganisation may have put something there. */
const REORG_BLOCKS = 256;
/** How many transfers are kept in mind; of more than that, the rest is not counted. */
const MOST_KEPT = 10_000;
/** How many of them one look asks for, those first that were asked for longest ago. */
const MOST_ASKED = 100;

/**
 * The transfers that one token's bridge holds back. The bridge counts them nowhere, so they are gathered from its logs: the newest
 * blocks first, then the older ones a page at each look, so that a start costs the same on a chain of any length.
 */
export class HeldTransfers {
  readonly #services: HeldServices;
  /** In the order in which they were last asked for. */
  readonly #since = new Map<Hash, number>();
  /** The blocks that were read. */
  #read: { readonly first: number; readonly last: number } | undefined;

  constructor(services: HeldServices) {
    this.#services = services;
  }

  /**
   * Looks once more.
   * @returns how many wait, as far as is known, and since when the oldest has, in Unix seconds; undefined when none waits
   */
  async look(): Promise<{ readonly count: number; readonly oldest: number | undefined }> {
    await this.#readBlocks();
    await this.#dropSettled();
    let oldest: number | undefined;
    for (const since of this.#since.values()) if (oldest === undefined || since < oldest) oldest = since;
    return { count: this.#since.size, oldest };
  }

  async #readBlocks(): Promise<void> {
    const { bridge, deploymentBlock } = this.#services;
    const last = await bridge.newestBlock();
    const known = this.#read ?? { first: last + 1, last };
    await this.#gather(Math.min(known.last, last) - REORG_BLOCKS + 1, last);
    const first = Math.max(deploymentBlock, known.first - PAGE_BLOCKS);
    await this.#gather(first, known.first - 1);
    this.#read = { first, last };
  }

  async #gather(from: number, to: number): Promise<void> {
    const { bridge, deploymentBlock } = this.#services;
    const first = Math.max(deploymentBlock, from);
    if (first > to) return;
    for (const { id, since } of await bridge.delayed(first, to))
      if (this.#since.has(id) || this.#since.size < MOST_KEPT) this.#since.set(id, since);
  }

  async #dropSettled(): Promise<void> {
    const asked = [...this.#since].slice(0, MOST_ASKED);
    const waiting = await Promise.all(asked.map(([id]) => this.#services.bridge.isWaiting(id)));
    for (const [i, [id, since]] of asked.entries()) {
      this.#since.delete(id);
      if (waiting[i] === true) this.#since.set(id, since); // behind all others
    }
  }
}

import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/log.ts";
import type { IndexCursor, IndexedChain, IndexStore, RebuildRequests, Sighting } from "./ports.ts";

/** How many blocks are read at once while catching up; providers that grant fewer are asked for less by the layer below. */
const BLOCKS_AT_ONCE = 2_000;

/** What a follower works with. */
export type FollowerServices = {
  readonly chain: IndexedChain;
  readonly store: IndexStore;
  readonly clock: Pick<Clock, "now">;
  readonly logger: Logger;
  /** Told when a reorganisation took blocks back. */
  readonly onReorg?: (depth: number) => void;
};

/**
 * Follows one chain up to its newest block, and keeps the index in step: each range of blocks goes in together with the cursor,
 * in one transaction. When the block at the cursor is no longer on the chain, everything from blocks that are gone is taken back
 * first. The index holds nothing that the chain does not say, so an empty one is filled by the same road.
 */
export class Follower {
  readonly #services: FollowerServices;
  /** What was noted last. */
  #observed: Sighting | undefined;

  constructor(services: FollowerServices) {
    this.#services = services;
  }

  /** Takes in everything that is new. */
  async tick(signal: AbortSignal): Promise<void> {
    const { chain, store, clock } = this.#services;
    const { head, hash, final } = await chain.heights();
    const seen = { head, final, at: Math.floor(clock.now() / 1_000) };
    let cursor = await store.cursor(chain.chainId);
    if (cursor?.hash === hash) {
      await this.#observe(seen);
      return;
    }
    if (cursor !== undefined && (await chain.block(cursor.number))?.hash !== cursor.hash) {
      if (!(await this.#withdraw(cursor, seen))) return;
      cursor = await store.cursor(chain.chainId);
    }
    cursor = await this.#readOn(cursor, seen, signal);
    if (cursor !== undefined) await this.#observe(seen);
  }

  /** Notes how far the chain has come, unless that was noted already. */
  async #observe(seen: Sighting): Promise<void> {
    const known = this.#observed;
    if (known?.head === seen.head && known.final === seen.final && known.at === seen.at) return;
    await this.#services.store.observe(this.#services.chain.chainId, seen);
    this.#observed = seen;
  }

  /** @returns where the index stands afterwards */
  async #readOn(
    start: IndexCursor | undefined,
    seen: Sighting,
    signal: AbortSignal,
  ): Promise<IndexCursor | undefined> {
    const { chain, store, logger } = this.#services;
    let cursor = start;
    for (;;) {
      const from = cursor === undefined ? chain.deploymentBlock : cursor.number + 1;
      if (from > seen.head || signal.aborted) return cursor;
      const to = Math.min(from + BLOCKS_AT_ONCE - 1, seen.head);
      const range = await chain.range(from, to, cursor?.hash);
      if (range === undefined) {
        logger.debug({ from, to }, "the chain changed while it was read; reading it again");
        return cursor;
      }
      if (!(await store.append(chain.chainId, cursor, range, seen))) {
        logger.info("the index was rebuilt, or another indexer was faster; going on from where it stands");
        return store.cursor(chain.chainId);
      }
      cursor = { number: range.end.number, hash: range.end.hash };
    }
  }

  /** @returns whether the index stands at a block of the chain again */
  async #withdraw(cursor: IndexCursor, { final }: Sighting): Promise<boolean> {
    const { chain, store, logger, onReorg } = this.#services;
    let ancestor: IndexCursor | undefined;
    for (const block of await store.recent(chain.chainId)) {
      if ((await chain.block(block.number))?.hash !== block.hash) continue;
      ancestor = block;
      break;
    }
    if (!(await store.withdraw(chain.chainId, cursor, ancestor))) return false;
    const depth = cursor.number - (ancestor?.number ?? chain.deploymentBlock - 1);
    logger.info(
      { depth, ancestor: ancestor?.number ?? null, cursor: cursor.number, final },
      "a reorganisation: what came from blocks that are gone was taken back",
    );
    onReorg?.(depth);
    return true;
  }
}

/** Does what was asked for before each tick: builds the index anew, once for each request. */
export async function rebuildIfAsked(
  requests: RebuildRequests,
  store: Pick<IndexStore, "rebuild">,
  logger: Logger,
): Promise<void> {
  const id = await requests.last();
  if (id !== undefined && (await store.rebuild(id)))
    logger.info({ rebuild: id }, "the index was emptied as asked; filling it from the chains");
}

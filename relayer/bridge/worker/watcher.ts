import type { BlockId, Finality, LaneHead, Point } from "../../domain/bridge.ts";
import type { Emit } from "../../domain/events.ts";
import type { ChainId, Hash } from "../../domain/ids.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { attestationPoints } from "../core/points.ts";
import {
  type CursorStore,
  type Destination,
  type Origin,
  RECENT_BLOCKS,
  type RequestStore,
} from "../ports.ts";
import { findStanding } from "./standing.ts";

/** How many blocks are read at once while catching up; below the limits of the common providers. */
const BLOCKS_AT_ONCE = 1_000;

/** How often it is looked whether lanes stand still, as a share of how long they may. */
const LOOK_SHARE = 1 / 4;

/** What a watcher works with. */
export type WatcherServices = {
  readonly origin: Origin;
  readonly destinations: ReadonlyMap<ChainId, Destination>;
  readonly cursors: CursorStore;
  readonly requests: RequestStore;
  /** Asks every validator of the point's destination to attest to it. Asking twice does no harm. */
  readonly requestAttestations: (point: Point) => Promise<void>;
  /** Takes back what was asked for and what came of it, as far as that is in our hands: nothing signed is unsigned by it. */
  readonly withdraw: (point: Point) => Promise<void>;
  readonly emit: Emit;
  readonly clock: Clock;
  readonly logger: Logger;
};

/**
 * Follows one origin chain through its final blocks and asks for attestations of what it finds.
 *
 * The cursor only saves work. Where it is missing (a first start, a wiped Redis) the destinations' Inboxes tell from where
 * messages are still undelivered; and a lane that does not move although messages wait is asked for again, whatever was lost.
 *
 * The cursor is a block, not only a number. When that block is gone, a reorganisation went deeper than the finality rule allows:
 * what was derived from the blocks that vanished is withdrawn, an alarm is raised, and everything since the last block that is
 * still there is read again.
 */
export class Watcher {
  readonly #services: WatcherServices;
  readonly #name: string;
  readonly #redriveMilliseconds: number;
  /** What the last tick left nothing to be done of: how far the chain was final, and where the cursor stood. */
  #done: (Finality & { readonly cursor: Hash }) | undefined;
  #lookedAfterLanes = Number.NEGATIVE_INFINITY;
  /** The lanes on which messages wait: where the Inbox stands, and since when. */
  readonly #waiting = new Map<string, { readonly behind: bigint; readonly since: number }>();

  /** @param redriveMilliseconds how long a lane with waiting messages may stand still */
  constructor(options: { readonly redriveMilliseconds: number }, services: WatcherServices) {
    this.#services = services;
    this.#name = `watcher-${services.origin.chainId}`;
    this.#redriveMilliseconds = options.redriveMilliseconds;
  }

  /** Reads everything that became final since the last time. */
  async tick(signal: AbortSignal): Promise<void> {
    const { origin, cursors } = this.#services;
    const finality = await origin.finality();
    const cursor = await cursors.read(this.#name);
    const isDone =
      this.#done?.number === finality.number &&
      this.#done.anchor === finality.anchor &&
      this.#done.cursor === cursor?.hash;
    if (!isDone) {
      this.#done = undefined;
      if (!(await this.#follow(cursor, finality.number, signal))) return;
      const reached = await cursors.read(this.#name);
      if (reached !== undefined) this.#done = { ...finality, cursor: reached.hash }; // else it was wiped since
    }
    await this.#redrive(finality.number);
  }

  /** @returns whether everything up to `final` was read */
  async #follow(start: BlockId | undefined, final: number, signal: AbortSignal): Promise<boolean> {
    const { origin, cursors } = this.#services;
    let cursor = start;
    if (cursor !== undefined) {
      const standing = await findStanding(origin, cursors, this.#name, { cursor, final });
      if (standing.kind === "orphaned") {
        // A shorter fork may end before the ancestor is final again: what follows the last final block is read again then.
        const recent = await cursors.recent(this.#name);
        const last = Math.min(standing.ancestor?.number ?? -1, final);
        const base = recent.find(({ number }) => number <= last);
        if (!(await this.#withdraw(cursor, standing, base))) return false;
        cursor = base;
      }
    }
    return this.#readOn(cursor, final, signal);
  }

  /** @returns whether everything up to `final` was read */
  async #readOn(start: BlockId | undefined, final: number, signal: AbortSignal): Promise<boolean> {
    const { origin, cursors, requests, logger } = this.#services;
    let cursor = start;
    let from = cursor === undefined ? await this.#firstUndelivered(final) : cursor.number + 1;
    if (cursor === undefined && from > final) {
      // Nothing final waits: this is where to go on, and what the next blocks are held against.
      const end = final < 0 ? undefined : await origin.block(final);
      return end !== undefined && cursors.move(this.#name, undefined, end);
    }
    while (from <= final && !signal.aborted) {
      // The hash is read before the logs: a reorganisation in between leaves a cursor that is found to be orphaned.
      const end = await origin.block(Math.min(from + BLOCKS_AT_ONCE - 1, final));
      if (end === undefined) return false; // gone since; the next tick looks again
      await this.#request(from, end.number);
      if (!(await cursors.move(this.#name, cursor, end))) {
        logger.warn("the cursor was wiped or moved by another watcher; reading it again");
        return false;
      }
      cursor = end;
      from = end.number + 1;
      // Below the oldest block that is remembered nothing can be withdrawn any more.
      const recent = await cursors.recent(this.#name);
      if (recent.length === RECENT_BLOCKS)
        await requests.keep(this.#name, recent.at(-1)?.number ?? 0, end.number);
    }
    return true;
  }

  /**
   * Takes back what was asked for above `base`, and raises the alarm about what is gone of it. What still stands there will be
   * asked for again as the blocks after `base` are read.
   * @param base where to go on: a final block, the ancestor or one before it
   * @returns whether the cursor stands there now
   */
  async #withdraw(
    cursor: BlockId,
    { ancestor, oldest }: { readonly ancestor: BlockId | undefined; readonly oldest: number },
    base: BlockId | undefined,
  ): Promise<boolean> {
    const { origin, cursors, requests, withdraw, emit } = this.#services;
    const last = base?.number ?? -1;
    const points = await requests.above(this.#name, last);
    const gone = await this.#orphansOf(points);
    emit({
      kind: "deep-reorg",
      chainId: origin.chainId,
      depth: cursor.number - (ancestor?.number ?? oldest - 1),
      ancestor: ancestor?.number,
      points: gone,
    });
    for (const point of points) await withdraw(point);
    if (!(await cursors.move(this.#name, cursor, base))) return false;
    await requests.keep(this.#name, 0, last);
    // What is gone stood for everything before it in what was read at once: that needs another point.
    const from = Math.max(await this.#firstUndelivered(last), last - BLOCKS_AT_ONCE + 1);
    if (points.length > 0 && from <= last) await this.#request(from, last);
    return true;
  }

  /** Those of `points` whose blocks are not there any more. */
  async #orphansOf(points: readonly Point[]): Promise<readonly Point[]> {
    const { origin } = this.#services;
    const isThere = await Promise.all(
      points.map(
        async ({ position }) => (await origin.block(position.blockNumber))?.hash === position.blockHash,
      ),
    );
    return points.filter((_, i) => isThere[i] === false);
  }

  async #request(from: number, to: number): Promise<void> {
    const { origin, requests, requestAttestations, logger } = this.#services;
    for (const point of attestationPoints(await origin.advances(from, to))) {
      logger.info(
        {
          lane: point.lane,
          nonce: point.nonce.toString(),
          messageId: point.messageId,
          block: point.position.blockNumber,
        },
        "final messages found",
      );
      // Remembered first: what was asked for and forgotten could not be withdrawn.
      await requests.add(this.#name, point);
      await requestAttestations(point);
    }
  }

  /** The first block with a message that its destination has not accepted; the one after `final` when there is none. */
  async #firstUndelivered(final: number): Promise<number> {
    const { origin } = this.#services;
    const blocks = await Promise.all(
      origin.lanes.map(async (lane) => {
        const { nonce } = await this.#head(lane.destinationChainId);
        return (await origin.advance(lane.id, nonce + 1n))?.position.blockNumber;
      }),
    );
    return Math.min(final + 1, ...blocks.filter((block) => block !== undefined));
  }

  /** Asks again for the attestations of lanes whose messages have waited for too long. */
  async #redrive(final: number): Promise<void> {
    const { origin, clock, logger } = this.#services;
    if (!this.#mayStandStill(clock.now())) return;
    this.#lookedAfterLanes = clock.now();
    for (const lane of origin.lanes) {
      const [sent, accepted] = await Promise.all([
        origin.head(lane.destinationChainId),
        this.#head(lane.destinationChainId),
      ]);
      const known = this.#waiting.get(lane.id);
      const isMoving = known?.behind !== accepted.nonce;
      if (sent.nonce === accepted.nonce) this.#waiting.delete(lane.id);
      else if (isMoving) this.#waiting.set(lane.id, { behind: accepted.nonce, since: clock.now() });
      else if (clock.now() - known.since >= this.#redriveMilliseconds) {
        this.#waiting.delete(lane.id);
        const next = await origin.advance(lane.id, accepted.nonce + 1n);
        if (next === undefined || next.position.blockNumber > final) continue;
        logger.warn(
          { lane: lane.id, nonce: next.nonce.toString(), messageId: next.messageId },
          "a lane stands still; asking again for its attestations",
        );
        const { blockNumber } = next.position;
        await this.#request(blockNumber, Math.min(blockNumber + BLOCKS_AT_ONCE - 1, final));
      }
    }
  }

  /** Whether it is time to look after the lanes: because one has waited for so long, or because none was looked after for a while. */
  #mayStandStill(now: number): boolean {
    const patience = this.#redriveMilliseconds;
    // A clock may be set back.
    if (Math.abs(now - this.#lookedAfterLanes) >= patience * LOOK_SHARE) return true;
    return [...this.#waiting.values()].some(({ since }) => now - since >= patience);
  }

  #head(destinationChainId: ChainId): Promise<LaneHead> {
    const destination = this.#services.destinations.get(destinationChainId);
    if (destination === undefined) throw new Error(`no destination ${destinationChainId}`);
    return destination.head(this.#services.origin.chainId);
  }
}

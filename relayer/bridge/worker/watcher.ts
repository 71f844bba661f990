import type { LaneHead, Point } from "../../domain/bridge.ts";
import type { ChainId } from "../../domain/ids.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { attestationPoints } from "../core/points.ts";
import type { CursorStore, Destination, Origin } from "../ports.ts";

/** How many blocks are read at once while catching up; below the limits of the common providers. */
const BLOCKS_AT_ONCE = 1_000;

/** What a watcher works with. */
export type WatcherServices = {
  readonly origin: Origin;
  readonly destinations: ReadonlyMap<ChainId, Destination>;
  readonly cursors: CursorStore;
  /** Asks every validator of the point's destination to attest to it. Asking twice does no harm. */
  readonly requestAttestations: (point: Point) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
};

/**
 * Follows one origin chain through its final blocks and asks for attestations of what it finds.
 *
 * The cursor only saves work. Where it is missing (a first start, a wiped Redis) the destinations' Inboxes tell from where
 * messages are still undelivered; and a lane that does not move although messages wait is asked for again, whatever was lost.
 */
export class Watcher {
  readonly #services: WatcherServices;
  readonly #name: string;
  readonly #redriveMilliseconds: number;
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
    const { origin, cursors, logger } = this.#services;
    const final = await origin.finalBlock();
    let cursor = await cursors.read(this.#name);
    if (cursor !== undefined && cursor > final) {
      // A chain that is shorter than what was read of it: another chain, or one that lost its data.
      logger.warn(
        { cursor, final },
        "the chain is shorter than the cursor; looking for undelivered messages from the start",
      );
      if (!(await cursors.move(this.#name, cursor, (await this.#firstUndelivered(final)) - 1))) return;
      cursor = await cursors.read(this.#name);
    }
    let from = cursor === undefined ? await this.#firstUndelivered(final) : cursor + 1;
    while (from <= final && !signal.aborted) {
      const to = Math.min(from + BLOCKS_AT_ONCE - 1, final);
      await this.#request(from, to);
      if (!(await cursors.move(this.#name, cursor, to))) {
        logger.warn("the cursor was wiped or moved by another watcher; reading it again");
        return;
      }
      cursor = to;
      from = to + 1;
    }
    await this.#redrive(final);
  }

  async #request(from: number, to: number): Promise<void> {
    for (const point of attestationPoints(await this.#services.origin.advances(from, to))) {
      this.#services.logger.info(
        {
          lane: point.lane,
          nonce: point.nonce.toString(),
          messageId: point.messageId,
          block: point.position.blockNumber,
        },
        "final messages found",
      );
      await this.#services.requestAttestations(point);
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
        await this.#request(next.position.blockNumber, final);
      }
    }
  }

  #head(destinationChainId: ChainId): Promise<LaneHead> {
    const destination = this.#services.destinations.get(destinationChainId);
    if (destination === undefined) throw new Error(`no destination ${destinationChainId}`);
    return destination.head(this.#services.origin.chainId);
  }
}

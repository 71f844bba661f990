import type { Clock } from "../../platform/clock.ts";
import type { ChainId, LaneId } from "../../domain/ids.ts";
import type { Destination, Origin } from "../ports.ts";

/** How far a lane's destination is behind its origin. */
export type LaneLag = {
  readonly destination: ChainId;
  /** Messages that were sent and not accepted yet. */
  readonly messages: bigint;
  /** How long the oldest of them has waited, in seconds; 0 when there is none. */
  readonly seconds: number;
};

/** What measuring works with. */
export type LagServices = {
  readonly origin: Origin;
  readonly destinations: ReadonlyMap<ChainId, Pick<Destination, "head">>;
  /** When a block was made, in Unix seconds. */
  readonly timeOf: (block: number) => Promise<number>;
  readonly clock: Clock;
};

/** Measures how far the lanes of one origin are behind, by the times in its blocks: so a restart forgets nothing. */
export class LagMeter {
  readonly #services: LagServices;
  /** When the oldest message of each lane was sent, by its nonce. */
  readonly #oldest = new Map<LaneId, { readonly nonce: bigint; readonly sentAt: number }>();

  constructor(services: LagServices) {
    this.#services = services;
  }

  /** The lag of every lane now. */
  measure(): Promise<readonly LaneLag[]> {
    const { origin, destinations } = this.#services;
    return Promise.all(
      origin.lanes.map(async ({ id, destinationChainId: destination }) => {
        const there = destinations.get(destination);
        if (there === undefined) throw new Error(`no destination ${destination}`);
        // In this order: what is accepted meanwhile must not make more accepted than sent.
        const accepted = (await there.head(origin.chainId)).nonce;
        const sent = (await origin.head(destination)).nonce;
        if (sent <= accepted) return { destination, messages: 0n, seconds: 0 };
        const sentAt = await this.#sentAt(id, accepted + 1n);
        const seconds = sentAt === undefined ? 0 : Math.max(0, this.#services.clock.now() / 1_000 - sentAt);
        return { destination, messages: sent - accepted, seconds };
      }),
    );
  }

  async #sentAt(lane: LaneId, nonce: bigint): Promise<number | undefined> {
    const known = this.#oldest.get(lane);
    if (known?.nonce === nonce) return known.sentAt;
    const point = await this.#services.origin.advance(lane, nonce);
    if (point === undefined) return undefined;
    const sentAt = await this.#services.timeOf(point.position.blockNumber);
    this.#oldest.set(lane, { nonce, sentAt });
    return sentAt;
  }
}

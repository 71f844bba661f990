import type { ChainId } from "../../domain/ids.ts";
import type { Clock } from "../../platform/clock.ts";
import type { TokenMetrics } from "../metrics.ts";
import type { LaneRoom, TokenSide } from "../ports.ts";
import { HeldTransfers } from "./held-transfers.ts";

/** One token on one chain. */
export type MeteredToken = {
  readonly token: string;
  readonly chain: string;
  readonly deploymentBlock: number;
  /** The other chains that the token is on, by name. */
  readonly counterparts: ReadonlyMap<string, ChainId>;
};

/** What measuring works with. */
export type TokenMeterServices = {
  readonly bridge: TokenSide;
  readonly metrics: TokenMetrics;
  readonly clock: Pick<Clock, "now">;
};

/** Shows how far the limits of one token's bridge are used up, and what the bridge holds back. */
export class TokenMeter {
  readonly #token: MeteredToken;
  readonly #services: TokenMeterServices;
  readonly #held: HeldTransfers;

  constructor(token: MeteredToken, services: TokenMeterServices) {
    this.#token = token;
    this.#services = services;
    this.#held = new HeldTransfers({ ...token, ...services });
  }

  /** Asks the bridge, and shows what it says. */
  async measure(): Promise<void> {
    const { bridge, metrics, clock } = this.#services;
    const { chain, token, counterparts } = this.#token;
    for (const [counterpart, id] of counterparts) {
      const { outgoing, incoming } = await bridge.room(id);
      const labels = { chain, token, counterpart };
      metrics.used.set({ ...labels, direction: "outgoing" }, usedRatio(outgoing));
      metrics.used.set({ ...labels, direction: "incoming" }, usedRatio(incoming));
    }
    const { count, oldest } = await this.#held.look();
    metrics.held.set({ chain, token }, count);
    const waited = oldest === undefined ? 0 : clock.now() / 1_000 - oldest;
    metrics.oldest.set({ chain, token }, Math.max(0, waited));
  }
}

/** How much of what may pass at once is used up, from 0 to 1. Where nothing may ever pass, all of it is. */
export function usedRatio({ available, capacity }: LaneRoom): number {
  if (available >= capacity) return capacity === 0n ? 1 : 0;
  return 1 - Number(available) / Number(capacity);
}

import type { Point } from "../../domain/bridge.ts";
import type { ChainId } from "../../domain/ids.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { setPoint } from "../core/rotation.ts";
import type { Destination, SetOrigin } from "../ports.ts";

/** What a rotator works with. */
export type RotatorServices = {
  readonly sets: SetOrigin;
  readonly destinations: ReadonlyMap<ChainId, Destination>;
  /** Asks every validator of the destination's current set to attest to the next. Asking twice does no harm. */
  readonly requestAttestations: (point: Point) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
};

/**
 * Follows the registry of validator sets, and asks for the attestations that each Inbox needs to follow it: one set after the
 * other, for only the current one can name its successor. It keeps nothing: where an Inbox stands says what is missing.
 */
export class Rotator {
  readonly #services: RotatorServices;
  readonly #redriveMilliseconds: number;
  /** The epoch that was asked for last for each destination, and when. */
  readonly #asked = new Map<ChainId, { readonly epoch: bigint; readonly at: number }>();

  /** @param redriveMilliseconds how long a set may wait before its attestations are asked for again */
  constructor(options: { readonly redriveMilliseconds: number }, services: RotatorServices) {
    this.#services = services;
    this.#redriveMilliseconds = options.redriveMilliseconds;
  }

  async tick(): Promise<void> {
    for (const destination of this.#services.destinations.values()) await this.#follow(destination);
  }

  async #follow(destination: Destination): Promise<void> {
    const { sets, requestAttestations, clock, logger } = this.#services;
    const { chainId } = destination;
    const epoch = (await destination.validatorSet()).epoch + 1n;
    const asked = this.#asked.get(chainId);
    if (asked?.epoch === epoch && clock.now() - asked.at < this.#redriveMilliseconds) return;
    const formed = await sets.finalSet(epoch);
    if (formed === undefined) return;
    logger.info({ destination: chainId, epoch: epoch.toString() }, "asking the current set for the next");
    await requestAttestations(setPoint(sets.home, chainId, formed));
    this.#asked.set(chainId, { epoch, at: clock.now() });
  }
}

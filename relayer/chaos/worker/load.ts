import { explain } from "../../domain/errors.ts";
import { pause } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import type { Clock, Traffic } from "../ports.ts";

/** How often it is looked whether enough was sent, in milliseconds. */
const LOOK_MILLISECONDS = 200;

/** The work that an experiment keeps under way. */
export class Load {
  readonly #everyMilliseconds: number;
  readonly #services: { readonly traffic: Traffic; readonly clock: Clock; readonly logger: Logger };
  #sent = 0;

  constructor(
    everyMilliseconds: number,
    services: { readonly traffic: Traffic; readonly clock: Clock; readonly logger: Logger },
  ) {
    this.#everyMilliseconds = everyMilliseconds;
    this.#services = services;
  }

  /** How many messages were sent. */
  get sent(): number {
    return this.#sent;
  }

  /** Sends at its pace until the signal aborts, all ways by turns. What takes longer than that to send delays the next on its way. */
  async keepSending(signal: AbortSignal): Promise<void> {
    const { ways } = this.#services.traffic;
    await Promise.all(
      ways.map(async (send, i) => {
        await pause(this.#services.clock, i * this.#everyMilliseconds, signal);
        await this.#keepSending(send, ways.length * this.#everyMilliseconds, signal);
      }),
    );
  }

  async #keepSending(
    send: Traffic["ways"][number],
    everyMilliseconds: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, logger } = this.#services;
    while (!signal.aborted) {
      const next = clock.now() + everyMilliseconds;
      try {
        await send(signal);
        this.#sent++;
      } catch (error) {
        logger.debug({ reason: explain(error) }, "nothing could be sent this time");
      }
      const left = Math.max(1, next - clock.now());
      await pause(clock, left, signal);
    }
  }

  /** Waits until so many were sent. */
  async untilSent(count: number, signal: AbortSignal): Promise<void> {
    while (this.#sent < count && !signal.aborted)
      await pause(this.#services.clock, LOOK_MILLISECONDS, signal);
  }
}

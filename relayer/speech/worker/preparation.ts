import { usualOpenings, utteranceRequestSchema } from "../../domain/speech-jobs.ts";
import type { Logger } from "../../platform/log.ts";
import { type Control, isOn } from "../core/control.ts";
import type { SpeechMetrics } from "../metrics.ts";
import type { Engine, Player } from "../ports.ts";
import { make } from "./performance.ts";
import type { Planner } from "./planner.ts";

/** What can be got ready, and who is told when that fails. */
type Services = {
  readonly planner: Planner;
  readonly engines: ReadonlyMap<string, Engine>;
  readonly player: Player;
  readonly metrics: SpeechMetrics;
  readonly logger: Logger;
};

/** Starts nothing before somebody wants to hear something; then the first sentence shall not wait for it. */
export class Preparation {
  readonly #services: Services;
  #isWarm = false;
  #wasEnabled = false;

  constructor(services: Services) {
    this.#services = services;
  }

  /** Called again and again: what is ready stays so. */
  prepare(control: Control, signal: AbortSignal): void {
    const { player, metrics, logger } = this.#services;
    // Once each time that it is enabled: a player that fails at once is not started again and again.
    if (control.isEnabled && !this.#wasEnabled) player.prepare();
    this.#wasEnabled = control.isEnabled;
    if (!isOn(control)) return;
    if (this.#isWarm) return;
    this.#isWarm = true;
    this.#warmUp(signal).catch((error: unknown) => {
      if (signal.aborted) return;
      metrics.failures.inc({ part: "engine" });
      logger.error({ err: error }, "the engine is not ready; each utterance tries it again");
    });
  }

  /** Engines that keep what they made have the usual openings then, in the listener's voice. */
  async #warmUp(signal: AbortSignal): Promise<void> {
    const { engines, planner } = this.#services;
    await Promise.all([...engines.values()].map((engine) => engine.warmUp(signal)));
    for (const opening of usualOpenings) {
      const request = utteranceRequestSchema.parse({ id: "opening", text: `${opening} alert.` });
      const [first] = planner.plan(request).segments;
      if (first !== undefined) await make(first, engines, signal);
    }
  }
}

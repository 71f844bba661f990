import type { UtteranceRequest } from "../../domain/speech-jobs.ts";
import { compilePlan, type Plan, type Settings } from "../core/plan.ts";
import { PLAIN_STYLE } from "../core/ssml/document.ts";
import { readUtterance } from "../core/utterance.ts";
import type { VoiceRegistry } from "../core/voices.ts";

/** Makes plans of requests: with the listener's settings where a request names none, and the operator's names for addresses. */
export class Planner {
  readonly #settings: Settings;
  readonly #registry: VoiceRegistry;
  readonly #labels: ReadonlyMap<string, string>;

  constructor(settings: Settings, registry: VoiceRegistry, labels: ReadonlyMap<string, string>) {
    this.#settings = settings;
    this.#registry = registry;
    this.#labels = labels;
  }

  /**
   * @param repeats how often the same was asked for again while it waited
   * @throws FatalError `SSML` when its document is refused
   */
  plan(request: UtteranceRequest, repeats = 0): Plan {
    const { items } = readUtterance(request);
    const said =
      repeats === 0
        ? items
        : [
            ...items,
            { kind: "edge", of: "sentence" } as const,
            {
              kind: "text",
              text: `Said ${repeats + 1} times.`,
              style: PLAIN_STYLE,
              sayAs: undefined,
            } as const,
          ];
    const own = this.#settings;
    const settings: Settings = {
      // The listener's rate is what the listener can follow; a request speaks relative to it.
      rate: Math.min(2, Math.max(0.5, own.rate * (request.rate ?? 1))),
      pitch: Math.min(2, Math.max(0.5, own.pitch * (request.pitch ?? 1))),
      volume: own.volume + (request.volume ?? 0),
      language: request.language ?? own.language,
      voice: request.voice ?? own.voice,
    };
    return compilePlan(said, settings, {
      registry: this.#registry,
      naming: { labels: this.#labels, spellsOut: request.spellsOut },
    });
  }
}

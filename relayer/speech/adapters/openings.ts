import type { Sound } from "../core/audio.ts";

/** So much is kept, in samples: some two minutes, in 4 MB. */
const MOST_SAMPLES = 2_000_000;

/**
 * The short clauses that were made last. Alerts of a kind begin alike, and a sentence that was interrupted begins again: these need
 * not be made again before anything is heard.
 */
export class Openings {
  readonly #known = new Map<string, Sound>();
  #samples = 0;

  find(key: string): Sound | undefined {
    const sound = this.#known.get(key);
    if (sound === undefined) return undefined;
    this.#known.delete(key); // the last in the order is the newest
    this.#known.set(key, sound);
    return sound;
  }

  keep(key: string, sound: Sound): void {
    if (this.#known.has(key)) return;
    this.#known.set(key, sound);
    this.#samples += sound.samples.length;
    for (const [oldest, { samples }] of this.#known) {
      if (this.#samples <= MOST_SAMPLES) return;
      this.#known.delete(oldest);
      this.#samples -= samples.length;
    }
  }
}

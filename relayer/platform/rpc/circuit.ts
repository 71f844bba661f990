import type { Clock } from "../clock.ts";

/** How many failures in a row make a provider be left alone for a while. */
const MOST_FAILURES = 3;
const FIRST_REST_MILLISECONDS = 1_000;
const LONGEST_REST_MILLISECONDS = 60_000;

/**
 * Remembers whether a provider is worth asking: after some failures in a row it rests, longer after each further one, and is then
 * tried again.
 */
export class Circuit {
  readonly #clock: Clock;
  readonly #timeScale: number;
  #failures = 0;
  #restsUntil = 0;

  /** @param timeScale how many times as short it rests */
  constructor(clock: Clock, timeScale = 1) {
    this.#clock = clock;
    this.#timeScale = timeScale;
  }

  /** Whether the provider should be asked only if nobody else can be. */
  get isResting(): boolean {
    return this.#clock.now() < this.#restsUntil;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#restsUntil = 0;
  }

  failed(): void {
    this.#failures++;
    const excess = this.#failures - MOST_FAILURES;
    if (excess < 0) return;
    const rest = Math.min(FIRST_REST_MILLISECONDS * 2 ** Math.min(excess, 20), LONGEST_REST_MILLISECONDS);
    this.#restsUntil = this.#clock.now() + rest / this.#timeScale;
  }
}

/**
 * The same look, done once for all who ask while it is under way, or for a while after its end. One that fails is told to those who waited for
 * it, and done again for the next who asks.
 * @param milliseconds for how long after its end what was seen is told again
 * @param now milliseconds of a clock that nobody sets
 */
export class SharedLook<T> {
  readonly #look: () => Promise<T>;
  readonly #milliseconds: number;
  readonly #now: () => number;
  #looking: Promise<T> | undefined;
  #seen: { readonly at: number; readonly value: T } | undefined;

  constructor(look: () => Promise<T>, milliseconds: number, now: () => number = () => performance.now()) {
    this.#look = look;
    this.#milliseconds = milliseconds;
    this.#now = now;
  }

  async get(): Promise<T> {
    const seen = this.#seen;
    if (seen !== undefined && this.#now() - seen.at < this.#milliseconds) return seen.value;
    this.#looking ??= this.#begin();
    return this.#looking;
  }

  async #begin(): Promise<T> {
    try {
      const value = await this.#look();
      this.#seen = { at: this.#now(), value };
      return value;
    } finally {
      this.#looking = undefined;
    }
  }
}

/** How often something may happen. */
export type Limit = { readonly perMinute: number; readonly burst: number };

/** Lets `burst` through at once and `perMinute` in the long run. Times in milliseconds. */
export class TokenBucket {
  readonly #limit: Limit;
  #tokens: number;
  #at: number;

  constructor(limit: Limit, now: number) {
    this.#limit = limit;
    this.#tokens = limit.burst;
    this.#at = now;
  }

  /** @returns 0 when it may happen now, and is counted; else in how many milliseconds it may */
  take(now: number): number {
    const { perMinute, burst } = this.#limit;
    this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, now - this.#at) * perMinute) / 60_000);
    this.#at = Math.max(this.#at, now);
    if (this.#tokens >= 1) {
      this.#tokens--;
      return 0;
    }
    return Math.max(1, Math.ceil(((1 - this.#tokens) * 60_000) / perMinute));
  }
}

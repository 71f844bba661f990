import { areAtOdds, type Claims } from "../core/claims.ts";

type Waiting = { readonly claims: Claims; readonly begin: () => void };

/** Lets what is at odds happen one after the other, in the order in which it was asked for, and all else side by side. */
export class Turns {
  readonly #running = new Set<Claims>();
  readonly #waiting: Waiting[] = [];

  /**
   * Does `task` once nothing is under way, or waits before it, that is at odds with it.
   * @param signal while it waits, aborting it makes this reject; `task` is not done then
   */
  async take<T>(claims: Claims, signal: AbortSignal, task: () => Promise<T>): Promise<T> {
    await this.#wait(claims, signal);
    try {
      return await task();
    } finally {
      this.#running.delete(claims);
      this.#admit();
    }
  }

  #wait(claims: Claims, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        claims,
        begin: () => {
          signal.removeEventListener("abort", leave);
          resolve();
        },
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        this.#admit();
        reject(signal.reason instanceof Error ? signal.reason : new Error("it is not waited for any more"));
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.push(waiting);
      this.#admit();
    });
  }

  #admit(): void {
    const ahead: Claims[] = [...this.#running];
    for (const waiting of [...this.#waiting]) {
      const mayBegin = !ahead.some((each) => areAtOdds(each, waiting.claims));
      // Who waits longer is not overtaken for ever.
      ahead.push(waiting.claims);
      if (!mayBegin) continue;
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      this.#running.add(waiting.claims);
      waiting.begin();
    }
  }
}

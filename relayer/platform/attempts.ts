import { RetryableError } from "../domain/errors.ts";

/** How many failed attempts in a row an address has before it waits, and for how long, in milliseconds. */
const MOST_FAILURES = 10;
const WAIT_MILLISECONDS = 10_000;
/** How many addresses are remembered. */
const MOST_ADDRESSES = 10_000;

/** Slows down whoever guesses tokens: by address, and where that is asked for, everybody together. Tokens have 256 bits, so nobody gets anywhere anyhow. */
export class Attempts {
  readonly #now: () => number;
  readonly #mostOverall: number;
  readonly #failures = new Map<string, { count: number; at: number }>();
  #window = { since: -Infinity, count: 0 };

  /** @param mostOverall how many failures there may be in 10 s, wherever they come from, before everybody waits */
  constructor(now: () => number, mostOverall = Infinity) {
    this.#now = now;
    this.#mostOverall = mostOverall;
  }

  /** @throws RetryableError `TOO_MANY_ATTEMPTS` while whoever asks from there has to wait */
  require(address: string): void {
    const now = this.#now();
    const failed = this.#failures.get(address);
    const isOne =
      failed !== undefined && failed.count >= MOST_FAILURES && now - failed.at < WAIT_MILLISECONDS;
    const isAll = this.#window.count >= this.#mostOverall && now - this.#window.since < WAIT_MILLISECONDS;
    if (!isOne && !isAll) return;
    throw new RetryableError(
      "TOO_MANY_ATTEMPTS",
      `Too many wrong tokens ${isOne ? `from ${address}` : "from everywhere together"}. Nothing was changed; wait ${WAIT_MILLISECONDS / 1_000} s.`,
    );
  }

  fail(address: string): void {
    const now = this.#now();
    const count = (this.#failures.get(address)?.count ?? 0) + 1;
    if (this.#failures.size >= MOST_ADDRESSES) this.#failures.clear();
    this.#failures.set(address, { count, at: now });
    if (now - this.#window.since >= WAIT_MILLISECONDS) this.#window = { since: now, count: 0 };
    this.#window.count++;
  }

  succeed(address: string): void {
    this.#failures.delete(address);
  }
}

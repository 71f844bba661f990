import { rangeRefusal } from "./range-refusal.ts";

/** After so many full ranges that were granted, the next may be larger, by one part in as many. */
const GROWTH = 8;

/**
 * Reads logs from one provider in ranges that it grants: first all at once, after a refusal by halves, down to one block. The
 * size that was granted is remembered, and grows again slowly.
 */
export class LogRanges {
  /** How many blocks the provider grants at once, as far as is known. */
  #most = Number.POSITIVE_INFINITY;
  /** What was granted before it was made larger; 0 before. */
  #proven = 0;
  #fullRanges = 0;

  /** Whether the provider grants so many blocks, as far as is known. */
  grants(blocks: number): boolean {
    return blocks <= this.#most;
  }

  /**
   * Reads the blocks `from` to `to`, both included.
   * @throws whatever `read` throws for one block, or for another reason than the range, or for being slow: then a smaller range is
   * asked for the next time, as asking now would multiply the time that a dead provider takes
   */
  async read<T>(
    from: number,
    to: number,
    read: (from: number, to: number) => Promise<readonly T[]>,
  ): Promise<readonly T[]> {
    let all: readonly T[] = [];
    for (let at = from; at <= to;) {
      const until = Math.min(to, at + this.#most - 1);
      try {
        const some = await read(at, until);
        all = all.length === 0 ? some : all.concat(some);
        this.#granted(until - at + 1);
        at = until + 1;
      } catch (error) {
        const refusal = rangeRefusal(error);
        if (refusal === undefined || at === until) throw error;
        this.#refused(until - at + 1);
        if (refusal === "slow") throw error;
      }
    }
    return all;
  }

  #granted(size: number): void {
    if (size < this.#most || ++this.#fullRanges % GROWTH !== 0) return;
    this.#proven = this.#most;
    this.#most += Math.max(1, Math.floor(this.#most / GROWTH));
  }

  /** Back to what was granted, where that was only a little less; else to the half. */
  #refused(size: number): void {
    const half = Math.floor(size / 2);
    this.#most = this.#proven > half && this.#proven < size ? this.#proven : half;
    this.#proven = 0;
    this.#fullRanges = 0;
  }
}

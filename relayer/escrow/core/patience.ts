import type { EscrowId } from "./types.ts";

const FIRST_WAIT_SECONDS = 60n;
const LONGEST_WAIT_SECONDS = 86_400n;

/**
 * Remembers which escrows could not be expired although they were due (a hostile token, say), and leaves each alone for twice
 * as long after every failure: a minute first, a day at most. So nobody makes a keeper burn its gas again and again.
 */
export class Patience {
  readonly #failures = new Map<EscrowId, { readonly count: number; readonly until: bigint }>();

  /** Takes note that an escrow was tried in vain at `now` (Unix seconds). */
  failed(id: EscrowId, now: bigint): void {
    const count = (this.#failures.get(id)?.count ?? 0) + 1;
    const wait = FIRST_WAIT_SECONDS * 2n ** BigInt(Math.min(count - 1, 20));
    this.#failures.set(id, {
      count,
      until: now + (wait < LONGEST_WAIT_SECONDS ? wait : LONGEST_WAIT_SECONDS),
    });
  }

  /** Takes note that an escrow moved on. */
  succeeded(id: EscrowId): void {
    this.#failures.delete(id);
  }

  /** Whether an escrow may be tried at `now`. */
  allows(id: EscrowId, now: bigint): boolean {
    return now >= (this.#failures.get(id)?.until ?? 0n);
  }
}

import type { Silence } from "./silence.ts";

/** What an episode was last known to be silenced and inhibited by: ids of silences, fingerprints of alerts. Kept while there is any. */
export type Muting = {
  readonly fingerprint: string;
  readonly episode: string;
  readonly silencedBy: readonly string[];
  readonly inhibitedBy: readonly string[];
};

/**
 * Of which alerts it is open whether they are silenced or inhibited now as they were before: of those that changed, of those that what
 * changed may inhibit, and of all when a silence changed, begins or ends. So nobody looks at every alert at every evaluation.
 */
export class Unsettled {
  readonly #fingerprints = new Set<string>();
  #isAll = true;
  /** When the next silence begins or ends, in Unix milliseconds of the engine's clock; Infinity: none does. */
  #boundary = -Infinity;

  /** When all of it is open again; see {@link take}. */
  get boundary(): number {
    return this.#isAll ? -Infinity : this.#boundary;
  }

  add(fingerprint: string): void {
    this.#fingerprints.add(fingerprint);
  }

  addAll(): void {
    this.#isAll = true;
  }

  /** What is open now; undefined: everything. It is settled from then on. */
  take(silences: Iterable<Silence>, now: number): readonly string[] | undefined {
    const fingerprints = this.boundary <= now ? undefined : [...this.#fingerprints];
    this.#fingerprints.clear();
    if (fingerprints !== undefined) return fingerprints;
    this.#isAll = false;
    this.#boundary = Infinity;
    for (const { startsAt, endsAt } of silences)
      for (const at of [startsAt, endsAt]) if (at > now) this.#boundary = Math.min(this.#boundary, at);
    return undefined;
  }
}

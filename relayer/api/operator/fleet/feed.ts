import type { Clock } from "../../../platform/clock.ts";
import type { Logger } from "../../../platform/log.ts";
import { repeat } from "../../../platform/repeat.ts";
import type { FleetView, HistoryView } from "../../operator-schema.ts";
import type { FleetFacts } from "./facts.ts";
import { History, HISTORY_MILLISECONDS } from "./history.ts";
import { Meter } from "./measure.ts";
import { type Memory, nothingSeen, remember, seenBy } from "./seen.ts";
import { viewFleet } from "./view.ts";

/** How often it is looked while somebody follows, in milliseconds. A view as young as that is not gathered again. */
const LOOK_MILLISECONDS = 1_000;

/** What a feed works with. */
export type FeedServices = {
  /** Never fails: what did not answer is part of it. */
  readonly gather: () => Promise<FleetFacts>;
  readonly clock: Clock;
  readonly logger: Logger;
};

/**
 * Looks at the fleet for all who want to see it: once a second while somebody follows, and every five seconds for the history. There is never
 * more than one look at a time, however many ask.
 */
export class FleetFeed {
  readonly #services: FeedServices;
  readonly #history = new History();
  readonly #watchers = new Set<(view: FleetView) => void>();
  #memory: Memory = nothingSeen;
  #latest: FleetView | undefined;
  #looking: Promise<FleetView> | undefined;
  readonly #meter = new Meter();

  constructor(services: FeedServices) {
    this.#services = services;
  }

  /** Looks again and again until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    return repeat(() => this.tick(), LOOK_MILLISECONDS, { ...this.#services, signal });
  }

  /** Looks, if somebody follows, or if it is time to measure. */
  async tick(): Promise<void> {
    const isFollowed = this.#watchers.size > 0;
    const isDue = this.#services.clock.now() - this.#meter.askedAt >= HISTORY_MILLISECONDS;
    if (isFollowed || isDue) await this.#look();
  }

  /** The fleet as it is now, or was less than a second ago. */
  view(): Promise<FleetView> {
    const isYoung =
      this.#latest !== undefined && this.#services.clock.now() - this.#latest.at < LOOK_MILLISECONDS;
    return isYoung && this.#latest !== undefined ? Promise.resolve(this.#latest) : this.#look();
  }

  /** Tells of each look from now on. @returns what ends that */
  watch(watcher: (view: FleetView) => void): () => void {
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  }

  history(minutes: number): HistoryView {
    return this.#history.last(minutes, this.#services.clock.now());
  }

  #look(): Promise<FleetView> {
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookOnce(): Promise<FleetView> {
    const facts = await this.#services.gather();
    this.#memory = remember(this.#memory, facts);
    const view = viewFleet(facts, seenBy(this.#memory, facts));
    this.#latest = view;
    if (facts.at - this.#meter.askedAt >= HISTORY_MILLISECONDS) {
      this.#history.add(this.#meter.measure(facts));
    }
    for (const watcher of this.#watchers) watcher(view);
    return view;
  }
}

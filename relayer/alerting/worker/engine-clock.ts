import type { Clock } from "../../platform/clock.ts";
import { passTime, startTime, type SteadyTime } from "../core/steady-time.ts";

/** What tells the time: the wall clock, and one that cannot be set, in milliseconds. */
export type TimeSource = { readonly wall: Pick<Clock, "now">; readonly monotonic: () => number };

/** The engine's time: see {@link passTime}. It asks the clocks whenever somebody asks it. */
export class EngineClock {
  readonly #source: TimeSource;
  #time: SteadyTime;

  /** @param last the time at which the last process stopped */
  constructor(source: TimeSource, last: number) {
    this.#source = source;
    this.#time = startTime(source.wall.now(), source.monotonic(), last);
  }

  /** Whole Unix milliseconds; never less than it answered before. */
  now(): number {
    this.#time = passTime(this.#time, this.#source.wall.now(), this.#source.monotonic());
    return Math.floor(this.#time.now);
  }
}

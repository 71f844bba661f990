/** Time as the engine counts it, and what it was counted from. All in milliseconds. */
export type SteadyTime = {
  /** Unix time of the engine: never runs backwards. */
  readonly now: number;
  /** What a clock showed that cannot be set, in this process. */
  readonly monotonic: number;
};

/** While the engine is ahead of the wall clock, its time passes this much slower, until they agree. */
const SLOWER = 0.9;

/**
 * Where time begins in a process: at the wall clock, or where the last process stopped if that is later. A clock that was set back in
 * between lets nothing that was due become undue.
 */
export function startTime(wall: number, monotonic: number, last: number): SteadyTime {
  return { now: Math.max(wall, last), monotonic };
}

/**
 * The time that has come. Durations are measured by the monotonic clock, so that a wall clock that is set back neither stops nor repeats
 * anything; one that goes ahead is followed (a machine that slept). After a step back, the engine's time goes a tenth slower until
 * the wall clock has caught up: what is due comes late by a tenth at most, and never early.
 */
export function passTime(last: SteadyTime, wall: number, monotonic: number): SteadyTime {
  const elapsed = Math.max(0, monotonic - last.monotonic);
  const isAhead = last.now + elapsed > wall;
  // Only a step counts as one: the two clocks drift apart by some milliseconds anyway.
  const counted = isAhead && last.now + elapsed - wall > 1_000 ? elapsed * SLOWER : elapsed;
  return { now: Math.max(last.now + counted, Math.min(wall, Number.MAX_SAFE_INTEGER)), monotonic };
}

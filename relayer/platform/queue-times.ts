import { compressed } from "../domain/time-scale.ts";

/** How long what takes in queues and connections to Redis, in milliseconds. They belong together, so they stand together. */
export const QUEUE_TIMES = {
  /** A job whose worker crashed, or was cut off while it took it, is taken up again this long after, and two checks. */
  lock: 2_500,
  /** A lock is renewed so often, where Redis answers at once; where it takes a second, every 1.15 s. */
  renewal: 300,
  stalledCheck: 300,
  /** How soon a worker that lost its connection tries again. */
  runAgain: 250,
  firstBackoff: 100,
  /** Shorter than the silence after which a connection is given up: workers block until the next retry is due. */
  mostBackoff: 1_200,
  /** For how long a worker blocks for a job; a dead connection is noticed only after that. */
  block: 1_000,
  /** How long a connection may take to be there. */
  connect: 1_000,
  /** Longer than any command of ours blocks. */
  silence: 1_700,
} as const;

/**
 * What retries are made no shorter than. Only they are compressed: the other times say when somebody counts as gone, and a machine that is busy
 * keeps whoever is there waiting as long in any time. With locks of half a second, fleets in compressed time took each other's jobs away
 * and did them again, which kept the machine busy.
 */
const LEAST = { runAgain: 50, firstBackoff: 20, mostBackoff: 240 } as const;

/** Times of queues and connections, in milliseconds: see {@link QUEUE_TIMES}. */
export type QueueTimes = Readonly<Record<keyof typeof QUEUE_TIMES, number>>;

/** @param timeScale how many times as soon it shall be tried again */
export function queueTimes(timeScale: number): QueueTimes {
  const time = (name: keyof typeof LEAST) => compressed(QUEUE_TIMES[name], timeScale, LEAST[name]);
  return {
    ...QUEUE_TIMES,
    runAgain: time("runAgain"),
    firstBackoff: time("firstBackoff"),
    mostBackoff: time("mostBackoff"),
  };
}

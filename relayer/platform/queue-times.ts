import { compressed } from "../domain/time-scale.ts";

/** How long what takes in queues and connections to Redis, in milliseconds. They belong together, so they stand together. */
const FULL = {
  /** A job whose worker crashed, or was cut off while it took it, is taken up again this long after, and two checks. */
  lock: 1_500,
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

/** What none is made shorter than: on a machine that is busy, processes have to wait for a processor as long. */
const LEAST = {
  lock: 500,
  stalledCheck: 100,
  runAgain: 50,
  firstBackoff: 20,
  mostBackoff: 240,
  block: 200,
  connect: 300,
  silence: 600,
} as const satisfies Record<keyof typeof FULL, number>;

/** Times of queues and connections, in milliseconds: see {@link FULL}. */
export type QueueTimes = Readonly<Record<keyof typeof FULL, number>>;

/** @param timeScale how many times as short they shall be */
export function queueTimes(timeScale: number): QueueTimes {
  const time = (name: keyof typeof FULL) => compressed(FULL[name], timeScale, LEAST[name]);
  return {
    lock: time("lock"),
    stalledCheck: time("stalledCheck"),
    runAgain: time("runAgain"),
    firstBackoff: time("firstBackoff"),
    mostBackoff: time("mostBackoff"),
    block: time("block"),
    connect: time("connect"),
    silence: time("silence"),
  };
}

import { setImmediate } from "node:timers/promises";
import { type Job, type Processor, Worker, type WorkerOptions } from "bullmq";

/**
 * A worker that begins with a job as soon as it has taken it.
 *
 * BullMQ's own takes jobs one after the other until all its places are full, and only then begins with the first of them (6.7,
 * `Worker.mainLoop`). Each is locked when it is taken, and its lock is renewed when it is begun: with sixteen places and a Redis that answers
 * after a fifth of a second, the first locks are over by then, others take the jobs as well, and all of it is done again and again. So this one
 * never shows more than one free place.
 *
 * To pause, BullMQ's own closes the connection on which it waits for jobs, and waits for that one's end, which is never told of while ioredis is
 * about to connect again (5.x, `Redis.disconnect`): who was paused while Redis was away never got a job again. This one keeps the connection, and
 * leaves what it is woken for to others.
 */
export class PromptWorker extends Worker {
  readonly #most: number;
  #busy = 0;

  /** @param options.concurrency how many jobs are worked on at the same time, at most */
  constructor(
    name: string,
    processor: Processor,
    { concurrency, ...options }: WorkerOptions & { readonly concurrency: number },
  ) {
    super(name, processor, { ...options, concurrency: 1 });
    this.#most = concurrency;
  }

  override async processJob(job: Job, token: string, fetchNext?: () => boolean): Promise<Job | undefined> {
    this.#occupy(1);
    try {
      return (await super.processJob(job, token, fetchNext)) ?? undefined;
    } finally {
      this.#occupy(-1);
    }
  }

  /** Takes no more jobs; what is under way goes on. */
  override async pause(): Promise<void> {
    await super.pause(true);
  }

  override async resume(): Promise<void> {
    await super.resume();
    // A loop that had just ended as it was told to go on does not.
    await setImmediate();
    if (!this.isRunning()) await super.resume();
  }

  protected override async moveToActive(token: string, name?: string): Promise<Job> {
    // BullMQ's own way to say that there is no job.
    return this.paused ? this.nextJobFromJobData() : super.moveToActive(token, name);
  }

  #occupy(places: 1 | -1): void {
    this.#busy += places;
    this.concurrency = Math.min(this.#most, this.#busy + 1);
  }
}

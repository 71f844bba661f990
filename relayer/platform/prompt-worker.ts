import { type Job, type Processor, Worker, type WorkerOptions } from "bullmq";

/**
 * A worker that begins with a job as soon as it has taken it.
 *
 * BullMQ's own takes jobs one after the other until all its places are full, and only then begins with the first of them (6.7,
 * `Worker.mainLoop`). Each is locked when it is taken, and its lock is renewed when it is begun: with sixteen places and a Redis that answers
 * after a fifth of a second, the first locks are over by then, others take the jobs as well, and all of it is done again and again. So this one
 * never shows more than one free place.
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

  #occupy(places: 1 | -1): void {
    this.#busy += places;
    this.concurrency = Math.min(this.#most, this.#busy + 1);
  }
}

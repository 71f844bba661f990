import { type Job, Queue } from "bullmq";
import { Cluster } from "ioredis";
import { FatalError, UsageError } from "../domain/errors.ts";
import { PREFIX } from "./queues.ts";
import type { RedisClient } from "./redis.ts";

/** One queue from outside. */
export type QueueView = {
  readonly queue: string;
  readonly isPaused: boolean;
  readonly waiting: number;
  readonly active: number;
  /** They failed, and will be tried again by themselves. */
  readonly delayed: number;
  /** Dead letters: they failed for good. */
  readonly failed: number;
};

/** A job that failed for good. */
export type DeadLetter = {
  readonly queue: string;
  readonly id: string;
  readonly reason: string;
  /** When it failed, in milliseconds since 1970. */
  readonly failedAt: number | null;
  readonly attempts: number;
  /** What it is about, if it says so. */
  readonly data: unknown;
};

/** What an operator does with queues: look, retry, remove, pause and resume. Works beside a fleet that runs. */
export class QueueAdmin {
  readonly #redis: RedisClient;
  readonly #open = new Map<string, Queue>();

  constructor(redis: RedisClient) {
    this.#redis = redis;
  }

  /** Every queue that there is, by name. */
  async list(): Promise<readonly QueueView[]> {
    const names = await this.#names();
    return Promise.all(
      names.map(async (queue) => {
        const opened = this.#queue(queue);
        const [counts, isPaused] = await Promise.all([
          opened.getJobCounts("waiting", "active", "delayed", "failed"),
          opened.isPaused(),
        ]);
        const count = (state: string) => counts[state] ?? 0;
        return {
          queue,
          isPaused,
          waiting: count("waiting"),
          active: count("active"),
          delayed: count("delayed"),
          failed: count("failed"),
        };
      }),
    );
  }

  /** The dead letters of one queue, or of all, oldest first. @throws UsageError `QUEUE` */
  async failed(queue: string | undefined): Promise<readonly DeadLetter[]> {
    const names = queue === undefined ? await this.#names() : [await this.#known(queue)];
    const letters = await Promise.all(
      names.map(async (name) => (await this.#queue(name).getFailed()).map((job) => letterOf(name, job))),
    );
    return letters.flat().sort((a, b) => (a.failedAt ?? 0) - (b.failedAt ?? 0));
  }

  /** Gives dead letters back to the workers: one, or all of a queue. @returns how many @throws UsageError `QUEUE` or `JOB` */
  async retry(queue: string, id: string | undefined): Promise<number> {
    const jobs = await this.#letters(queue, id);
    for (const job of jobs) await job.retry("failed");
    return jobs.length;
  }

  /** Throws dead letters away: one, or all of a queue. @returns how many @throws UsageError `QUEUE` or `JOB` */
  async remove(queue: string, id: string | undefined): Promise<number> {
    const jobs = await this.#letters(queue, id);
    for (const job of jobs) await job.remove();
    return jobs.length;
  }

  /** Stops all workers of a queue from taking jobs, or lets them again. @throws UsageError `QUEUE` */
  async setPaused(queue: string, isPaused: boolean): Promise<void> {
    const opened = this.#queue(await this.#known(queue));
    await (isPaused ? opened.pause() : opened.resume());
  }

  /** Every queue that there is, opened, for whoever shows it as BullMQ has it; they stay this object's to close. */
  async opened(): Promise<readonly Queue[]> {
    return (await this.#names()).map((name) => this.#queue(name));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((queue) => queue.close()));
  }

  async #letters(queue: string, id: string | undefined): Promise<readonly Job[]> {
    const opened = this.#queue(await this.#known(queue));
    if (id === undefined) return opened.getFailed();
    const job: Job | undefined = await opened.getJob(id);
    if (job === undefined)
      throw new UsageError(
        "JOB",
        `Queue ${queue} has no job ${id}. Nothing was done; "dchat queue failed ${queue}" lists its dead letters.`,
      );
    if (!(await job.isFailed()))
      throw new FatalError(
        "JOB",
        `Job ${id} of queue ${queue} is no dead letter: it is ${await job.getState()}. Nothing was done; the workers look after it.`,
      );
    return [job];
  }

  async #known(queue: string): Promise<string> {
    const names = await this.#names();
    if (names.includes(queue)) return queue;
    throw new UsageError(
      "QUEUE",
      `There is no queue ${queue}. Nothing was done; there ${names.length === 0 ? "are none yet" : `are ${names.join(", ")}`}.`,
    );
  }

  async #names(): Promise<readonly string[]> {
    const nodes = this.#redis instanceof Cluster ? this.#redis.nodes("master") : [this.#redis];
    const names = new Set<string>();
    for (const node of nodes)
      for await (const keys of node.scanStream({ match: `${PREFIX}:*:meta`, count: 1_000 }))
        for (const key of keysOf(keys)) names.add(key.slice(PREFIX.length + 1, -":meta".length));
    return [...names].sort();
  }

  #queue(name: string): Queue {
    const known = this.#open.get(name) ?? new Queue(name, { connection: this.#redis, prefix: PREFIX });
    this.#open.set(name, known);
    return known;
  }
}

function keysOf(chunk: unknown): readonly string[] {
  return Array.isArray(chunk) ? chunk.filter((key) => typeof key === "string") : [];
}

function letterOf(queue: string, job: Job<unknown>): DeadLetter {
  return {
    queue,
    id: job.id ?? "",
    reason: job.failedReason,
    failedAt: job.finishedOn ?? null,
    attempts: job.attemptsMade,
    data: job.data,
  };
}

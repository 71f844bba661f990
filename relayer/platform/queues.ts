import { type Job, Queue, UnrecoverableError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { z } from "zod";
import { explain, FatalError, RetryableError } from "../domain/errors.ts";
import type { Logger } from "./log.ts";

/** Our keys in Redis begin with this. The braces keep all of them in one slot of a cluster, as BullMQ's scripts need. */
const PREFIX = "{dchat}";

/** A crashed worker's jobs are taken up by another after at most this long. */
const LOCK_MILLISECONDS = 5_000;
const STALLED_CHECK_MILLISECONDS = 2_000;

const FIRST_BACKOFF_MILLISECONDS = 100;
const MOST_BACKOFF_MILLISECONDS = 5_000;

/** What a handler gets beside its data. */
export type JobContext = { readonly signal: AbortSignal; readonly logger: Logger };

/** Takes jobs from a queue, or leaves them to others for now. */
export type QueueWork = { readonly pause: () => Promise<void>; readonly resume: () => void };

/** The BullMQ queues of one process, all on one connection for adding. */
export class Queues {
  readonly #redis: Redis;
  readonly #logger: Logger;
  readonly #queues = new Map<string, Queue>();
  readonly #workers: { readonly worker: Worker; readonly connection: Redis }[] = [];

  constructor(redis: Redis, logger: Logger) {
    this.#redis = redis;
    this.#logger = logger;
  }

  /**
   * Adds a job, unless one with the same id waits or runs already; one that failed for good is started again.
   * `data` is what `schema` encodes to.
   */
  async add<S extends z.ZodType>(queueName: string, id: string, schema: S, data: z.output<S>): Promise<void> {
    const queue = this.#queue(queueName);
    const job = await queue.add(queueName, schema.encode(data), { jobId: id });
    // BullMQ ignores an id that it knows. Waiting or running: well. Failed: somebody asks for it again.
    if (await job.isFailed()) await job.retry("failed");
  }

  /** Takes a job away, unless it is being worked on: then it ends as it would have. */
  async remove(queueName: string, id: string): Promise<void> {
    await this.#queue(queueName).remove(id);
  }

  /** How many jobs of a queue wait, run, are delayed or failed. */
  counts(queueName: string): Promise<Record<string, number>> {
    return this.#queue(queueName).getJobCounts("waiting", "active", "delayed", "failed");
  }

  /**
   * Starts taking jobs from a queue.
   *
   * BullMQ runs a job at least once, so `handler` must be idempotent. What it throws decides: a FatalError fails the job for
   * good, anything else is tried again, first soon and then every few seconds, for as long as it takes.
   * @param options.isPaused take no job before `resume` is called
   */
  work<S extends z.ZodType>(
    queueName: string,
    schema: S,
    handler: (data: z.output<S>, context: JobContext) => Promise<void>,
    options: { readonly concurrency: number; readonly isPaused?: boolean },
  ): QueueWork {
    // Taking jobs blocks a connection, so each worker has its own; BullMQ leaves it to whoever made it to close it.
    const connection = this.#redis.duplicate();
    const onError = (error: Error) => {
      this.#logger.warn(
        { queue: queueName, err: error },
        "the queue is in trouble; its jobs stay where they are",
      );
    };
    connection.on("error", onError);
    const worker = new Worker(
      queueName,
      async (job, _token, signal) => {
        const logger = this.#logger.child({ queue: queueName, job: job.id });
        try {
          await handler(readJob(schema, job), { signal: signal ?? new AbortController().signal, logger });
        } catch (error) {
          throw this.#failure(error, logger);
        }
      },
      {
        connection,
        prefix: PREFIX,
        concurrency: options.concurrency,
        autorun: options.isPaused !== true,
        lockDuration: LOCK_MILLISECONDS,
        stalledInterval: STALLED_CHECK_MILLISECONDS,
        // A job is not to blame for the crashes of its workers.
        maxStalledCount: 1_000_000_000,
        settings: { backoffStrategy },
      },
    );
    worker.on("error", onError);
    this.#workers.push({ worker, connection });
    return {
      pause: () => worker.pause(), // once what is under way has ended
      resume: () => {
        worker.resume().catch(onError);
      },
    };
  }

  /** Lets running jobs end and closes every connection but the one it was given. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.map(({ worker }) => worker.close()));
    for (const { connection } of this.#workers) connection.disconnect();
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }

  #queue(name: string): Queue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue = new Queue(name, {
      connection: this.#redis,
      prefix: PREFIX,
      defaultJobOptions: {
        attempts: 1_000_000_000,
        backoff: { type: "custom" },
        // A finished job must not stand in the way of the same id being added again after a loss.
        removeOnComplete: true,
        removeOnFail: false,
      },
    });
    queue.on("error", (error) => {
      this.#logger.warn({ queue: name, err: error }, "the queue is in trouble; its jobs stay where they are");
    });
    this.#queues.set(name, queue);
    return queue;
  }

  #failure(error: unknown, logger: Logger): Error {
    if (error instanceof FatalError) {
      logger.error({ err: error, code: error.code }, "job failed for good; it is kept with its reason");
      return new UnrecoverableError(error.message);
    }
    const isExpected = error instanceof RetryableError;
    logger[isExpected ? "info" : "error"]({ err: error }, "job will be tried again");
    return error instanceof Error ? error : new Error(explain(error));
  }
}

function readJob<S extends z.ZodType>(schema: S, job: Job<unknown>): z.output<S> {
  const parsed = schema.safeParse(job.data);
  if (!parsed.success)
    throw new FatalError(
      "MALFORMED_JOB",
      `Job ${job.id ?? "?"} of queue ${job.queueName} does not have the expected shape: ${parsed.error.message}`,
    );
  return parsed.data;
}

/** 100 ms, 200 ms, … up to 5 s, each shortened by up to a half at random, so that many do not come back at once. */
function backoffStrategy(attemptsMade: number): number {
  const full = Math.min(
    FIRST_BACKOFF_MILLISECONDS * 2 ** Math.min(attemptsMade - 1, 20),
    MOST_BACKOFF_MILLISECONDS,
  );
  return Math.round(full * (1 - Math.random() / 2));
}

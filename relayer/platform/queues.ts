import { type Job, Queue, type Telemetry, UnrecoverableError, type Worker } from "bullmq";
import type { Registry } from "prom-client";
import type { z } from "zod";
import { explain, FatalError, RetryableError } from "../domain/errors.ts";
import type { Logger } from "./log.ts";
import { nameMessage } from "./tracing.ts";
import { orAborted } from "./abort.ts";
import { JOB_FAILED } from "./job-failure.ts";
import { PromptWorker } from "./prompt-worker.ts";
import { createQueueMetrics, type QueueMetrics } from "./queue-metrics.ts";
import { type QueueTimes, queueTimes } from "./queue-times.ts";
import { duplicateRedis, type RedisClient } from "./redis.ts";

/** Our keys in Redis begin with this. The braces keep all of them in one slot of a cluster, as BullMQ's scripts need. */
export const PREFIX = "{dchat}";

/** How long a scrape of metrics waits for Redis to count the jobs. */
const COUNT_MILLISECONDS = 1_000;

/** What a handler gets beside its data. */
export type JobContext = { readonly signal: AbortSignal; readonly logger: Logger };

/** Takes jobs from a queue, or leaves them to others for now; what is under way goes on. */
export type QueueWork = { readonly pause: () => Promise<void>; readonly resume: () => void };

/** What queues show of themselves, to whom, and how many times as soon they try again. */
export type QueueOptions = {
  readonly registry?: Registry;
  readonly telemetry?: Telemetry | undefined;
  readonly timeScale?: number;
};

/** The BullMQ queues of one process, all on one connection for adding. */
export class Queues {
  readonly #redis: RedisClient;
  readonly #logger: Logger;
  readonly #metrics: QueueMetrics | undefined;
  readonly #telemetry: { readonly telemetry?: Telemetry };
  readonly #times: QueueTimes;
  readonly #queues = new Map<string, Queue>();
  readonly #workers: { readonly worker: Worker; readonly connection: RedisClient }[] = [];

  constructor(redis: RedisClient, logger: Logger, { registry, telemetry, timeScale = 1 }: QueueOptions = {}) {
    this.#redis = redis;
    this.#logger = logger;
    this.#metrics = registry && createQueueMetrics(registry, () => this.#depths());
    this.#telemetry = telemetry === undefined ? {} : { telemetry };
    this.#times = queueTimes(timeScale);
  }

  /**
   * Adds a job, unless one with the same id waits or runs already; one that failed for good is started again, with what is asked now.
   * `data` is what `schema` encodes to.
   * @param options.isNext taken before all that wait: for jobs of which the newest does the work of those before it
   */
  async add<S extends z.ZodType>(
    queueName: string,
    id: string,
    schema: S,
    data: z.output<S>,
    { isNext = false }: { readonly isNext?: boolean } = {},
  ): Promise<void> {
    const queue = this.#queue(queueName);
    const encoded = schema.encode(data);
    const job = await queue.add(queueName, encoded, { jobId: id, lifo: isNext });
    // BullMQ ignores an id that it knows, and what was asked with it. Waiting or running: well. Failed: somebody asks for it again, and for what
    // may be new about it.
    if (!(await job.isFailed())) return;
    await job.updateData(encoded);
    await job.retry("failed");
  }

  /**
   * Has a job added every so often, by whichever process works on the queue. Whoever asks again changes the interval.
   * @param milliseconds how often
   */
  async addEvery<S extends z.ZodType>(
    queueName: string,
    milliseconds: number,
    schema: S,
    data: z.output<S>,
  ): Promise<void> {
    const template = { name: queueName, data: schema.encode(data) };
    await this.#queue(queueName).upsertJobScheduler(queueName, { every: milliseconds }, template);
  }

  /** Takes a job away, unless it is being worked on: then it ends as it would have. */
  async remove(queueName: string, id: string): Promise<void> {
    await this.#queue(queueName).remove(id);
  }

  /** How many jobs of a queue wait, run, are delayed or failed. */
  counts(queueName: string): Promise<Record<string, number>> {
    return this.#queue(queueName).getJobCounts("waiting", "active", "delayed", "failed");
  }

  /** How many jobs of a queue are still to be done: those that wait, run, or will be tried again. */
  async depth(queueName: string): Promise<number> {
    return this.#queue(queueName).getJobCountByTypes("waiting", "active", "delayed");
  }

  /**
   * Starts taking jobs from a queue.
   *
   * BullMQ runs a job at least once, so `handler` must be idempotent. What it throws decides: a FatalError fails the job for
   * good, anything else is tried again, first soon and then about every second, for as long as it takes.
   * @param options.isPaused take no job before `resume` is called
   */
  work<S extends z.ZodType>(
    queueName: string,
    schema: S,
    handler: (data: z.output<S>, context: JobContext) => Promise<void>,
    options: { readonly concurrency: number; readonly isPaused?: boolean },
  ): QueueWork {
    // Taking jobs blocks a connection, so each worker has its own; BullMQ leaves it to whoever made it to close it.
    const connection = duplicateRedis(this.#redis);
    const onError = (error: Error) => {
      this.#logger.warn(
        { queue: queueName, err: error },
        "the queue is in trouble; its jobs stay where they are",
      );
    };
    connection.on("error", onError);
    const worker = new PromptWorker(
      queueName,
      async (job, _token, signal) => {
        const logger = this.#logger.child({ queue: queueName, job: job.id });
        if (job.attemptsMade === 0)
          this.#metrics?.wait.observe({ queue: queueName }, (Date.now() - job.timestamp) / 1_000);
        const ended = this.#metrics?.run.startTimer({ queue: queueName });
        try {
          const data = readJob(schema, job);
          nameMessage(data);
          await handler(data, { signal: signal ?? new AbortController().signal, logger });
          ended?.({ outcome: "done" });
        } catch (error) {
          ended?.({ outcome: error instanceof FatalError ? "failed" : "retried" });
          throw this.#failure(error, queueName, logger);
        }
      },
      {
        connection,
        prefix: PREFIX,
        ...this.#telemetry,
        concurrency: options.concurrency,
        drainDelay: this.#times.block / 1_000,
        runRetryDelay: this.#times.runAgain,
        autorun: options.isPaused !== true,
        lockDuration: this.#times.lock,
        lockRenewTime: this.#times.renewal,
        stalledInterval: this.#times.stalledCheck,
        // A job is not to blame for the crashes of its workers.
        maxStalledCount: 1_000_000_000,
        settings: { backoffStrategy: (attemptsMade: number) => backoff(attemptsMade, this.#times) },
      },
    );
    worker.on("error", onError);
    this.#workers.push({ worker, connection });
    // One after the other: a worker looks twice whether it goes on, and a pause in between would be undone.
    let turn = Promise.resolve();
    const inTurn = (act: () => Promise<void>) => (turn = turn.then(act).catch(onError));
    return {
      pause: () => inTurn(() => worker.pause()),
      resume: () => {
        void inTurn(() => worker.resume());
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
      ...this.#telemetry,
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

  /** How many jobs each queue has that is worked on here; nothing while Redis is away. */
  async #depths(): Promise<ReadonlyMap<string, Record<string, number>>> {
    const names = this.#workers.map(({ worker }) => worker.name);
    const counting = names.map(
      async (name) =>
        [name, await this.#queue(name).getJobCounts("waiting", "active", "delayed", "failed")] as const,
    );
    try {
      return new Map(await orAborted(Promise.all(counting), AbortSignal.timeout(COUNT_MILLISECONDS)));
    } catch (error) {
      this.#logger.debug({ err: error }, "the queues cannot be counted; they are missing from the metrics");
      return new Map();
    }
  }

  #failure(error: unknown, queue: string, logger: Logger): Error {
    if (error instanceof FatalError) {
      this.#metrics?.deadLetters.inc({ queue, code: error.code });
      logger.error({ err: error, code: error.code }, JOB_FAILED);
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

/** Twice as long each time, each shortened by up to a half at random, so that many do not come back at once. */
function backoff(attemptsMade: number, { firstBackoff, mostBackoff }: QueueTimes): number {
  const full = Math.min(firstBackoff * 2 ** Math.min(attemptsMade - 1, 20), mostBackoff);
  return Math.round(full * (1 - Math.random() / 2));
}

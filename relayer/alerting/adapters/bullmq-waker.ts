import { alertNotifyJobId, alertNotifySchema, ALERT_NOTIFY_QUEUE } from "../../domain/jobs.ts";
import type { Logger } from "../../platform/log.ts";
import type { Queues } from "../../platform/queues.ts";
import type { Waker } from "../ports.ts";

/** What tells whether Redis answers at this moment. */
export type RedisState = { readonly status: string };

/**
 * Wakes the notifier through its queue: one job a receiver, however many notifications wait. While Redis is away, which is what people
 * may have to be told, it is done at once, without the queue.
 */
export class BullmqWaker implements Waker {
  readonly #queues: Pick<Queues, "add">;
  readonly #redis: RedisState;
  readonly #pump: () => void;
  readonly #logger: Logger;

  constructor(queues: Pick<Queues, "add">, redis: RedisState, pump: () => void, logger: Logger) {
    this.#queues = queues;
    this.#redis = redis;
    this.#pump = pump;
    this.#logger = logger;
  }

  wake(receivers: ReadonlySet<string>): void {
    if (this.#redis.status !== "ready") {
      this.#pump();
      return;
    }
    for (const receiver of receivers)
      this.#queues
        .add(ALERT_NOTIFY_QUEUE, alertNotifyJobId(receiver), alertNotifySchema, { receiver })
        .catch((error: unknown) => {
          this.#logger.debug({ err: error }, "the queue does not take a wake-up; the loop sends without it");
        });
  }
}

import { eventJobId, EVENTS_QUEUE, eventSchema } from "../domain/event-schema.ts";
import type { Emit } from "../domain/events.ts";
import type { Logger } from "./log.ts";
import type { Queues } from "./queues.ts";

/** How many events may wait for Redis. More of them tell nothing new, and are only logged. */
const MOST_WAITING = 1_000;

/**
 * Tells the alerting role of events, through a queue. The same event that is told again while it waits is one job. While Redis is away
 * events wait in this process, and are lost with it: the log has them, and alerting notices Redis's absence by itself.
 */
export function queueEvents(queues: Pick<Queues, "add">, logger: Logger): Emit {
  let waiting = 0;
  return (event) => {
    if (waiting >= MOST_WAITING) return;
    waiting++;
    queues
      .add(EVENTS_QUEUE, eventJobId(event), eventSchema, event)
      .catch((error: unknown) => {
        logger.warn(
          { err: error, kind: event.kind },
          "alerting cannot be told of an event; it is only in the log",
        );
      })
      .finally(() => waiting--);
  };
}

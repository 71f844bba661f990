import { explain } from "../../domain/errors.ts";
import { eventSchema, EVENTS_QUEUE } from "../../domain/event-schema.ts";
import {
  ALERT_EVALUATE_QUEUE,
  ALERT_NOTIFY_QUEUE,
  alertEvaluateSchema,
  alertNotifySchema,
} from "../../domain/jobs.ts";
import type { Logger } from "../../platform/log.ts";
import type { Queues } from "../../platform/queues.ts";
import { samplesOf } from "../core/event-samples.ts";
import type { AlertingMetrics } from "../metrics.ts";
import type { AlertingEngine } from "./engine.ts";
import { EVALUATION_JOB_MILLISECONDS } from "./loop.ts";

/** How many wake-ups and events are handled at the same time. */
const CONCURRENCY = 16;

/**
 * Takes the jobs of alerting's queues: evaluations, again and again; wake-ups of the notifier; and the events of the fleet, which are on
 * the disk before their jobs are done. While Redis is away `runLoop` does the same without them.
 */
export function workOnQueues(
  engine: AlertingEngine,
  {
    queues,
    metrics,
    logger,
  }: { readonly queues: Queues; readonly metrics: AlertingMetrics; readonly logger: Logger },
): void {
  queues.work(ALERT_EVALUATE_QUEUE, alertEvaluateSchema, () => engine.evaluateAndDispatch(false), {
    concurrency: 1,
  });
  const pump = () => {
    engine.pump();
    return Promise.resolve();
  };
  queues.work(ALERT_NOTIFY_QUEUE, alertNotifySchema, pump, { concurrency: CONCURRENCY });
  const observe = async (event: Parameters<typeof samplesOf>[0]) => {
    metrics.events.inc({ kind: event.kind });
    await engine.observeEvents(samplesOf(event, engine.now()));
    await engine.evaluateAndDispatch(true);
  };
  queues.work(EVENTS_QUEUE, eventSchema, observe, { concurrency: CONCURRENCY });
  // Nothing waits for Redis: the command does, and is done when Redis is there.
  queues
    .addEvery(ALERT_EVALUATE_QUEUE, EVALUATION_JOB_MILLISECONDS, alertEvaluateSchema, {})
    .catch((error: unknown) => {
      logger.warn(
        `evaluations cannot be asked for through their queue; the loop does without: ${explain(error)}`,
      );
    });
}

import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** The metrics of the queues that a process works on. */
export type QueueMetrics = ReturnType<typeof createQueueMetrics>;

const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];

/**
 * Registers the metrics of queues.
 * @param depths asked at each scrape: how many jobs of each queue are in each state
 */
export function createQueueMetrics(
  registry: Registry,
  depths: () => Promise<ReadonlyMap<string, Readonly<Record<string, number>>>>,
) {
  const registers = [registry];
  new Gauge({
    name: "dchat_queue_jobs",
    help: "Jobs by state: waiting, active, delayed (they failed and will be tried again), failed (dead letters)",
    labelNames: ["queue", "state"],
    registers,
    async collect() {
      // Old numbers are worse than none: while Redis is away there are none.
      this.reset();
      for (const [queue, counts] of await depths())
        for (const [state, count] of Object.entries(counts)) this.set({ queue, state }, count);
    },
  });
  return {
    wait: new Histogram({
      name: "dchat_queue_wait_seconds",
      help: "From the moment when a job was added to the moment when it was first taken",
      labelNames: ["queue"],
      buckets: SECONDS,
      registers,
    }),
    run: new Histogram({
      name: "dchat_queue_run_seconds",
      help: "How long one attempt of a job took, by how it ended: done, retried or failed",
      labelNames: ["queue", "outcome"],
      buckets: SECONDS,
      registers,
    }),
    deadLetters: new Counter({
      name: "dchat_queue_dead_letters_total",
      help: "Jobs that failed for good, by the code of the reason",
      labelNames: ["queue", "code"],
      registers,
    }),
  };
}

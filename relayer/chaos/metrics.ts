import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** The metrics of a chaos controller. */
export type ChaosMetrics = ReturnType<typeof createChaosMetrics>;

/** Registers the metrics of a chaos controller. */
export function createChaosMetrics(registry: Registry) {
  const registers = [registry];
  return {
    runs: new Counter({
      name: "dchat_chaos_runs_total",
      help: "Runs of experiments that are over, by verdict",
      labelNames: ["verdict"],
      registers,
    }),
    running: new Gauge({
      name: "dchat_chaos_running",
      help: "Runs of experiments that are under way",
      registers,
    }),
    recentlyFailed: new Gauge({
      name: "dchat_chaos_recently_failed",
      help: "Runs that ended in the last ten minutes and did not pass",
      registers,
    }),
    faults: new Counter({
      name: "dchat_chaos_faults_total",
      help: "Faults that were done and healed, by type, by tier, and by whether they were proven to bite with work in flight",
      labelNames: ["type", "tier", "effective"],
      registers,
    }),
    openLeases: new Gauge({
      name: "dchat_chaos_faults_open",
      help: "Faults that are there now",
      registers,
    }),
    overdueLeases: new Gauge({
      name: "dchat_chaos_faults_overdue",
      help: "Faults that should have ended more than five seconds ago",
      registers,
    }),
    violations: new Counter({
      name: "dchat_chaos_violations_total",
      help: "What the checker found wrong at the end of runs, by rule",
      labelNames: ["rule"],
      registers,
    }),
    recovery: new Histogram({
      name: "dchat_chaos_recovery_seconds",
      help: "How long runs took to come back: from the first fault to its being noticed (detect), and from healing to the first message executed (firstSuccess), to a drained backlog (drained), and to a steady state that holds (steady)",
      labelNames: ["what"],
      buckets: [0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300],
      registers,
    }),
  };
}

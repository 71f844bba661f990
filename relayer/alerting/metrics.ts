import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** The metrics of alerting. */
export type AlertingMetrics = ReturnType<typeof createAlertingMetrics>;

/** Registers the metrics of alerting. */
export function createAlertingMetrics(registry: Registry) {
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name, help, labelNames, registers });
  return {
    alerts: new Gauge({
      name: "dchat_alerting_alerts",
      help: "Alerts by state: active (told of), suppressed (silenced or inhibited), acknowledged",
      labelNames: ["state"],
      registers,
    }),
    evaluationSeconds: new Histogram({
      name: "dchat_alerting_evaluation_seconds",
      help: "How long one evaluation of all rules that were due took",
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    }),
    evaluationAge: gauge("dchat_alerting_evaluation_age_seconds", "How long ago rules were last evaluated"),
    ruleFailures: counter("dchat_alerting_rule_failures_total", "Evaluations of a rule that failed", [
      "rule",
    ]),
    outbox: gauge("dchat_alerting_outbox", "Notifications that wait to be sent or are under way"),
    attempts: counter(
      "dchat_alerting_attempts_total",
      "Attempts to send a notification, by what became of them",
      ["receiver", "integration", "outcome"],
    ),
    attemptSeconds: new Histogram({
      name: "dchat_alerting_attempt_seconds",
      help: "How long an attempt to send a notification took",
      labelNames: ["outcome"],
      buckets: [0.005, 0.025, 0.1, 0.25, 1, 2.5, 10],
      registers,
    }),
    deadLetters: counter("dchat_alerting_dead_letters_total", "Notifications that cannot be delivered", [
      "receiver",
      "integration",
    ]),
    superseded: counter(
      "dchat_alerting_superseded_total",
      "Notifications whose place a newer one of their group took, because too many waited",
      ["receiver", "integration"],
    ),
    scrapes: counter("dchat_alerting_scrapes_total", "Scrapes of metrics, by what became of them", [
      "job",
      "outcome",
    ]),
    series: gauge("dchat_alerting_series", "Series that rules can select"),
    events: counter("dchat_alerting_events_total", "Events of the fleet that became samples", ["kind"]),
    clockAhead: gauge(
      "dchat_alerting_clock_ahead_seconds",
      "How far alerting's own time is ahead of the wall clock, which was set back",
    ),
  };
}

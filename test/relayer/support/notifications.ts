import type { HttpSettings, ReceiverSettings } from "../../../relayer/alerting/core/channel-settings.ts";
import type { Notification, NotifiedAlert } from "../../../relayer/alerting/core/notification.ts";
import { type AllowedTargets, parseAllowedTargets } from "../../../relayer/alerting/core/targets.ts";

export const at = Date.parse("2026-03-04T05:06:07.800Z");

export function alertOf(changes: Partial<NotifiedAlert> = {}): NotifiedAlert {
  return {
    fingerprint: "00112233aabbccdd",
    episode: "00112233aabbccdd-1",
    status: "firing",
    labels: { alertname: "LaneStuck", severity: "critical", from: "A", to: "B" },
    annotations: { summary: "Lane A → B is stuck", runbook_url: "https://docs.example/runbook#lanestuck" },
    startsAt: at - 60_000,
    endsAt: undefined,
    generatorUrl: "https://dchat.example/rules",
    acknowledgedBy: undefined,
    ...changes,
  };
}

export function notificationOf(changes: Partial<Notification> = {}): Notification {
  return {
    id: "n-0001",
    receiver: "team",
    integration: "webhook/0",
    reason: "firing",
    groupKey: '{}/{severity="critical"}:{alertname="LaneStuck"}',
    groupLabels: { alertname: "LaneStuck" },
    commonLabels: { alertname: "LaneStuck", severity: "critical", from: "A", to: "B" },
    commonAnnotations: { summary: "Lane A → B is stuck" },
    alerts: [alertOf()],
    truncatedAlerts: 0,
    severity: "critical",
    level: undefined,
    at,
    ...changes,
  };
}

/** A notification in which every text that comes from an alert is this one. */
export function hostileNotification(text: string): Notification {
  const labels = { alertname: text, severity: "critical", instance: text };
  return notificationOf({
    groupLabels: labels,
    commonLabels: labels,
    commonAnnotations: { summary: text, description: text },
    groupKey: text,
    alerts: [
      alertOf({
        labels,
        annotations: { summary: text, description: text, runbook_url: text },
        generatorUrl: text,
        acknowledgedBy: text,
      }),
    ],
  });
}

export const plainHttp: HttpSettings = { followRedirects: true, authorization: undefined, tls: undefined };

export const noTargets: AllowedTargets = parseAllowedTargets([]).targets;

/** Allows the servers of a test, by `host:port`. */
export function allowing(...hosts: readonly string[]): AllowedTargets {
  return parseAllowedTargets(hosts).targets;
}

export function receiverOf(channel: ReceiverSettings["channels"][number]): ReceiverSettings {
  return { name: "team", channels: [channel] };
}

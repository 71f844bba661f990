import { createHash } from "node:crypto";
import type { Alert } from "./alert.ts";
import type { Group, Target } from "./grouping.ts";
import type { Labels } from "./labels.ts";
import type { Notification, NotificationReason, NotifiedAlert } from "./notification.ts";
import { rankOf, severityOf, type Severity } from "./severity.ts";
import type { AlertingState } from "./state.ts";

/** How many alerts one message shows where nothing else is configured; the others are counted. */
export const ALERTS_PER_MESSAGE = 100;

/** What a notification is made of. */
export type Content = {
  readonly target: Target;
  readonly reason: NotificationReason;
  readonly alerts: readonly Alert[];
  readonly now: number;
  /** How many alerts it shows at most. */
  readonly limit: number;
};

/**
 * What one integration is told of a group. Its id follows from what it is about, so that the same decision made again after a crash
 * makes the same notification.
 */
export function compose(
  state: AlertingState,
  group: Pick<Group, "key" | "id" | "labels">,
  content: Content,
): Notification {
  const { target, reason, now, limit } = content;
  const alerts = content.alerts.toSorted(byUrgency);
  const shown = alerts.slice(0, limit).map((alert) => notified(state, alert, now));
  return {
    id: notificationId([group.id, target, reason, now]),
    receiver: target.receiver,
    integration: target.integration,
    reason,
    groupKey: group.key,
    groupLabels: group.labels,
    commonLabels: common(alerts.map(({ labels }) => labels)),
    commonAnnotations: common(alerts.map(({ annotations }) => annotations)),
    alerts: shown,
    truncatedAlerts: alerts.length - shown.length,
    severity: mostUrgent(alerts),
    level: target.level === 0 ? undefined : target.level,
    at: now,
  };
}

/** 32 hexadecimal digits. */
export function notificationId(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}

/** Of what fires, or, when nothing does, of what fired last. */
function mostUrgent(alerts: readonly Alert[]): Severity {
  const firing = alerts.filter(({ endsAt }) => endsAt === undefined);
  const all = (firing.length === 0 ? alerts : firing).map(({ labels }) => severityOf(labels));
  return all.toSorted((a, b) => rankOf(a) - rankOf(b))[0] ?? "warning";
}

/** What fires comes first, the most urgent of it, the oldest of that. */
function byUrgency(a: Alert, b: Alert): number {
  return (
    Number(a.endsAt !== undefined) - Number(b.endsAt !== undefined) ||
    rankOf(severityOf(a.labels)) - rankOf(severityOf(b.labels)) ||
    a.startsAt - b.startsAt ||
    (a.fingerprint < b.fingerprint ? -1 : 1)
  );
}

function notified(state: AlertingState, alert: Alert, now: number): NotifiedAlert {
  const { fingerprint, episode, labels, annotations, startsAt, endsAt, generatorUrl } = alert;
  const status = endsAt === undefined ? "firing" : "resolved";
  const acknowledgedBy = state.acknowledgementOf(episode, now)?.by;
  return {
    fingerprint,
    episode,
    status,
    labels,
    annotations,
    startsAt,
    endsAt,
    generatorUrl,
    acknowledgedBy,
  };
}

/** What all have, with the same value. */
function common(all: readonly Labels[]): Labels {
  const [first = {}, ...others] = all;
  const shared = Object.entries(first).filter(([name, value]) =>
    others.every((labels) => Object.hasOwn(labels, name) && labels[name] === value),
  );
  return Object.fromEntries(shared);
}

import { announce, targetsOf } from "../core/dispatch.ts";
import { entry } from "../core/history.ts";
import type { Delivery, Notification } from "../core/notification.ts";
import { forFallback } from "../core/outbox.ts";
import type { AlertingState } from "../core/state.ts";
import type { Commit } from "./ledger.ts";

/** Who is told in place of a receiver. */
export function fallbacksOf({ receivers }: AlertingState, { receiver }: Notification) {
  const fallback = receivers.get(receiver)?.fallback;
  return fallback === undefined || fallback === receiver ? [] : targetsOf(receivers, fallback, 0);
}

/** Gives a notification up: it is kept as a dead letter, and others are told in its place. */
export function bury(
  notification: Notification,
  fallbacks: readonly { readonly receiver: string; readonly integration: string }[],
  reason: string,
  { commit, now }: { readonly commit: Commit; readonly now: number },
): void {
  commit({ kind: "dead-letter", id: notification.id, at: now, reason });
  for (const { receiver, integration } of fallbacks)
    for (const change of announce(forFallback(notification, { receiver, integration }, reason, now)))
      commit(change);
}

/** The history's line of an attempt. */
export function attemptEntry(notification: Notification, delivery: Delivery, at: number) {
  const { receiver, integration, commonLabels, groupLabels } = notification;
  return entry({
    at,
    kind: "attempt",
    what: delivery.kind,
    labels: { ...commonLabels, ...groupLabels },
    receiver,
    integration,
    notification: notification.id,
    detail: delivery.kind === "delivered" ? delivery.detail : delivery.reason,
  });
}

import type { Change } from "./change.ts";
import { entry } from "./history.ts";
import type { Notification } from "./notification.ts";
import { rankOf } from "./severity.ts";

/** How many notifications may wait for one integration before newer ones take the place of older ones of their group. */
export const MOST_WAITING = 10_000;

/**
 * Whether a notification says all that an older one, which still waits for the same integration, would have to say by now. What is told
 * of a whole group is told by the newest such; what is told of some alerts (an escalation, an acknowledgement), only by what tells of
 * those of them that still fire. What is urgent never makes room for what is less so.
 * @param isFiring whether an episode goes on
 */
export function supersedes(
  newer: Notification,
  older: Notification,
  isFiring: (episode: string) => boolean,
): boolean {
  const isSame =
    newer.receiver === older.receiver &&
    newer.integration === older.integration &&
    newer.groupKey === older.groupKey &&
    newer.level === older.level &&
    subjectOf(newer) === subjectOf(older);
  if (!isSame || rankOf(newer.severity) > rankOf(older.severity)) return false;
  if (subjectOf(newer) === "group") return true;
  const told = new Set(newer.alerts.map(({ episode }) => episode));
  return (
    older.truncatedAlerts === 0 &&
    older.alerts.every(({ episode }) => told.has(episode) || !isFiring(episode))
  );
}

/** An older notification that is not sent any more, with its line in the history. */
export function supersede(
  newer: Notification,
  older: Notification,
  most: number,
  now: number,
): readonly Change[] {
  const { id, receiver, integration, commonLabels, groupLabels } = older;
  const line = entry({
    at: now,
    kind: "notification",
    what: "superseded",
    labels: { ...commonLabels, ...groupLabels },
    receiver,
    integration,
    notification: id,
    detail: `${newer.id} is sent in its place: ${most} or more wait for ${receiver} (${integration})`,
  });
  return [
    { kind: "superseded", id, receiver, integration, by: newer.id, since: older.at },
    { kind: "history", entry: line },
  ];
}

function subjectOf({ reason }: Notification): "group" | Notification["reason"] {
  return reason === "firing" || reason === "resolved" || reason === "repeated" ? "group" : reason;
}

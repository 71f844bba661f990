import { rankOf } from "./severity.ts";
import type { Notification } from "./notification.ts";

/** A notification that waits to be sent; its content stays in the store until then. Times in Unix milliseconds of the engine's clock. */
export type OutboxItem = Pick<Notification, "id" | "receiver" | "integration" | "severity" | "at"> & {
  /** How many attempts have failed; `at` is that of the oldest that it supersedes. */
  readonly attempts: number;
  readonly nextAttempt: number;
};

/** A notification that could not be delivered. */
export type DeadLetter = Pick<Notification, "id" | "receiver" | "integration"> & {
  readonly at: number;
  readonly reason: string;
  readonly notification: Notification;
};

/** The most urgent first, then the oldest. */
export function byUrgency(a: OutboxItem, b: OutboxItem): number {
  return rankOf(a.severity) - rankOf(b.severity) || a.at - b.at;
}

const FIRST_RETRY_MILLISECONDS = 1_000;
const LAST_RETRY_MILLISECONDS = 60_000;
/** However long the other side asks to wait, a page is tried again after this. */
const MOST_ASKED_MILLISECONDS = 10 * 60_000;

/**
 * How long to wait after attempts that failed: 1 s, 2 s, … up to a minute, each shortened by up to a half so that many do not come back
 * at once; and never less than the other side asked for, up to ten minutes.
 * @param random from 0 to 1
 */
export function retryDelay(attempts: number, random: number, asked: number | undefined): number {
  const full = Math.min(FIRST_RETRY_MILLISECONDS * 2 ** Math.min(attempts - 1, 20), LAST_RETRY_MILLISECONDS);
  return Math.max(Math.round(full * (1 - random / 2)), Math.min(asked ?? 0, MOST_ASKED_MILLISECONDS));
}

/** Where somebody else can be told instead, a receiver that fails for so long is given up, in milliseconds. */
const PATIENCE_WITH_FALLBACK = 5 * 60_000;
/** Where nobody else can be told. */
const PATIENCE = 24 * 3_600_000;

/** Whether a notification that failed again is given up. */
export function isGivenUp({ at }: Pick<OutboxItem, "at">, hasFallback: boolean, now: number): boolean {
  return now - at >= (hasFallback ? PATIENCE_WITH_FALLBACK : PATIENCE);
}

/** Ids of our own making are hexadecimal digits; only those for a fallback hold this. */
const FALLBACK_MARK = "-";

/** Whether a notification is the second try already, so that two fallbacks of each other are not told for ever. */
export function isForFallback({ id }: Pick<Notification, "id">): boolean {
  return id.includes(FALLBACK_MARK);
}

/**
 * What the fallback receiver gets in place of what could not be delivered: the same content, and among its annotations `undelivered`,
 * which says where it was meant to go and why it did not arrive.
 */
export function forFallback(
  notification: Notification,
  fallback: { readonly receiver: string; readonly integration: string },
  reason: string,
  now: number,
): Notification {
  const undelivered = `${notification.receiver} (${notification.integration}) could not be told: ${reason}`;
  const alerts = notification.alerts.map((alert) => ({
    ...alert,
    annotations: { ...alert.annotations, undelivered },
  }));
  return {
    ...notification,
    ...fallback,
    id: `${notification.id}${FALLBACK_MARK}${fallback.integration.replaceAll("/", "-")}`,
    commonAnnotations: { ...notification.commonAnnotations, undelivered },
    alerts,
    at: now,
  };
}

import type { Change } from "./core/change.ts";
import type { AuditEntry, HistoryEntry } from "./core/history.ts";
import type { Matcher } from "./core/labels.ts";
import type { Delivery, Notification } from "./core/notification.ts";
import type { DeadLetter, OutboxItem } from "./core/outbox.ts";
import type { Snapshot } from "./core/state.ts";
import type { Utterance } from "./core/utterance.ts";

/** Who says things aloud. */
export interface Speaker {
  /** Takes over an utterance, durably: it answers once it will be said, or is known to have been. @throws where it cannot be taken over */
  say(utterance: Utterance, signal: AbortSignal): Promise<void>;
}

/** One integration of one receiver: a mailbox, a Slack hook, a pager. It really sends. */
export interface Channel {
  /** Such as `slack/0`; see {@link Notification.integration}. */
  readonly integration: string;
  /**
   * Sends one notification, once. Never throws for what the other side does: that is in what it answers. It may be asked to send the
   * same notification again after a crash, and then uses the same keys (`Notification.id`, the group's key), so that a receiver that
   * honours them shows it once.
   * @param signal aborted when the time for this attempt is over, or the process ends
   */
  send(notification: Notification, signal: AbortSignal): Promise<Delivery>;
  /** Lets go of its connections; nothing is sent any more. */
  close(): Promise<void>;
}

/** What was asked of the history. Times in Unix milliseconds; `from` is included, `to` is not. */
export type HistoryQuery = {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly kind?: HistoryEntry["kind"] | undefined;
  readonly receiver?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly matchers?: readonly Matcher[] | undefined;
  /** 1 to 1,000. */
  readonly limit: number;
  /** Where the page before ended. */
  readonly after?: number | undefined;
};

/** The newest first. `next` leads to the next page; undefined: there is none. */
export type Page<T> = {
  readonly entries: readonly (T & { readonly id: number })[];
  readonly next: number | undefined;
};

/** The durable memory of alerting: the system of record. */
export interface AlertingStore {
  /** Everything that is remembered, read once at the start. */
  load(): Snapshot;
  /**
   * Does `work`, and commits what it wrote, on the disk, before it returns.
   * @param now the time of the engine, which the next process does not fall behind
   * @throws RetryableError `ALERTING_STORE`; nothing of it is kept then
   */
  transaction(now: number, work: (write: (change: Change) => void) => void): void;
  /** What is still to be sent. */
  outbox(): readonly OutboxItem[];
  /** What is or was to be sent under an id; undefined where there is none. */
  notification(id: string): Notification | undefined;
  /** What waits for the same integration with news of the same group, the oldest first, without the notification itself. `at` is {@link OutboxItem.at}. */
  waitingOfGroup(notification: Notification, limit: number): readonly Notification[];
  /** At most `limit` notifications that could not be sent. */
  deadLetters(limit: number): readonly DeadLetter[];
  /** A page of what alerts did. */
  history(query: HistoryQuery): Page<HistoryEntry>;
  /** A page of what people did. */
  audit(query: Pick<HistoryQuery, "from" | "to" | "limit" | "after">): Page<AuditEntry>;
  /** Forgets some of the history and dead letters that are older; never the audit log. @returns whether there is more of it */
  prune(before: number): boolean;
  /** Closes the database; nothing else may be called after it. */
  close(): void;
}

/** Where samples are scraped from. */
export type ScrapeTarget = {
  /** Its name in this list, unique: the same as long as it means the same process. */
  readonly id: string;
  readonly url: string;
  /** `job` and `instance`, and whatever else `up` carries. */
  readonly labels: Readonly<Record<string, string>>;
};

/** Who tells whom to look into the outbox. */
export interface Waker {
  /** Has the notifications of these receivers sent, soon. Never throws and never waits. */
  wake(receivers: ReadonlySet<string>): void;
}

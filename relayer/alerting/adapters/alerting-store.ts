import type { DatabaseSync } from "node:sqlite";
import type { z } from "zod";
import { explain, RetryableError } from "../../domain/errors.ts";
import { atomically } from "../../platform/durable-database.ts";
import type { Change } from "../core/change.ts";
import type { AuditEntry, HistoryEntry } from "../core/history.ts";
import type { Notification } from "../core/notification.ts";
import type { DeadLetter, OutboxItem } from "../core/outbox.ts";
import type { Snapshot } from "../core/state.ts";
import type { AlertingStore, HistoryQuery, Page } from "../ports.ts";
import { openAlertingDatabase } from "./alerting-database.ts";
import { readAudit, readHistory } from "./history-queries.ts";
import {
  acknowledgementRecord,
  alertRecord,
  eventSampleRecord,
  groupRecord,
  instanceRecord,
  mutingRecord,
  notificationRecord,
  outboxRow,
  silenceRecord,
} from "./records.ts";

/** What happens to notifications. */
type OutboxChange = Extract<
  Change,
  { readonly kind: "notification" | "postponed" | "delivered" | "dead-letter" | "superseded" | "redriven" }
>;

/** How many rows one call of {@link SqliteAlertingStore.prune} takes away, so that nothing waits for long. */
const PRUNED_AT_ONCE = 5_000;

const upsert = (table: string, key: string) =>
  `INSERT INTO ${table} (${key}, body) VALUES (?, ?) ON CONFLICT (${key}) DO UPDATE SET body = excluded.body`;
const remove = (table: string, key: string) => `DELETE FROM ${table} WHERE ${key} = ?`;

/** What the store does, prepared once. */
function statementsOf(database: DatabaseSync) {
  const prepare = (sql: string) => database.prepare(sql);
  return {
    time: prepare(
      "INSERT INTO last_time VALUES (1, ?) ON CONFLICT (only) DO UPDATE SET at = max(at, excluded.at)",
    ),
    alert: prepare(upsert("alerts", "fingerprint")),
    alertRemoved: prepare(remove("alerts", "fingerprint")),
    instance: prepare(
      `INSERT INTO instances VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body`,
    ),
    instanceRemoved: prepare("DELETE FROM instances WHERE rule = ? AND fingerprint = ?"),
    silence: prepare(upsert("silences", "id")),
    silenceRemoved: prepare(remove("silences", "id")),
    acknowledgement: prepare(upsert("acknowledgements", "episode")),
    acknowledgementRemoved: prepare(remove("acknowledgements", "episode")),
    muting: prepare(upsert("mutings", "fingerprint")),
    mutingRemoved: prepare(remove("mutings", "fingerprint")),
    group: prepare(upsert("groups", "id")),
    groupRemoved: prepare(remove("groups", "id")),
    eventSample: prepare(upsert("event_samples", "key")),
    eventSampleRemoved: prepare(remove("event_samples", "key")),
    notification: prepare(
      "INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?) ON CONFLICT (id) DO NOTHING",
    ),
    postponed: prepare("UPDATE outbox SET attempts = ?, next_attempt = ? WHERE id = ?"),
    waitsSince: prepare("UPDATE outbox SET at = min(at, ?) WHERE id = ?"),
    delivered: prepare(remove("outbox", "id")),
    deadLetter: prepare(
      "INSERT INTO dead_letters SELECT id, ?, ?, body FROM outbox WHERE id = ? ON CONFLICT (id) DO NOTHING",
    ),
    deadLetterBody: prepare("SELECT body FROM dead_letters WHERE id = ?"),
    deadLetterRemoved: prepare(remove("dead_letters", "id")),
    history: prepare("INSERT INTO history VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
    audit: prepare("INSERT INTO audit VALUES (NULL, ?, ?, ?, ?, ?)"),
    ofGroup: prepare(
      "SELECT at, body FROM outbox WHERE group_key = ? AND receiver = ? AND integration = ? AND id <> ? ORDER BY at LIMIT ?",
    ),
    body: prepare("SELECT body FROM outbox WHERE id = ?"),
  };
}

/** An {@link AlertingStore} in a SQLite file. Only the process that holds its lock may have it open. */
export class SqliteAlertingStore implements AlertingStore {
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof statementsOf>;

  /** @throws ConfigurationError `ALERTING_STORE` */
  constructor(file: string) {
    this.#file = file;
    const database = openAlertingDatabase(file);
    this.#database = database;
    this.#statements = statementsOf(database);
  }

  load(): Snapshot {
    const all = <S extends z.ZodType>(table: string, schema: S): readonly z.output<S>[] =>
      this.#database
        .prepare(`SELECT body FROM ${table}`)
        .all()
        .map(({ body }) => schema.parse(JSON.parse(String(body))));
    return {
      alerts: all("alerts", alertRecord),
      instances: all("instances", instanceRecord),
      silences: all("silences", silenceRecord),
      acknowledgements: all("acknowledgements", acknowledgementRecord),
      mutings: all("mutings", mutingRecord),
      groups: all("groups", groupRecord),
      eventSamples: all("event_samples", eventSampleRecord),
      lastTime: Number(this.#database.prepare("SELECT at FROM last_time").get()?.["at"] ?? 0),
    };
  }

  transaction(now: number, work: (write: (change: Change) => void) => void): void {
    try {
      atomically(this.#database, () => {
        work((change) => {
          this.#write(change);
        });
        this.#statements.time.run(now);
      });
    } catch (error) {
      throw new RetryableError(
        "ALERTING_STORE",
        `Alerting's memory in ${this.#file} cannot be written: ${explain(error)}. What was asked for was not done and nobody is told of it; ask again. Nothing that was confirmed before is lost. Look after the disk.`,
        {},
        error,
      );
    }
  }

  outbox(): readonly OutboxItem[] {
    return outboxRow
      .array()
      .parse(
        this.#database
          .prepare("SELECT id, receiver, integration, severity, at, attempts, next_attempt FROM outbox")
          .all(),
      );
  }

  notification(id: string): Notification | undefined {
    const row = this.#statements.body.get(id);
    return row && notificationRecord.parse(JSON.parse(String(row["body"])));
  }

  waitingOfGroup(
    { id, groupKey, receiver, integration }: Notification,
    limit: number,
  ): readonly Notification[] {
    return this.#statements.ofGroup
      .all(groupKey, receiver, integration, id, limit)
      .map(({ at, body }) => ({ ...notificationRecord.parse(JSON.parse(String(body))), at: Number(at) }));
  }

  deadLetters(limit: number): readonly DeadLetter[] {
    return this.#database
      .prepare("SELECT at, reason, body FROM dead_letters ORDER BY at DESC LIMIT ?")
      .all(limit)
      .map(({ at, reason, body }) => {
        const notification = notificationRecord.parse(JSON.parse(String(body)));
        const { id, receiver, integration } = notification;
        return { id, receiver, integration, at: Number(at), reason: String(reason), notification };
      });
  }

  history(query: HistoryQuery): Page<HistoryEntry> {
    return readHistory(this.#database, query);
  }

  audit(query: Pick<HistoryQuery, "from" | "to" | "limit" | "after">): Page<AuditEntry> {
    return readAudit(this.#database, query);
  }

  prune(before: number): boolean {
    const some = (table: string) =>
      this.#database
        .prepare(`DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE at < ? LIMIT ?)`)
        .run(before, PRUNED_AT_ONCE).changes;
    return [some("history"), some("dead_letters")].some((changes) => Number(changes) === PRUNED_AT_ONCE);
  }

  close(): void {
    this.#database.close();
  }

  #write(change: Change): void {
    const run = this.#statements;
    switch (change.kind) {
      case "alert":
        run.alert.run(change.alert.fingerprint, JSON.stringify(change.alert));
        break;
      case "alert-removed":
        run.alertRemoved.run(change.alert.fingerprint);
        break;
      case "instance":
        run.instance.run(change.instance.rule, change.instance.fingerprint, JSON.stringify(change.instance));
        break;
      case "instance-removed":
        run.instanceRemoved.run(change.instance.rule, change.instance.fingerprint);
        break;
      case "silence":
        run.silence.run(change.silence.id, JSON.stringify(change.silence));
        break;
      case "silence-removed":
        run.silenceRemoved.run(change.id);
        break;
      case "acknowledgement":
        run.acknowledgement.run(change.acknowledgement.episode, JSON.stringify(change.acknowledgement));
        break;
      case "acknowledgement-removed":
        run.acknowledgementRemoved.run(change.episode);
        break;
      case "muting":
      case "muting-removed":
        this.#writeMuting(change);
        break;
      case "group":
        run.group.run(change.record.id, JSON.stringify(change.record));
        break;
      case "group-removed":
        run.groupRemoved.run(change.id);
        break;
      case "group-timed":
        break; // found again by the next process
      case "event-sample":
        run.eventSample.run(change.sample.key, JSON.stringify(change.sample));
        break;
      case "event-sample-removed":
        run.eventSampleRemoved.run(change.key);
        break;
      case "notification":
      case "postponed":
      case "delivered":
      case "dead-letter":
      case "superseded":
      case "redriven":
        this.#writeOutbox(change);
        break;
      case "history":
      case "audit":
        this.#writeLog(change);
        break;
    }
  }

  #writeMuting(change: Extract<Change, { readonly kind: "muting" | "muting-removed" }>): void {
    const { muting, mutingRemoved } = this.#statements;
    if (change.kind === "muting") muting.run(change.muting.fingerprint, JSON.stringify(change.muting));
    else mutingRemoved.run(change.fingerprint);
  }

  #writeLog(change: Extract<Change, { readonly kind: "history" | "audit" }>): void {
    if (change.kind === "audit") {
      const { at, who, what, from, detail } = change.entry;
      this.#statements.audit.run(at, who, what, from, detail);
      return;
    }
    const { at, kind, what, labels, fingerprint, episode, receiver, integration, notification, detail } =
      change.entry;
    const texts = [fingerprint, episode, receiver, integration, notification].map((text) => text ?? null);
    this.#statements.history.run(at, kind, what, JSON.stringify(labels), ...texts, detail);
  }

  #writeOutbox(change: OutboxChange): void {
    const run = this.#statements;
    switch (change.kind) {
      case "notification":
        this.#put(change.notification);
        break;
      case "postponed":
        run.postponed.run(change.attempts, change.nextAttempt, change.id);
        break;
      case "delivered":
        run.delivered.run(change.id);
        break;
      case "dead-letter":
        run.deadLetter.run(change.at, change.reason, change.id);
        run.delivered.run(change.id);
        break;
      case "superseded":
        run.delivered.run(change.id);
        run.waitsSince.run(change.since, change.by);
        break;
      case "redriven":
        this.#redrive(change.id, change.at);
        break;
    }
  }

  #put(notification: Notification): void {
    const { id, receiver, integration, groupKey, severity, at } = notification;
    const body = JSON.stringify(notification);
    this.#statements.notification.run(id, receiver, integration, groupKey, severity, at, at, body);
  }

  #redrive(id: string, at: number): void {
    const row = this.#statements.deadLetterBody.get(id);
    if (row === undefined) return;
    const notification = { ...notificationRecord.parse(JSON.parse(String(row["body"]))), at };
    this.#put(notification);
    this.#statements.deadLetterRemoved.run(id);
  }
}

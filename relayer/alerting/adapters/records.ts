import { z } from "zod";
import type { Acknowledgement } from "../core/acknowledge.ts";
import type { Alert } from "../core/alert.ts";
import type { EventSample } from "../core/change.ts";
import type { GroupRecord } from "../core/grouping.ts";
import type { AuditEntry, HistoryEntry } from "../core/history.ts";
import type { Muting } from "../core/unsettled.ts";
import type { Notification } from "../core/notification.ts";
import type { OutboxItem } from "../core/outbox.ts";
import type { Instance } from "../core/rule-state.ts";
import { SEVERITIES } from "../core/severity.ts";
import type { Silence } from "../core/silence.ts";

/** JSON leaves out what is undefined, and SQL says null for it. */
function maybe<T>(schema: z.ZodType<T>) {
  return schema.nullish().transform((value) => value ?? undefined);
}

const labels = z.record(z.string(), z.string());
const time = z.number();

export const alertRecord = z.object({
  fingerprint: z.string(),
  episode: z.string(),
  labels,
  annotations: labels,
  generatorUrl: z.string(),
  startsAt: time,
  endsAt: maybe(time),
  expiresAt: maybe(time),
  recordedAt: time,
  updatedAt: time,
  isClosed: z.boolean(),
}) satisfies z.ZodType<Alert>;

export const instanceRecord = z.object({
  rule: z.string(),
  fingerprint: z.string(),
  labels,
  state: z.enum(["pending", "firing"]),
  activeSince: time,
  firedAt: maybe(time),
  keptSince: maybe(time),
}) satisfies z.ZodType<Instance>;

export const silenceRecord = z.object({
  id: z.string(),
  matchers: z.array(
    z.object({ name: z.string(), operator: z.enum(["=", "!=", "=~", "!~"]), value: z.string() }),
  ),
  startsAt: time,
  endsAt: time,
  updatedAt: time,
  createdBy: z.string(),
  comment: z.string(),
}) satisfies z.ZodType<Silence>;

export const acknowledgementRecord = z.object({
  episode: z.string(),
  fingerprint: z.string(),
  by: z.string(),
  comment: z.string(),
  at: time,
  until: maybe(time),
}) satisfies z.ZodType<Acknowledgement>;

export const mutingRecord = z.object({
  fingerprint: z.string(),
  episode: z.string(),
  silencedBy: z.array(z.string()),
  inhibitedBy: z.array(z.string()),
}) satisfies z.ZodType<Muting>;

const told = z.object({ firing: z.array(z.string()), resolved: z.array(z.string()), at: time });
export const groupRecord = z.object({
  id: z.string(),
  flushedAt: time,
  told: z.record(z.string(), told),
  escalations: z.record(z.string(), z.object({ since: time, told: z.array(time) })),
}) satisfies z.ZodType<GroupRecord>;

export const eventSampleRecord = z.object({
  key: z.string(),
  labels,
  value: z.number(),
  until: time,
}) satisfies z.ZodType<EventSample>;

const severity = z.enum(SEVERITIES);
export const notificationRecord = z.object({
  id: z.string(),
  receiver: z.string(),
  integration: z.string(),
  reason: z.enum(["firing", "resolved", "repeated", "escalated", "acknowledged", "test", "heartbeat"]),
  groupKey: z.string(),
  groupLabels: labels,
  commonLabels: labels,
  commonAnnotations: labels,
  alerts: z.array(
    z.object({
      fingerprint: z.string(),
      episode: z.string(),
      status: z.enum(["firing", "resolved"]),
      labels,
      annotations: labels,
      startsAt: time,
      endsAt: maybe(time),
      generatorUrl: z.string(),
      acknowledgedBy: maybe(z.string()),
    }),
  ),
  truncatedAlerts: z.number(),
  severity,
  level: maybe(z.number()),
  at: time,
}) satisfies z.ZodType<Notification>;

export const outboxRow = z
  .object({
    id: z.string(),
    receiver: z.string(),
    integration: z.string(),
    severity,
    at: time,
    attempts: z.number(),
    next_attempt: time,
  })
  .transform(({ next_attempt, ...rest }) => ({
    ...rest,
    nextAttempt: next_attempt,
  })) satisfies z.ZodType<OutboxItem>;

export const historyRow = z.object({
  id: z.number(),
  at: time,
  kind: z.enum(["transition", "notification", "attempt", "act"]),
  what: z.string(),
  labels: z.string().transform((text) => labels.parse(JSON.parse(text))),
  fingerprint: maybe(z.string()),
  episode: maybe(z.string()),
  receiver: maybe(z.string()),
  integration: maybe(z.string()),
  notification: maybe(z.string()),
  detail: z.string(),
}) satisfies z.ZodType<HistoryEntry>;

export const auditRow = z
  .object({
    id: z.number(),
    at: time,
    who: z.string(),
    what: z.string(),
    client: z.string(),
    detail: z.string(),
  })
  .transform(({ client, ...rest }) => ({ ...rest, from: client })) satisfies z.ZodType<AuditEntry>;

import { createHash } from "node:crypto";
import type { PagerdutySettings } from "../../core/channel-settings.ts";
import { describeAlert, headlineOf, isWebUrl, messageOf, statusOf, timeOf } from "../../core/message.ts";
import type { Delivery, Notification } from "../../core/notification.ts";
import { oneLine, shorten, withoutControls } from "../../core/plain-text.ts";
import { type Message, type MessageTemplate, plainText, renderMessage } from "../../core/template.ts";
import { labelOf } from "../../core/template-values.ts";
import type { Channel } from "../../ports.ts";
import { deliver } from "./http-delivery.ts";
import type { HttpChannelParts } from "./parts.ts";

/** PagerDuty's limits: characters of the summary, and bytes of an event (512 kB; some is left for what is around the details). */
const LIMITS = { summary: 1_024, event: 500_000, alerts: 100, links: 20 } as const;

/** Triggers, acknowledges and resolves incidents by PagerDuty's Events API v2. */
export class PagerdutyChannel implements Channel {
  readonly integration: string;
  readonly #settings: PagerdutySettings;
  readonly #parts: HttpChannelParts;

  constructor(settings: PagerdutySettings, parts: HttpChannelParts) {
    this.integration = settings.integration;
    this.#settings = settings;
    this.#parts = parts;
  }

  send(notification: Notification, signal: AbortSignal): Promise<Delivery> {
    const { url, http, routingKey } = this.#settings;
    const key = routingKey.reveal();
    return deliver(
      this.#parts.http,
      {
        url,
        http,
        headers: { "content-type": "application/json", "idempotency-key": notification.id },
        body: fitting(pagerdutyEvent(this.#settings, notification, this.#parts.externalUrl), key),
        secrets: [key],
      },
      this.#parts.now,
      signal,
    );
  }

  async close(): Promise<void> {
    // The connections belong to all channels together.
  }
}

type Event = {
  readonly event_action: "trigger" | "acknowledge" | "resolve";
  readonly dedup_key: string;
  readonly client: string;
  readonly client_url?: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly href: string; readonly text: string }[];
};

/** The event without the key that says whom it is for. */
export function pagerdutyEvent(
  settings: PagerdutySettings,
  notification: Notification,
  externalUrl: string,
): Event {
  const message = messageOf(notification, externalUrl);
  const write = (template: MessageTemplate | undefined) =>
    template === undefined ? undefined : oneLine(plainText(renderMessage(template, message))) || undefined;
  const clientUrl = write(settings.clientUrl) ?? externalUrl;
  const optional = {
    component: write(settings.component),
    group: write(settings.group),
    class: write(settings.class),
  };
  return {
    event_action: actionOf(notification),
    dedup_key: dedupKey(notification),
    client: write(settings.client) ?? "dchat",
    ...(isWebUrl(clientUrl) ? { client_url: clientUrl } : {}),
    payload: {
      summary: shorten(write(settings.description) ?? headlineOf(notification), LIMITS.summary),
      source: write(settings.source) ?? sourceOf(notification),
      severity: severityOf(write(settings.severity), notification.severity),
      timestamp: timeOf(firstStart(notification)),
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
      custom_details: detailsOf(settings, notification, message),
    },
    links: linksOf(notification),
  };
}

/**
 * The same for all that is told of one group, so that it is one incident, which a later resolve ends. A test has a key of its own, lest it
 * end a real one.
 */
function dedupKey({ reason, groupKey, receiver, id }: Notification): string {
  const about =
    reason === "test" ? `test ${id}` : reason === "heartbeat" ? `heartbeat ${receiver}` : groupKey;
  return `dchat-${createHash("sha256").update(about).digest("hex")}`;
}

function actionOf(notification: Notification): Event["event_action"] {
  if (statusOf(notification) === "resolved") return "resolve";
  return notification.reason === "acknowledged" ? "acknowledge" : "trigger";
}

/** PagerDuty knows four; what a template says beside them is no severity of its. */
function severityOf(written: string | undefined, own: Notification["severity"]): string {
  const word = written?.toLowerCase();
  return word !== undefined && ["critical", "error", "warning", "info"].includes(word) ? word : own;
}

function sourceOf({ commonLabels, groupKey }: Notification): string {
  const named = labelOf(commonLabels, "instance") || labelOf(commonLabels, "chain") || groupKey;
  return shorten(oneLine(named), 255) || "dchat";
}

function firstStart({ alerts, at }: Notification): number {
  return alerts.reduce((first, { startsAt }) => Math.min(first, startsAt), at);
}

function detailsOf(
  { details }: PagerdutySettings,
  notification: Notification,
  message: Message,
): Readonly<Record<string, unknown>> {
  const written: Record<string, unknown> = {};
  for (const { name, value } of details)
    written[name] = withoutControls(plainText(renderMessage(value, message)));
  const alerts = notification.alerts.slice(0, LIMITS.alerts).map((alert) => {
    const { name, labels, summary, description } = describeAlert(alert);
    const texts = { summary: withoutControls(summary), description: withoutControls(description) };
    return { status: alert.status, name, ...texts, labels };
  });
  const hidden = notification.alerts.length - alerts.length + notification.truncatedAlerts;
  return {
    ...written,
    reason: notification.reason,
    alerts,
    ...(hidden === 0 ? {} : { more_alerts: hidden }),
  };
}

function linksOf({ alerts }: Notification): Event["links"] {
  const links = alerts.flatMap((alert) =>
    describeAlert(alert).links.map(({ name, url }) => ({
      href: url,
      text: `${name} of ${describeAlert(alert).name}`,
    })),
  );
  return [...new Map(links.map((link) => [link.href, link])).values()].slice(0, LIMITS.links);
}

/** The event as a body that PagerDuty takes: where the details are too long for it, they are left out, and say so. */
function fitting(event: Event, routingKey: string): string {
  const whole = JSON.stringify({ routing_key: routingKey, ...event });
  if (Buffer.byteLength(whole) <= LIMITS.event) return whole;
  const details = { left_out: "the details are too long for PagerDuty; look at the alerts themselves" };
  return JSON.stringify({
    routing_key: routingKey,
    ...event,
    links: [],
    payload: { ...event.payload, custom_details: details },
  });
}

import { createHmac } from "node:crypto";
import type { WebhookSettings } from "../../core/channel-settings.ts";
import { statusOf, timeOf } from "../../core/message.ts";
import type { Delivery, Notification, NotifiedAlert } from "../../core/notification.ts";
import type { Channel } from "../../ports.ts";
import type { HttpChannelParts } from "./parts.ts";
import { deliver } from "./http-delivery.ts";

/** Go's zero time, which Alertmanager writes where an alert has no end yet. */
const NO_TIME = "0001-01-01T00:00:00Z";

/** Posts Alertmanager's webhook body, version 4, signed after the rules of standardwebhooks.com. */
export class WebhookChannel implements Channel {
  readonly integration: string;
  readonly #settings: WebhookSettings;
  readonly #parts: HttpChannelParts;

  constructor(settings: WebhookSettings, parts: HttpChannelParts) {
    this.integration = settings.integration;
    this.#settings = settings;
    this.#parts = parts;
  }

  send(notification: Notification, signal: AbortSignal): Promise<Delivery> {
    const { url, http, hmacSecret, maxAlerts } = this.#settings;
    const body = JSON.stringify(webhookBody(notification, maxAlerts, this.#parts.externalUrl));
    const seconds = Math.floor(this.#parts.now() / 1_000);
    return deliver(
      this.#parts.http,
      {
        url: url.reveal(),
        http,
        headers: {
          "content-type": "application/json",
          "user-agent": "dchat-alerting",
          "idempotency-key": notification.id,
          ...(hmacSecret === undefined
            ? {}
            : signatureHeaders(hmacSecret.reveal(), notification.id, seconds, body)),
        },
        body,
        secrets: hmacSecret === undefined ? [] : [hmacSecret.reveal()],
      },
      this.#parts.now,
      signal,
    );
  }

  async close(): Promise<void> {
    // The connections belong to all channels together.
  }
}

/** The body that Alertmanager posts, in its order of keys. @param maxAlerts 0: all */
export function webhookBody(notification: Notification, maxAlerts: number, externalUrl: string): object {
  const { alerts, receiver, groupLabels, commonLabels, commonAnnotations, groupKey } = notification;
  const shown = maxAlerts === 0 ? alerts : alerts.slice(0, maxAlerts);
  return {
    receiver,
    status: statusOf(notification),
    alerts: shown.map(webhookAlert),
    groupLabels,
    commonLabels,
    commonAnnotations,
    externalURL: externalUrl,
    version: "4",
    groupKey,
    truncatedAlerts: notification.truncatedAlerts + alerts.length - shown.length,
  };
}

function webhookAlert(alert: NotifiedAlert): object {
  const { status, labels, annotations, startsAt, endsAt, generatorUrl, fingerprint } = alert;
  return {
    ...{ status, labels, annotations },
    startsAt: timeOf(startsAt),
    endsAt: endsAt === undefined ? NO_TIME : timeOf(endsAt),
    generatorURL: generatorUrl,
    fingerprint,
  };
}

/**
 * The headers of a signed webhook. Source: the Standard Webhooks specification 1.0 (HMAC-SHA256 over id, time and body).
 * @param secret `whsec_` and base64, or any other text, whose UTF-8 is then the key
 * @param seconds Unix time of this attempt
 */
export function signatureHeaders(
  secret: string,
  id: string,
  seconds: number,
  body: string,
): Readonly<Record<string, string>> {
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : Buffer.from(secret);
  const signature = createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": String(seconds), "webhook-signature": `v1,${signature}` };
}

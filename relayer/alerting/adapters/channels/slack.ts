import type { SlackSettings } from "../../core/channel-settings.ts";
import { describeAlert, headlineOf, isWebUrl, messageOf, statusOf } from "../../core/message.ts";
import type { Delivery, Notification, NotifiedAlert } from "../../core/notification.ts";
import { oneLine, shorten, withoutControls } from "../../core/plain-text.ts";
import {
  type Message,
  type MessageTemplate,
  plainText,
  renderMessage,
  type Segment,
} from "../../core/template.ts";
import type { Channel } from "../../ports.ts";
import { deliver } from "./http-delivery.ts";
import type { HttpChannelParts } from "./parts.ts";

/** Slack's limits of blocks: characters of a section's text and of a field, alerts that we give a block each, and characters of the line. */
const LIMITS = { text: 3_000, field: 2_000, alerts: 20, line: 3_000 } as const;

const COLORS = { critical: "#b91c1c", warning: "#b45309", info: "#1d4ed8", resolved: "#15803d" } as const;

/** Posts to an incoming webhook of Slack, in blocks. */
export class SlackChannel implements Channel {
  readonly integration: string;
  readonly #settings: SlackSettings;
  readonly #parts: HttpChannelParts;

  constructor(settings: SlackSettings, parts: HttpChannelParts) {
    this.integration = settings.integration;
    this.#settings = settings;
    this.#parts = parts;
  }

  send(notification: Notification, signal: AbortSignal): Promise<Delivery> {
    const { url, http } = this.#settings;
    return deliver(
      this.#parts.http,
      {
        url: url.reveal(),
        http,
        headers: { "content-type": "application/json; charset=utf-8", "idempotency-key": notification.id },
        body: JSON.stringify(slackBody(this.#settings, notification, this.#parts.externalUrl)),
        secrets: [],
      },
      this.#parts.now,
      signal,
    );
  }

  async close(): Promise<void> {
    // The connections belong to all channels together.
  }
}

/** The message that an incoming webhook takes. */
export function slackBody(settings: SlackSettings, notification: Notification, externalUrl: string): object {
  const message = messageOf(notification, externalUrl);
  const title =
    settings.title === undefined ? headlineOf(notification) : oneLine(rendered(settings.title, message));
  const link = settings.titleLink === undefined ? "" : rendered(settings.titleLink, message).trim();
  const line = shorten(escapeSlack(title), LIMITS.line);
  const blocks = [
    section(
      isWebUrl(link)
        ? `*<${escapeUrl(link)}|${shorten(escapeSlack(title).replaceAll("|", "¦"), 500)}>*`
        : `*${line}*`,
    ),
    ...(settings.text === undefined ? alertBlocks(notification) : textBlock(settings.text, message)),
    ...fieldBlocks(settings, message),
  ];
  const { channel, username, iconEmoji, iconUrl } = settings;
  return {
    ...(channel === undefined ? {} : { channel }),
    ...(username === undefined ? {} : { username }),
    ...(iconEmoji === undefined ? {} : { icon_emoji: iconEmoji }),
    ...(iconUrl === undefined ? {} : { icon_url: iconUrl }),
    // What phones and screen readers show.
    text: line,
    attachments: [{ color: colorOf(settings, notification, message), fallback: line, blocks }],
    unfurl_links: false,
    unfurl_media: false,
  };
}

/**
 * A text that Slack shows as it is: its three characters of markup escaped, and mentions broken. Slack makes a mention of nothing but
 * `<!channel>` and the like, which cannot be written without `<`; a sign of no width after `@` keeps clients from guessing.
 */
export function escapeSlack(text: string): string {
  return withoutControls(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/@(?=[\p{L}\p{N}])/gu, "@\u200b");
}

function section(text: string): object {
  // Verbatim: Slack makes no links or mentions of what looks like them.
  return { type: "section", text: { type: "mrkdwn", text: cutMarkup(text, LIMITS.text), verbatim: true } };
}

function textBlock(template: MessageTemplate, message: Message): readonly object[] {
  const text = escapeValues(renderMessage(template, message)).trim();
  return text === "" ? [] : [section(text)];
}

function alertBlocks({ alerts, truncatedAlerts }: Notification): readonly object[] {
  const hidden = Math.max(0, alerts.length - LIMITS.alerts) + truncatedAlerts;
  return [
    ...alerts.slice(0, LIMITS.alerts).map(alertBlock),
    ...(hidden === 0 ? [] : [section(`… and ${hidden} more alerts`)]),
  ];
}

function alertBlock(alert: NotifiedAlert): object {
  const { name, labels, summary, description, links, runbook } = describeAlert(alert);
  const by = alert.acknowledgedBy === undefined ? "" : ` · acknowledged by ${oneLine(alert.acknowledgedBy)}`;
  const lines = [
    `*${escapeSlack(shorten(`${name} · ${alert.status}${by}`, 300))}*`,
    escapeSlack(shorten(summary, 500)),
    escapeSlack(shorten(description, 800)),
    escapeSlack(shorten(labels, 400)),
    runbook === "" ? "" : escapeSlack(shorten(`Runbook: ${runbook}`, 300)),
    links
      .filter(({ url }) => url.length <= 300)
      .map(({ name: text, url }) => `<${escapeUrl(url)}|${text}>`)
      .join(" · "),
  ];
  return section(lines.filter((text) => text.trim() !== "").join("\n"));
}

function fieldBlocks({ fields }: SlackSettings, message: Message): readonly object[] {
  if (fields.length === 0) return [];
  const shown = fields.map(({ title, value }) => ({
    type: "mrkdwn",
    text: cutMarkup(
      `*${escapeSlack(oneLine(rendered(title, message)))}*\n${escapeValues(renderMessage(value, message))}`,
      LIMITS.field,
    ),
    verbatim: true,
  }));
  return [{ type: "section", fields: shown }];
}

function colorOf({ color }: SlackSettings, notification: Notification, message: Message): string {
  const chosen = color === undefined ? "" : oneLine(rendered(color, message));
  if (/^(#[0-9a-fA-F]{6}|good|warning|danger)$/.test(chosen)) return chosen;
  return COLORS[statusOf(notification) === "resolved" ? "resolved" : notification.severity];
}

function rendered(template: MessageTemplate, message: Message): string {
  return plainText(renderMessage(template, message));
}

/** The operator's own text keeps its markup; what came from alerts does not. */
function escapeValues(segments: readonly Segment[]): string {
  return segments.map(({ kind, text }) => (kind === "literal" ? text : escapeSlack(text))).join("");
}

/** A text cut to Slack's limit, but not within an escape or a link. */
function cutMarkup(text: string, most: number): string {
  return text.length <= most ? text : `${shorten(text, most).replace(/(&[a-z]{0,3}|<[^>]*)?…$/, "")}…`;
}

function escapeUrl(url: string): string {
  return new URL(url).href
    .replaceAll("&", "&amp;")
    .replaceAll("|", "%7C")
    .replaceAll("<", "%3C")
    .replaceAll(">", "%3E");
}

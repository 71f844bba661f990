import { describeAlert, headlineOf, isWebUrl, timeOf } from "./message.ts";
import type { Notification, NotifiedAlert } from "./notification.ts";
import { oneLine, withoutControls } from "./plain-text.ts";
import type { Segment } from "./template.ts";

/** A text as HTML shows it, in content and in quoted attributes. */
export function escapeHtml(text: string): string {
  return withoutControls(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&#34;")
    .replaceAll("'", "&#39;");
}

/**
 * An operator's HTML with values from alerts in it. A value within a tag is escaped so that it cannot leave an attribute, quoted or not; one
 * that begins a quoted attribute, such as `href`, must be a web address or hold no scheme, else it is `#`. In `script` and `style` a value
 * is left out: no escaping makes it safe there.
 */
export function htmlOf(segments: readonly Segment[]): string {
  let html = "";
  for (const { kind, text } of segments) html += kind === "literal" ? text : escapeIn(html, text);
  return html;
}

function escapeIn(before: string, value: string): string {
  if (/<(script|style)\b(?:(?!<\/\1)[^])*$/i.test(before)) return "";
  const isInTag = before.lastIndexOf("<") > before.lastIndexOf(">");
  if (!isInTag) return escapeHtml(value);
  const text = withoutControls(value);
  const beginsAttribute = /=\s*["']?$/.test(before);
  const hasScheme = /^\s*[^/?#\s]*:/.test(text);
  if (beginsAttribute && hasScheme && !isWebUrl(text)) return "#";
  return text.replace(/[^A-Za-z0-9]/gu, (character) => `&#${character.codePointAt(0) ?? 32};`);
}

/** The default HTML of a mail: nothing in it but text, a table for each alert, and links to the web. */
export function htmlBody(notification: Notification, externalUrl: string): string {
  const { alerts, truncatedAlerts } = notification;
  const more = truncatedAlerts === 0 ? "" : `<p>… and ${truncatedAlerts} more alerts</p>`;
  const home = isWebUrl(externalUrl) ? `<p><a href="${escapeHtml(externalUrl)}">All alerts</a></p>` : "";
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"></head><body style="font-family:sans-serif">',
    `<h2>${escapeHtml(headlineOf(notification))}</h2>`,
    ...alerts.map(htmlAlert),
    more,
    home,
    "</body></html>",
  ].join("\n");
}

function htmlAlert(alert: NotifiedAlert): string {
  const { name, labels, summary, description, links, runbook } = describeAlert(alert);
  const color = alert.status === "firing" ? "#b91c1c" : "#15803d";
  const by = alert.acknowledgedBy === undefined ? "" : `, acknowledged by ${oneLine(alert.acknowledgedBy)}`;
  const until = alert.endsAt === undefined ? "" : ` until ${timeOf(alert.endsAt)}`;
  const paragraphs = [summary, description].filter((text) => text !== "");
  return [
    `<div style="border-left:4px solid ${color};padding-left:12px;margin:16px 0">`,
    `<strong>${escapeHtml(name)}</strong> ${escapeHtml(alert.status + by)}`,
    ...paragraphs.map((text) => `<p>${escapeHtml(text).replaceAll("\n", "<br>")}</p>`),
    `<p><code>${escapeHtml(labels)}</code><br>since ${timeOf(alert.startsAt)}${until}</p>`,
    ...links.map(({ name: text, url }) => `<p><a href="${escapeHtml(url)}">${text}</a></p>`),
    ...(runbook === "" ? [] : [`<p>Runbook: ${escapeHtml(runbook)}</p>`]),
    "</div>",
  ].join("\n");
}

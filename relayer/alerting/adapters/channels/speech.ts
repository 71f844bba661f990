import { createHash } from "node:crypto";
import { explain } from "../../../domain/errors.ts";
import type { SpeechSettings } from "../../core/channel-settings.ts";
import { messageOf, statusOf } from "../../core/message.ts";
import type { Delivery, Notification } from "../../core/notification.ts";
import { oneLine, shorten } from "../../core/plain-text.ts";
import { plainText, renderMessage } from "../../core/template.ts";
import { labelOf } from "../../core/template-values.ts";
import type { Utterance } from "../../core/utterance.ts";
import type { Channel, Speaker } from "../../ports.ts";

/** Characters of one utterance: about half a minute. */
const LONGEST = 400;

/** What a request to speech may have of labels; more is left out. */
const MOST_LABELS = 32;
const NAME = /^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/;
const LONGEST_VALUE = 256;

/** For how long something is worth saying, in milliseconds. */
const WORTH = { urgent: 1_800_000, high: 900_000, normal: 600_000, low: 120_000 } as const;

/** Asks the speech subsystem to say notifications aloud. */
export class SpeechChannel implements Channel {
  readonly integration: string;
  readonly #settings: SpeechSettings;
  readonly #speaker: Speaker;
  readonly #externalUrl: string;

  constructor(settings: SpeechSettings, parts: { readonly speaker: Speaker; readonly externalUrl: string }) {
    this.integration = settings.integration;
    this.#settings = settings;
    this.#speaker = parts.speaker;
    this.#externalUrl = parts.externalUrl;
  }

  async send(notification: Notification, signal: AbortSignal): Promise<Delivery> {
    if (signal.aborted)
      return { kind: "retry", reason: "not said: its time was over", afterMilliseconds: undefined };
    try {
      await this.#speaker.say(utteranceOf(this.#settings, notification, this.#externalUrl), signal);
    } catch (error) {
      return {
        kind: "retry",
        reason: `speech takes nothing: ${explain(error)}`,
        afterMilliseconds: undefined,
      };
    }
    return { kind: "delivered", detail: "handed to speech" };
  }

  async close(): Promise<void> {
    // The speaker belongs to whoever gave it.
  }
}

/** What is said of a notification. */
export function utteranceOf(
  settings: SpeechSettings,
  notification: Notification,
  externalUrl: string,
): Utterance {
  const { text } = settings;
  const words =
    text === undefined
      ? sentenceOf(notification)
      : plainText(renderMessage(text, messageOf(notification, externalUrl)));
  const priority = priorityOf(notification);
  return {
    id: notification.id,
    text: shorten(speakable(words), LONGEST),
    priority,
    key: createHash("sha256").update(notification.groupKey).digest("hex"),
    labels: firingLabels(notification),
    expiresAt: notification.at + WORTH[priority],
  };
}

/** The labels, as far as speech takes them. What is over, or a test, is no part of a storm. */
function firingLabels(notification: Notification): Readonly<Record<string, string>> {
  const isOfStorm = notification.reason === "firing" || notification.reason === "repeated";
  if (!isOfStorm || statusOf(notification) === "resolved") return {};
  const taken = Object.entries(notification.commonLabels).filter(
    ([name, value]) => NAME.test(name) && value.length <= LONGEST_VALUE,
  );
  return Object.fromEntries(taken.slice(0, MOST_LABELS));
}

/**
 * A text as plain words. What an engine could take for markup or for commands of its own (`<`, `>`, `&`, `[[`, `{{`) is said in words or left
 * out, so that it is harmless whether the text is read as plain text or as SSML; links are of no use to ears.
 */
export function speakable(text: string): string {
  return oneLine(
    oneLine(text)
      .replace(/https?:\/\/\S+/gi, " ")
      .replaceAll("&", " and ")
      .replaceAll("<", " less than ")
      .replaceAll(">", " greater than ")
      .replace(/[[\]{}\\|`*_~^#]/g, " "),
  );
}

function sentenceOf(notification: Notification): string {
  const { reason, severity, level, alerts, truncatedAlerts, commonLabels, commonAnnotations } = notification;
  const count = alerts.length + truncatedAlerts;
  // LaneStuck is two words to an ear.
  const name = labelOf(commonLabels, "alertname").replace(/(?<=[a-z])(?=[A-Z])/g, " ") || "alerts";
  const summary = labelOf(commonAnnotations, "summary") || labelOf(alerts[0]?.annotations ?? {}, "summary");
  const what = `${count > 1 ? `${count} times ` : ""}${name}. ${summary}`;
  if (reason === "test") return `This is a test. ${what}`;
  if (reason === "heartbeat") return "Alerting is alive.";
  if (reason === "acknowledged") return `Acknowledged: ${what}`;
  if (statusOf(notification) === "resolved") return `Resolved: ${what}`;
  const escalation =
    reason === "escalated" && level !== undefined ? ` Nobody has acknowledged; level ${level}.` : "";
  return `${severity === "info" ? "Note" : severity}: ${what}${escalation}`;
}

function priorityOf(notification: Notification): Utterance["priority"] {
  const { reason, severity } = notification;
  if (reason === "heartbeat") return "low";
  if (reason === "test" || reason === "acknowledged" || statusOf(notification) === "resolved")
    return "normal";
  return severity === "critical" ? "urgent" : severity === "warning" ? "high" : "normal";
}

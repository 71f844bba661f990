import { explain } from "../../../domain/errors.ts";
import type { Logger } from "../../../platform/log.ts";
import type { ConsoleSettings } from "../../core/channel-settings.ts";
import { headlineOf, messageOf, plainBody, statusOf } from "../../core/message.ts";
import type { Delivery, Notification } from "../../core/notification.ts";
import { shorten, withoutControls } from "../../core/plain-text.ts";
import { plainText, renderMessage } from "../../core/template.ts";
import type { Channel } from "../../ports.ts";

/** Characters of one line of the log. */
const LONGEST_LINE = 16_384;

/** Writes notifications to the log of the process, one line each. */
export class ConsoleChannel implements Channel {
  readonly integration: string;
  readonly #settings: ConsoleSettings;
  readonly #logger: Logger;
  readonly #externalUrl: string;

  constructor(settings: ConsoleSettings, parts: { readonly logger: Logger; readonly externalUrl: string }) {
    this.integration = settings.integration;
    this.#settings = settings;
    this.#logger = parts.logger;
    this.#externalUrl = parts.externalUrl;
  }

  async send(notification: Notification, signal: AbortSignal): Promise<Delivery> {
    if (signal.aborted)
      return { kind: "retry", reason: "not written: its time was over", afterMilliseconds: undefined };
    const { text } = this.#settings;
    const body =
      text === undefined
        ? plainBody(notification, this.#externalUrl)
        : plainText(renderMessage(text, messageOf(notification, this.#externalUrl)));
    const { id, receiver, reason, groupKey, severity } = notification;
    const isBad = statusOf(notification) === "firing" && reason !== "acknowledged" && reason !== "heartbeat";
    const level = !isBad || severity === "info" ? "info" : severity === "critical" ? "error" : "warn";
    try {
      this.#logger[level](
        {
          notification: { id, receiver, reason, severity, groupKey: withoutControls(groupKey) },
          text: shorten(withoutControls(body), LONGEST_LINE),
        },
        shorten(headlineOf(notification), 500),
      );
    } catch (error) {
      return {
        kind: "retry",
        reason: `the log takes nothing: ${explain(error)}`,
        afterMilliseconds: undefined,
      };
    }
    return Promise.resolve({ kind: "delivered", detail: "written to the log" });
  }

  async close(): Promise<void> {
    // The log belongs to the process.
  }
}

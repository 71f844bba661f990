import { createHash } from "node:crypto";
import { z } from "zod";
import { explain } from "../../../domain/errors.ts";
import { orAborted } from "../../../platform/abort.ts";
import type { EmailSettings } from "../../core/channel-settings.ts";
import { htmlBody, htmlOf } from "../../core/html.ts";
import { headlineOf, messageOf, plainBody } from "../../core/message.ts";
import type { Delivery, Notification } from "../../core/notification.ts";
import { oneLine, shorten, withoutControls } from "../../core/plain-text.ts";
import { plainText, renderMessage } from "../../core/template.ts";
import type { Channel } from "../../ports.ts";
import type { SmtpPools } from "./smtp-pools.ts";

/** Characters of a header; mail servers may refuse what is longer than 998. */
const LONGEST_HEADER = 300;

/** Sends mails by SMTP. */
export class EmailChannel implements Channel {
  readonly integration: string;
  readonly #settings: EmailSettings;
  readonly #pools: SmtpPools;
  readonly #externalUrl: string;

  constructor(settings: EmailSettings, parts: { readonly pools: SmtpPools; readonly externalUrl: string }) {
    this.integration = settings.integration;
    this.#settings = settings;
    this.#pools = parts.pools;
    this.#externalUrl = parts.externalUrl;
  }

  async send(notification: Notification, signal: AbortSignal): Promise<Delivery> {
    const { host, auth } = this.#settings;
    if (signal.aborted)
      return { kind: "retry", reason: "not sent: its time was over", afterMilliseconds: undefined };
    try {
      const mail = mailOf(this.#settings, notification, this.#externalUrl);
      const sent = await orAborted(this.#pools.of(this.#settings).sendMail(mail), signal);
      const refused = sent.rejected.length;
      const note =
        refused === 0 ? "" : `; ${refused} of ${refused + sent.accepted.length} mailboxes were refused`;
      return { kind: "delivered", detail: `${host} took the mail${note}` };
    } catch (error) {
      // Begun is not undone: the mail may still arrive, and a second one then has the same Message-ID.
      if (isAborted(signal))
        return { kind: "retry", reason: `${host} did not answer in time`, afterMilliseconds: undefined };
      return judge(error, host, auth?.password.reveal());
    }
  }

  async close(): Promise<void> {
    // The connections belong to all channels together.
  }
}

/** The mail, as nodemailer takes it. Each text is on one line before it gets into a header. */
export function mailOf(settings: EmailSettings, notification: Notification, externalUrl: string) {
  const message = messageOf(notification, externalUrl);
  const { subject, headers, text, html, from, to } = settings;
  const domain = from.address.slice(from.address.lastIndexOf("@") + 1);
  const thread = messageId(`thread ${notification.receiver} ${notification.groupKey}`, domain);
  const inHeader = (value: string) => shorten(oneLine(value), LONGEST_HEADER);
  const own = headers.map(({ name, value }) => ({
    key: name,
    value: inHeader(plainText(renderMessage(value, message))),
  }));
  return {
    from,
    to: [...to],
    subject: inHeader(
      subject === undefined ? headlineOf(notification) : plainText(renderMessage(subject, message)),
    ),
    // The same at each attempt, so that a mail that arrives twice is shown once.
    messageId: messageId(`mail ${notification.id} ${settings.integration}`, domain),
    inReplyTo: thread,
    references: [thread],
    date: new Date(notification.at),
    headers: [
      // RFC 3834: nobody's out-of-office note answers this.
      { key: "Auto-Submitted", value: "auto-generated" },
      { key: "X-Auto-Response-Suppress", value: "All" },
      { key: "List-Id", value: `dchat alerts <${listName(notification.receiver)}.alerts.${domain}>` },
      ...own,
    ],
    priority: notification.severity === "critical" ? ("high" as const) : ("normal" as const),
    text: withoutControls(
      text === undefined ? plainBody(notification, externalUrl) : plainText(renderMessage(text, message)),
    ),
    ...(html === undefined && text !== undefined
      ? {}
      : {
          html:
            html === undefined ? htmlBody(notification, externalUrl) : htmlOf(renderMessage(html, message)),
        }),
  };
}

function messageId(about: string, domain: string): string {
  return `<${createHash("sha256").update(about).digest("hex").slice(0, 40)}@${domain}>`;
}

/** A receiver's name as a label of a domain name, which is what List-Id is made of. */
function listName(receiver: string): string {
  return (
    receiver
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "")
      .slice(0, 63) || "receiver"
  );
}

/** Asked anew: the compiler does not know that a signal changes while one waits. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

const smtpError = z.object({ code: z.string().optional(), responseCode: z.number().optional() });

/** Whether another attempt can help: a reply of 4xx or a broken connection passes, 5xx does not (RFC 5321, 4.2.1). */
function judge(error: unknown, host: string, password: string | undefined): Delivery {
  const { code = "", responseCode } = smtpError.safeParse(error).data ?? {};
  const said = shorten(oneLine(explain(error)), 300);
  const safe = password === undefined || password.length < 4 ? said : said.replaceAll(password, "<secret>");
  const reason = `${host}: ${safe}`;
  const isForGood =
    (responseCode !== undefined && responseCode >= 500) || (responseCode === undefined && code === "ETLS");
  return isForGood ? { kind: "refused", reason } : { kind: "retry", reason, afterMilliseconds: undefined };
}

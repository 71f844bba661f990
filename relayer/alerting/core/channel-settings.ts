import type { Secret } from "./secret.ts";
import type { MessageTemplate } from "./template.ts";

/** How a server proves who it is, and we to it. PEM texts. */
export type TlsSettings = {
  readonly ca: string | undefined;
  readonly certificate: string | undefined;
  readonly key: Secret | undefined;
  readonly serverName: string | undefined;
  readonly insecureSkipVerify: boolean;
};

/** How a receiver is reached over HTTP. */
export type HttpSettings = {
  readonly followRedirects: boolean;
  /** The whole of the header `Authorization`. */
  readonly authorization: Secret | undefined;
  readonly tls: TlsSettings | undefined;
};

/** What all channels have. */
type Common = {
  /** Such as `slack/0`; see Notification.integration. */
  readonly integration: string;
  readonly sendResolved: boolean;
};

export type MailAddress = { readonly name: string; readonly address: string };

export type EmailSettings = Common & {
  readonly kind: "email";
  readonly to: readonly MailAddress[];
  readonly from: MailAddress;
  readonly host: string;
  readonly port: number;
  /** The name in EHLO; undefined: this machine's. */
  readonly hello: string | undefined;
  readonly auth: { readonly username: string; readonly password: Secret } | undefined;
  /** Whether nothing is sent to a server that offers no TLS. */
  readonly requireTls: boolean;
  readonly tls: TlsSettings | undefined;
  readonly subject: MessageTemplate | undefined;
  readonly headers: readonly { readonly name: string; readonly value: MessageTemplate }[];
  readonly text: MessageTemplate | undefined;
  readonly html: MessageTemplate | undefined;
};

export type SlackSettings = Common & {
  readonly kind: "slack";
  /** The whole URL is the secret. */
  readonly url: Secret;
  readonly http: HttpSettings;
  readonly channel: string | undefined;
  readonly username: string | undefined;
  readonly iconEmoji: string | undefined;
  readonly iconUrl: string | undefined;
  readonly color: MessageTemplate | undefined;
  readonly title: MessageTemplate | undefined;
  readonly titleLink: MessageTemplate | undefined;
  readonly text: MessageTemplate | undefined;
  readonly fields: readonly {
    readonly title: MessageTemplate;
    readonly value: MessageTemplate;
  }[];
};

export type PagerdutySettings = Common & {
  readonly kind: "pagerduty";
  readonly url: string;
  readonly routingKey: Secret;
  readonly http: HttpSettings;
  readonly description: MessageTemplate | undefined;
  readonly severity: MessageTemplate | undefined;
  readonly source: MessageTemplate | undefined;
  readonly client: MessageTemplate | undefined;
  readonly clientUrl: MessageTemplate | undefined;
  readonly component: MessageTemplate | undefined;
  readonly group: MessageTemplate | undefined;
  readonly class: MessageTemplate | undefined;
  readonly details: readonly { readonly name: string; readonly value: MessageTemplate }[];
};

export type WebhookSettings = Common & {
  readonly kind: "webhook";
  /** A secret: many services put their key into the path. */
  readonly url: Secret;
  readonly http: HttpSettings;
  /** How many alerts one body holds at most; 0: all. */
  readonly maxAlerts: number;
  /** The key of the signature; undefined: bodies are not signed. */
  readonly hmacSecret: Secret | undefined;
};

export type ConsoleSettings = Common & {
  readonly kind: "console";
  readonly text: MessageTemplate | undefined;
};

export type SpeechSettings = Common & {
  readonly kind: "speech";
  readonly text: MessageTemplate | undefined;
};

/** What one integration of a receiver needs to send. */
export type ChannelSettings =
  EmailSettings | SlackSettings | PagerdutySettings | WebhookSettings | ConsoleSettings | SpeechSettings;

/** A receiver and the channels that it consists of. */
export type ReceiverSettings = { readonly name: string; readonly channels: readonly ChannelSettings[] };

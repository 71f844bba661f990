// Every channel, with a real server behind it. Importing this starts the servers before the tests of a file, and ends them afterwards.
import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { after, before, beforeEach } from "node:test";
import { pino } from "pino";
import {
  type OpenChannels,
  openChannels,
} from "../../../relayer/alerting/adapters/channels/open-channels.ts";
import type { ChannelSettings, EmailSettings } from "../../../relayer/alerting/core/channel-settings.ts";
import type { Delivery, Notification } from "../../../relayer/alerting/core/notification.ts";
import { Secret } from "../../../relayer/alerting/core/secret.ts";
import type { Utterance } from "../../../relayer/alerting/core/utterance.ts";
import { pagerduty, slack } from "./channel-settings.ts";
import { HttpReceiver } from "./http-receiver.ts";
import { allowing, at, notificationOf, plainHttp, receiverOf } from "./notifications.ts";
import { SmtpReceiver } from "./smtp-receiver.ts";

export { at } from "./notifications.ts";

const PASSWORD = "correct-horse";
const ROUTING_KEY = "r0uting-k3y-0123456789abcdef";
export const HMAC_SECRET = "a-secret-of-more-than-24-characters";

export let http: HttpReceiver;
export let smtp: SmtpReceiver;
const lines: string[] = [];
const said: Utterance[] = [];
const opened: OpenChannels[] = [];

before(async () => {
  http = await HttpReceiver.start();
  smtp = await SmtpReceiver.start();
});
beforeEach(() => {
  http.received.length = 0;
  smtp.mails.length = 0;
  lines.length = 0;
  said.length = 0;
  http.answer = (response) => response.end("ok");
});
after(async () => {
  await Promise.all(opened.map((channels) => channels.close()));
  await http.stop();
  await smtp.stop();
});

export function email(changes: Partial<EmailSettings> = {}): EmailSettings {
  const tls = {
    ca: smtp.certificate,
    certificate: undefined,
    key: undefined,
    serverName: "localhost",
    insecureSkipVerify: false,
  };
  return {
    kind: "email",
    integration: "email/0",
    sendResolved: true,
    to: [
      { name: "", address: "one@example.org" },
      { name: "Two", address: "two@example.org" },
    ],
    from: { name: "dchat", address: "alerts@dchat.example" },
    host: "127.0.0.1",
    port: smtp.port,
    hello: undefined,
    auth: { username: "robot", password: new Secret(PASSWORD) },
    requireTls: true,
    tls,
    subject: undefined,
    headers: [],
    text: undefined,
    html: undefined,
    ...changes,
  };
}

const none = undefined;
export const settingsOf: Readonly<Record<ChannelSettings["kind"], () => ChannelSettings>> = {
  email: () => email(),
  slack: () => ({ ...slack, url: new Secret(http.url) }),
  pagerduty: () => ({
    ...pagerduty,
    url: `http://${http.host}/v2/enqueue`,
    routingKey: new Secret(ROUTING_KEY),
  }),
  webhook: () => ({
    kind: "webhook",
    integration: "webhook/0",
    sendResolved: true,
    url: new Secret(http.url),
    http: { ...plainHttp, authorization: new Secret("Bearer t0ken-t0ken") },
    maxAlerts: 0,
    hmacSecret: new Secret(HMAC_SECRET),
  }),
  console: () => ({ kind: "console", integration: "console/0", sendResolved: true, text: none }),
  speech: () => ({ kind: "speech", integration: "speech/0", sendResolved: true, text: none }),
};

export const kinds = ["email", "slack", "pagerduty", "webhook", "console", "speech"] as const;
export const httpKinds = ["slack", "pagerduty", "webhook"] as const;

export function channelOf(settings: ChannelSettings, allowed = [http.host]) {
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString());
      done();
    },
  });
  const channels = openChannels(
    { receivers: [receiverOf(settings)], targets: allowing(...allowed) },
    {
      logger: pino({ level: "info" }, sink),
      speaker: {
        say: (utterance) => {
          said.push(utterance);
          return Promise.resolve();
        },
      },
      now: () => at,
      externalUrl: "https://dchat.example/alerts",
    },
  );
  opened.push(channels);
  const channel = channels.channels.get("team")?.get(settings.integration);
  assert(channel !== undefined);
  return channel;
}

export const send = (
  settings: ChannelSettings,
  notification: Notification = notificationOf(),
  allowed?: string[],
): Promise<Delivery> => channelOf(settings, allowed).send(notification, AbortSignal.timeout(20_000));

/** What arrived at the other side, as one text an attempt. */
export function arrived(kind: ChannelSettings["kind"]): readonly string[] {
  if (kind === "email") return smtp.mails.map(({ raw }) => raw);
  if (kind === "console") return lines;
  if (kind === "speech") return said.map((utterance) => JSON.stringify(utterance));
  return http.received.map(({ body }) => body);
}

export const secrets = [PASSWORD, ROUTING_KEY, HMAC_SECRET, "s3cr3t-path", "t0ken-t0ken"];

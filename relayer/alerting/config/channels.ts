import type { z } from "zod";
import type { ChannelSettings } from "../core/channel-settings.ts";
import type { Secret } from "../core/secret.ts";
import type { AllowedTargets } from "../core/targets.ts";
import { ConnectionReader } from "./connections.ts";
import type { Path } from "./problems.ts";
import type { Reader } from "./reader.ts";
import {
  consoleSection,
  emailSection,
  type GlobalSection,
  pagerdutySection,
  slackSection,
  speechSection,
  webhookSection,
} from "./sections.ts";

const PAGERDUTY_URL = "https://events.pagerduty.com/v2/enqueue";

/** The key of the HMAC should be as long as a hash can make use of; below this, it could be guessed. */
const SHORTEST_HMAC_SECRET = 24;

/** Reads the channels of receivers, with what `global` says where they say nothing. What cannot be read is noted, and left out. */
export class ChannelReader {
  readonly #reader: Reader;
  readonly #connections: ConnectionReader;
  readonly #global: GlobalSection;
  readonly #isGlobalKnown: boolean;

  /** @param global undefined where it has problems of its own: then nothing is missed in it */
  constructor(reader: Reader, global: GlobalSection | undefined, targets: AllowedTargets) {
    this.#reader = reader;
    this.#connections = new ConnectionReader(reader, global?.http_config, targets);
    this.#global = global ?? {};
    this.#isGlobalKnown = global !== undefined;
  }

  /** All channels of a receiver. @param lists what stands under the keys such as `slack_configs` */
  read(lists: Readonly<Record<string, unknown>>, path: Path): readonly ChannelSettings[] {
    const each = <T extends z.ZodType>(
      kind: ChannelSettings["kind"],
      schema: T,
      make: (section: z.output<T>, integration: string, at: Path) => ChannelSettings | undefined,
    ) =>
      this.#reader
        .list(lists[`${kind}_configs`], [...path, `${kind}_configs`])
        .map(({ value, path: at }, i) => {
          const section = this.#reader.parse(schema, value, at);
          return section === undefined ? undefined : make(section, `${kind}/${i}`, at);
        });
    return [
      ...each("email", emailSection, this.#email.bind(this)),
      ...each("slack", slackSection, this.#slack.bind(this)),
      ...each("pagerduty", pagerdutySection, this.#pagerduty.bind(this)),
      ...each("webhook", webhookSection, this.#webhook.bind(this)),
      ...each("console", consoleSection, (section, integration) => plain("console", section, integration)),
      ...each("speech", speechSection, (section, integration) => plain("speech", section, integration)),
    ].filter((channel) => channel !== undefined);
  }

  #email(
    section: z.output<typeof emailSection>,
    integration: string,
    path: Path,
  ): ChannelSettings | undefined {
    const { from = this.#global.smtp_from, smarthost = this.#global.smtp_smarthost } = section;
    if (from === undefined) this.#missing(path, "expected from, here or as smtp_from under global");
    if (smarthost === undefined)
      this.#missing(path, "expected smarthost, here or as smtp_smarthost under global");
    const headers = Object.entries(section.headers ?? {});
    for (const [name] of headers) this.#checkHeader(name, [...path, "headers", name]);
    const isSubject = ([name]: readonly [string, unknown]) => name.toLowerCase() === "subject";
    if (from === undefined || smarthost === undefined) return undefined;
    const requireTls = section.require_tls ?? this.#global.smtp_require_tls ?? true;
    const auth = this.#smtpAuth(section, path);
    if (!requireTls && auth !== undefined)
      this.#reader.warning(path, "without require_tls the password may go to the server in the clear");
    const tls = section.tls_config ?? this.#global.smtp_tls_config;
    const tlsPath: Path =
      section.tls_config === undefined ? ["global", "smtp_tls_config"] : [...path, "tls_config"];
    return {
      kind: "email",
      integration,
      sendResolved: section.send_resolved ?? false,
      to: section.to,
      from,
      ...smarthost,
      hello: section.hello ?? this.#global.smtp_hello,
      auth,
      requireTls,
      tls: this.#connections.tls(tls, tlsPath),
      subject: headers.find(isSubject)?.[1],
      headers: headers.filter((header) => !isSubject(header)).map(([name, value]) => ({ name, value })),
      text: section.text,
      html: section.html,
    };
  }

  /** Notes what is neither here nor under `global`. */
  #missing(path: Path, message: string): void {
    if (this.#isGlobalKnown) this.#reader.problem(path, message);
  }

  #checkHeader(name: string, path: Path): void {
    if (!/^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(name))
      this.#reader.problem(path, "a header's name has letters, digits and -");
    const own = [
      "to",
      "cc",
      "bcc",
      "from",
      "sender",
      "message-id",
      "references",
      "in-reply-to",
      "date",
      "mime-version",
    ];
    if (own.includes(name.toLowerCase()) || /^content-/i.test(name))
      this.#reader.problem(path, "this header is written by dchat itself; use to and from for who is told");
  }

  #smtpAuth(section: z.output<typeof emailSection>, path: Path) {
    const isOwn = section.auth_username !== undefined;
    const username = section.auth_username ?? this.#global.smtp_auth_username;
    const hasOwnPassword = section.auth_password !== undefined || section.auth_password_file !== undefined;
    if (username === undefined) {
      if (hasOwnPassword) this.#reader.problem(path, "a password needs auth_username");
      return undefined;
    }
    const password = hasOwnPassword
      ? this.#reader.secret("auth_password", section.auth_password, section.auth_password_file, path)
      : this.#reader.secret(
          "smtp_auth_password",
          this.#global.smtp_auth_password,
          this.#global.smtp_auth_password_file,
          ["global"],
        );
    const isGiven =
      hasOwnPassword ||
      this.#global.smtp_auth_password !== undefined ||
      this.#global.smtp_auth_password_file !== undefined;
    if (!isGiven)
      this.#reader.problem(
        isOwn ? [...path, "auth_username"] : ["global", "smtp_auth_username"],
        "a user needs a password: name its file",
      );
    return password === undefined ? undefined : { username, password };
  }

  #slack(
    section: z.output<typeof slackSection>,
    integration: string,
    path: Path,
  ): ChannelSettings | undefined {
    const url =
      this.#connections.url("api_url", section.api_url, section.api_url_file, path) ??
      this.#globalSlackUrl(section);
    if (url === undefined) {
      if (section.api_url === undefined && section.api_url_file === undefined && !this.#hasGlobalSlackUrl())
        this.#missing(path, "expected api_url_file, here or as slack_api_url_file under global");
      return undefined;
    }
    return {
      kind: "slack",
      integration,
      sendResolved: section.send_resolved ?? false,
      url,
      http: this.#connections.http(section.http_config, path),
      channel: section.channel,
      username: section.username,
      iconEmoji: section.icon_emoji,
      iconUrl: section.icon_url,
      color: section.color,
      title: section.title,
      titleLink: section.title_link,
      text: section.text,
      fields: (section.fields ?? []).map(({ title, value }) => ({ title, value })),
    };
  }

  #hasGlobalSlackUrl(): boolean {
    return this.#global.slack_api_url !== undefined || this.#global.slack_api_url_file !== undefined;
  }

  #globalSlackUrl(section: z.output<typeof slackSection>): Secret | undefined {
    if (section.api_url !== undefined || section.api_url_file !== undefined) return undefined;
    return this.#connections.url(
      "slack_api_url",
      this.#global.slack_api_url,
      this.#global.slack_api_url_file,
      ["global"],
    );
  }

  #pagerduty(
    section: z.output<typeof pagerdutySection>,
    integration: string,
    path: Path,
  ): ChannelSettings | undefined {
    const { routing_key: inline, routing_key_file: file } = section;
    const routingKey = this.#reader.secret("routing_key", inline, file, path);
    if (inline === undefined && file === undefined) this.#reader.problem(path, "expected routing_key_file");
    if (routingKey === undefined) return undefined;
    const url = section.url ?? this.#global.pagerduty_url ?? PAGERDUTY_URL;
    this.#connections.checkTarget(url, [...path, "url"]);
    const { description, severity, source, client, component, group, class: kind } = section;
    return {
      kind: "pagerduty",
      integration,
      sendResolved: section.send_resolved ?? true,
      url,
      routingKey,
      http: this.#connections.http(section.http_config, path),
      ...{ description, severity, source, client, component, group },
      class: kind,
      clientUrl: section.client_url,
      details: Object.entries(section.details ?? {}).map(([name, value]) => ({ name, value })),
    };
  }

  #webhook(
    section: z.output<typeof webhookSection>,
    integration: string,
    path: Path,
  ): ChannelSettings | undefined {
    if (section.url === undefined && section.url_file === undefined)
      this.#reader.problem(path, "expected url or url_file");
    const url = this.#connections.url("url", section.url, section.url_file, path);
    const { hmac_secret_file: file } = section;
    const hmacSecret =
      file === undefined ? undefined : this.#reader.secretFile("hmac_secret_file", file, path);
    if (hmacSecret !== undefined && hmacSecret.reveal().length < SHORTEST_HMAC_SECRET)
      this.#reader.problem(
        [...path, "hmac_secret_file"],
        `expected at least ${SHORTEST_HMAC_SECRET} characters; "openssl rand -base64 32" makes a good key`,
      );
    if (url === undefined) return undefined;
    return {
      kind: "webhook",
      integration,
      sendResolved: section.send_resolved ?? true,
      url,
      http: this.#connections.http(section.http_config, path),
      maxAlerts: section.max_alerts ?? 0,
      hmacSecret,
    };
  }
}

function plain(
  kind: "console" | "speech",
  section: z.output<typeof consoleSection>,
  integration: string,
): ChannelSettings {
  return { kind, integration, sendResolved: section.send_resolved ?? true, text: section.text };
}

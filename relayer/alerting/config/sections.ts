import { z } from "zod";
import {
  duration,
  flag,
  hostAndPort,
  list,
  mailAddress,
  mailAddresses,
  plainUrl,
  positiveDuration,
  type Refused,
  section,
  template,
  text,
  whole,
} from "./fields.ts";

const WEBHOOK_INSTEAD =
  "this service is not built in; send webhook_configs to a bridge for it, or email_configs to its mailbox";

/** Keys of Alertmanager's receivers for services that are not built in. */
export const REFUSED_RECEIVERS: Refused = {
  opsgenie_configs: "Opsgenie is not built in; use pagerduty_configs, or webhook_configs to a bridge",
  victorops_configs:
    "VictorOps is not built in; use webhook_configs to its REST endpoint through a bridge, or email_configs",
  pushover_configs: WEBHOOK_INSTEAD,
  sns_configs:
    "Amazon SNS is not built in; use webhook_configs to a function that publishes, or email_configs",
  telegram_configs: WEBHOOK_INSTEAD,
  webex_configs: WEBHOOK_INSTEAD,
  discord_configs:
    "Discord is not built in; its webhooks take Slack's format at …/slack: use slack_configs with that URL",
  msteams_configs: WEBHOOK_INSTEAD,
  msteamsv2_configs: WEBHOOK_INSTEAD,
  wechat_configs: WEBHOOK_INSTEAD,
  jira_configs: WEBHOOK_INSTEAD,
  rocketchat_configs:
    "Rocket.Chat is not built in; its incoming webhooks take Slack's format: use slack_configs",
  mattermost_configs:
    "Mattermost is not built in; its incoming webhooks take Slack's format: use slack_configs",
  incidentio_configs: WEBHOOK_INSTEAD,
};

const TIME_INTERVALS = "times of silence are not built in; add a silence for the time instead";

const tls = section(
  {
    ca_file: text.optional(),
    cert_file: text.optional(),
    key_file: text.optional(),
    server_name: text.optional(),
    insecure_skip_verify: flag.optional(),
  },
  {
    ca: "write it into a file and name that in ca_file",
    cert: "write it into a file and name that in cert_file",
    key: "write it into a file and name that in key_file",
    min_version: "TLS 1.2 is the least here",
    max_version: "the newest version that both sides know is taken",
  },
);

const http = section(
  {
    authorization: section(
      { type: text.optional(), credentials: text.optional(), credentials_file: text.optional() },
      {},
    ).optional(),
    basic_auth: section(
      { username: text, password: text.optional(), password_file: text.optional() },
      { username_file: "name the user itself in username" },
    ).optional(),
    bearer_token: text.optional(),
    bearer_token_file: text.optional(),
    follow_redirects: flag.optional(),
    tls_config: tls.optional(),
  },
  {
    oauth2: "OAuth 2 is not built in; use authorization with credentials_file",
    proxy_url: "proxies are not supported, for they would hide which address is reached",
    proxy_from_environment: "proxies are not supported, for they would hide which address is reached",
    no_proxy: "proxies are not supported",
    proxy_connect_header: "proxies are not supported",
    enable_http2: "HTTP/1.1 is spoken here",
    http_headers: "headers of one's own are not supported; use authorization",
  },
);

/** The section `global`. */
export const globalSection = section(
  {
    resolve_timeout: positiveDuration.optional(),
    smtp_from: mailAddress.optional(),
    smtp_smarthost: hostAndPort.optional(),
    smtp_hello: text.optional(),
    smtp_auth_username: text.optional(),
    smtp_auth_password: text.optional(),
    smtp_auth_password_file: text.optional(),
    smtp_require_tls: flag.optional(),
    smtp_tls_config: tls.optional(),
    slack_api_url: text.optional(),
    slack_api_url_file: text.optional(),
    pagerduty_url: plainUrl.optional(),
    http_config: http.optional(),
  },
  {
    smtp_auth_identity: "PLAIN and LOGIN are used; leave it out",
    smtp_auth_secret: "CRAM-MD5 is not used; use smtp_auth_password_file over TLS",
    smtp_auth_secret_file: "CRAM-MD5 is not used; use smtp_auth_password_file over TLS",
    slack_app_token: "use an incoming webhook: slack_api_url_file",
    slack_app_token_file: "use an incoming webhook: slack_api_url_file",
    ...Object.fromEntries(
      [
        "opsgenie_api_url",
        "opsgenie_api_key",
        "opsgenie_api_key_file",
        "victorops_api_url",
        "victorops_api_key",
      ]
        .concat(["victorops_api_key_file", "wechat_api_url", "wechat_api_secret", "wechat_api_corp_id"])
        .concat([
          "telegram_api_url",
          "webex_api_url",
          "jira_api_url",
          "rocketchat_api_url",
          "mattermost_webhook_url",
        ])
        .map((key) => [key, WEBHOOK_INSTEAD]),
    ),
  },
);

/** The sections at the top; each is read on its own, so that a mistake in one hides none in another. */
export const topSection = section(
  {
    global: z.unknown().optional(),
    route: z.unknown().optional(),
    receivers: z.unknown().optional(),
    inhibit_rules: z.unknown().optional(),
    escalations: z.unknown().optional(),
    allow_private_targets: list(text).optional(),
  },
  {
    templates:
      "files of templates are not read; write the text into the receiver, or leave it out for the default",
    time_intervals: TIME_INTERVALS,
    mute_time_intervals: TIME_INTERVALS,
    tracing: "traces are set up in dchat's own configuration",
  },
);

/** A node of the routing tree without its children, which are read one by one. */
export const routeSection = section(
  {
    receiver: text.optional(),
    group_by: list(text).optional(),
    group_wait: duration.optional(),
    group_interval: positiveDuration.optional(),
    repeat_interval: positiveDuration.optional(),
    match: z.record(text, z.string("expected a text"), "expected labels with values").optional(),
    match_re: z.record(text, z.string("expected a text"), "expected labels with expressions").optional(),
    matchers: list(text).optional(),
    continue: flag.optional(),
    escalation: text.optional(),
    routes: z.unknown().optional(),
  },
  { mute_time_intervals: TIME_INTERVALS, active_time_intervals: TIME_INTERVALS },
);

const matches = z.record(text, z.string("expected a text"), "expected labels with values").optional();

export const inhibitSection = section({
  source_match: matches,
  source_match_re: matches,
  source_matchers: list(text).optional(),
  target_match: matches,
  target_match_re: matches,
  target_matchers: list(text).optional(),
  equal: list(text).optional(),
});

export const escalationSection = section({
  name: text,
  levels: list(
    section({
      receivers: list(text).min(1, "expected at least one receiver"),
      after: duration,
      every: positiveDuration.optional(),
    }),
  )
    .min(1, "expected at least one level")
    .max(16, "expected at most 16 levels"),
});

/** A receiver without its channels, which are read one by one. */
export const receiverSection = section(
  {
    name: text,
    fallback: text.optional(),
    limit: section({ per_minute: whole(1, 100_000), burst: whole(1, 100_000) }).optional(),
    email_configs: z.unknown().optional(),
    slack_configs: z.unknown().optional(),
    pagerduty_configs: z.unknown().optional(),
    webhook_configs: z.unknown().optional(),
    console_configs: z.unknown().optional(),
    speech_configs: z.unknown().optional(),
  },
  REFUSED_RECEIVERS,
);

export const emailSection = section(
  {
    send_resolved: flag.optional(),
    to: mailAddresses,
    from: mailAddress.optional(),
    smarthost: hostAndPort.optional(),
    hello: text.optional(),
    auth_username: text.optional(),
    auth_password: text.optional(),
    auth_password_file: text.optional(),
    require_tls: flag.optional(),
    tls_config: tls.optional(),
    headers: z.record(text, template, "expected headers with texts").optional(),
    text: template.optional(),
    html: template.optional(),
  },
  {
    auth_identity: "PLAIN and LOGIN are used; leave it out",
    auth_secret: "CRAM-MD5 is not used; use auth_password_file over TLS",
    auth_secret_file: "CRAM-MD5 is not used; use auth_password_file over TLS",
    threading: "mails of one group always thread",
  },
);

const OLD_SLACK = "messages are made of blocks, which have no such thing";

export const slackSection = section(
  {
    send_resolved: flag.optional(),
    api_url: text.optional(),
    api_url_file: text.optional(),
    channel: text.optional(),
    username: text.optional(),
    icon_emoji: text.optional(),
    icon_url: plainUrl.optional(),
    color: template.optional(),
    title: template.optional(),
    title_link: template.optional(),
    text: template.optional(),
    fields: list(section({ title: template, value: template, short: flag.optional() }))
      .max(10, "expected at most 10 fields: Slack shows no more in a block")
      .optional(),
    http_config: http.optional(),
  },
  {
    actions: `${OLD_SLACK}; write links into text`,
    pretext: `${OLD_SLACK}; write it into text`,
    fallback: "title is shown where blocks cannot be",
    callback_id: OLD_SLACK,
    footer: OLD_SLACK,
    image_url: OLD_SLACK,
    thumb_url: OLD_SLACK,
    short_fields: "fields always stand side by side",
    link_names:
      "mentions in alerts are always shown as text, so that no alert can call people who were not asked",
    mrkdwn_in: "text and fields are mrkdwn",
    app_token: "use an incoming webhook: api_url_file",
    app_token_file: "use an incoming webhook: api_url_file",
    app_url: "use an incoming webhook: api_url_file",
    message_text: "use title and text",
    update_message: "an incoming webhook cannot change messages",
  },
);

export const pagerdutySection = section(
  {
    send_resolved: flag.optional(),
    routing_key: text.optional(),
    routing_key_file: text.optional(),
    url: plainUrl.optional(),
    client: template.optional(),
    client_url: template.optional(),
    description: template.optional(),
    severity: template.optional(),
    source: template.optional(),
    component: template.optional(),
    group: template.optional(),
    class: template.optional(),
    details: z.record(text, template, "expected names with texts").optional(),
    http_config: http.optional(),
  },
  {
    service_key: "the Events API v1 is not spoken; use routing_key_file with a key of Events v2",
    service_key_file: "the Events API v1 is not spoken; use routing_key_file with a key of Events v2",
    images: "images are not sent",
    links: "the runbook and the source of each alert are linked by themselves",
    timeout: "an attempt has one time limit for all receivers",
  },
);

export const webhookSection = section(
  {
    send_resolved: flag.optional(),
    url: text.optional(),
    url_file: text.optional(),
    max_alerts: whole(0, 100_000).optional(),
    hmac_secret_file: text.optional(),
    http_config: http.optional(),
  },
  {
    hmac_secret: "a key does not stand in the file itself; use hmac_secret_file",
    timeout: "an attempt has one time limit for all receivers",
    payload: "the body is Alertmanager's version 4",
  },
);

export const consoleSection = section({ send_resolved: flag.optional(), text: template.optional() });
export const speechSection = section({ send_resolved: flag.optional(), text: template.optional() });

export type HttpSection = z.infer<typeof http>;
export type TlsSection = z.infer<typeof tls>;
export type GlobalSection = z.infer<typeof globalSection>;
export type RouteSection = z.infer<typeof routeSection>;

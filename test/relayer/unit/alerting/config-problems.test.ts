import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { problemsOf, receiver, route } from "../../support/alerting-config.ts";

describe("problems of the alerting configuration", () => {
  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ["no YAML", "a: [", /^1:\d+ : this is no YAML/],
    ["twice the same key", `${route}${route}`, /^2:1 : this is no YAML .*unique/],
    ["two documents", `${route}---\n${route}`, /this is no YAML/],
    ["a tag", "route: !!js/function x", /this is no YAML/],
    ["nothing", "", /expected keys/],
    ["a list", "- a", /expected keys/],
    ["no route", "receivers: [{ name: a }]", /^1:1 route: a route is needed/],
    [
      "a misspelt key at the top",
      "rout: { receiver: a }",
      /^1:1 rout: there is no such key; did you mean route\?/,
    ],
    [
      "a misspelt key within",
      "route:\n  reciever: a",
      /^2:3 route\.reciever: there is no such key; did you mean receiver\?/,
    ],
    [
      "no such receiver",
      "route: { receiver: tema }\nreceivers: [{ name: team }]",
      /^1:20 route\.receiver: there is no receiver tema; did you mean team\?/,
    ],
    [
      "matchers at the root",
      "route: { receiver: a, matchers: [a=b] }\nreceivers: [{ name: a }]",
      /^1:33 route\.matchers: the first route takes every alert/,
    ],
    [
      "a matcher",
      `route:\n  receiver: a\n  routes:\n    - matchers: ['a=b', '??']\nreceivers: [{ name: a }]`,
      /^4:25 route\.routes\[0\]\.matchers\[1\]: no matcher \(at character 1 of \?\?\)/,
    ],
    [
      "an unknown label in match",
      "route:\n  receiver: a\n  routes: [{ match: { 1x: y } }]\nreceivers: [{ name: a }]",
      /route\.routes\[0\]\.match\.1x: expected the name of a label/,
    ],
    [
      "a duration",
      "route: { receiver: a, group_wait: 5 minutes }\nreceivers: [{ name: a }]",
      /^1:35 route\.group_wait: expected a duration such as/,
    ],
    [
      "no interval",
      "route: { receiver: a, repeat_interval: 0s }\nreceivers: [{ name: a }]",
      /repeat_interval: expected more than 0/,
    ],
    [
      "group_by twice",
      "route: { receiver: a, group_by: [x, x] }\nreceivers: [{ name: a }]",
      /group_by\[1\]: x stands here twice/,
    ],
    [
      "group_by all and more",
      "route: { receiver: a, group_by: [..., x] }\nreceivers: [{ name: a }]",
      /group_by: "\.\.\." groups by all labels/,
    ],
    [
      "an unknown escalation",
      "route: { receiver: a, escalation: x }\nreceivers: [{ name: a }]",
      /route\.escalation: there is no escalation x/,
    ],
    [
      "mute_time_intervals",
      "route: { receiver: a, mute_time_intervals: [x] }\nreceivers: [{ name: a }]",
      /mute_time_intervals: not supported: .*silence/,
    ],
    [
      "templates",
      `${receiver("")}templates: ['*.tmpl']`,
      /^\d+:1 templates: not supported: files of templates/,
    ],
    ["time_intervals", `${receiver("")}time_intervals: []`, /time_intervals: not supported/],
    [
      "two receivers of one name",
      `${route}receivers: [{ name: a }, { name: a }]`,
      /receivers\[1\]\.name: there is already a receiver/,
    ],
    [
      "a receiver without a name",
      `${route}receivers: [{ name: a }, {}]`,
      /receivers\[1\]\.name: expected a text, but it is missing/,
    ],
    [
      "a fallback to itself",
      receiver("fallback: a"),
      /^4:15 receivers\[0\]\.fallback: fallbacks lead from a back to it/,
    ],
    [
      "fallbacks in a circle",
      `${route}receivers: [{ name: a, fallback: b }, { name: b, fallback: a }]`,
      /fallbacks lead from b back to it/,
    ],
    [
      "a limit",
      receiver("limit: { per_minute: 0, burst: 1 }"),
      /limit\.per_minute: expected a whole number from 1/,
    ],
    [
      "opsgenie",
      receiver("opsgenie_configs: [{}]"),
      /^4:5 receivers\[0\]\.opsgenie_configs: not supported: .*pagerduty_configs/,
    ],
    ...["victorops", "pushover", "sns", "telegram", "webex", "discord", "msteams", "wechat", "jira"].map(
      (name) =>
        [
          name,
          receiver(`${name}_configs: [{}]`),
          new RegExp(`${name}_configs: not supported: .*(webhook|slack)_configs`),
        ] as const,
    ),
    [
      "inhibiting everything",
      `${receiver("")}inhibit_rules: [{ source_matchers: [a=b] }]`,
      /inhibit_rules\[0\]: expected target_matchers/,
    ],
    [
      "a level that is earlier than the one before",
      `${receiver("")}escalations: [{ name: e, levels: [{ receivers: [a], after: 5m }, { receivers: [a], after: 1m }] }]`,
      /levels\[1\]\.after: expected no less/,
    ],
    [
      "an escalation of nobody",
      `${receiver("")}escalations: [{ name: e, levels: [{ receivers: [zz], after: 0s }] }]`,
      /levels\[0\]\.receivers\[0\]: there is no receiver zz/,
    ],
    [
      "an escalation without levels",
      `${receiver("")}escalations: [{ name: e, levels: [] }]`,
      /levels: expected at least one level/,
    ],
    [
      "an escalation by the name none",
      `${receiver("")}escalations: [{ name: none, levels: [{ receivers: [a], after: 0s }] }]`,
      /already one by the name none/,
    ],
    [
      "a template",
      receiver("console_configs: [{ text: 'a {{ .Nope }}' }]"),
      /text: in the template, line 1, column 6: the whole message has no field Nope/,
    ],
    ["a mailbox", receiver("email_configs: [{ to: 'a@b.example, evil' }]"), /to: expected a mailbox such as/],
    [
      "a mailbox with a line in it",
      receiver('email_configs: [{ to: "a@b.example\\r\\nBcc: x@y.example" }]'),
      /to: expected a mailbox such as/,
    ],
    [
      "mail from nobody",
      receiver("email_configs: [{ to: a@b.example, smarthost: 'x:25' }]"),
      /email_configs\[0\]: expected from/,
    ],
    [
      "mail to no server",
      receiver("email_configs: [{ to: a@b.example, from: a@b.example }]"),
      /expected smarthost/,
    ],
    [
      "a header that is ours",
      receiver(
        "email_configs: [{ to: a@b.example, from: a@b.example, smarthost: 'x:25', headers: { Bcc: x } }]",
      ),
      /headers\.Bcc: this header is written by dchat/,
    ],
    [
      "a header that is none",
      receiver(
        `email_configs: [{ to: a@b.example, from: a@b.example, smarthost: 'x:25', headers: { "X: y\\r\\nBcc": x } }]`,
      ),
      /a header's name has letters/,
    ],
    [
      "a user without a password",
      receiver(
        "email_configs: [{ to: a@b.example, from: a@b.example, smarthost: 'x:25', auth_username: u }]",
      ),
      /auth_username: a user needs a password/,
    ],
    [
      "CRAM-MD5",
      receiver("email_configs: [{ to: a@b.example, auth_secret: x }]"),
      /auth_secret: not supported: CRAM-MD5/,
    ],
    ["Slack without a URL", receiver("slack_configs: [{}]"), /slack_configs\[0\]: expected api_url_file/],
    [
      "PagerDuty's old key",
      receiver("pagerduty_configs: [{ service_key: x }]"),
      /service_key: not supported: .*routing_key_file/,
    ],
    ["a webhook without a URL", receiver("webhook_configs: [{}]"), /expected url or url_file/],
    [
      "a URL that is none",
      receiver("webhook_configs: [{ url: 'ftp://hunter2.example/' }]"),
      /url: expected a URL that begins with http/,
    ],
    [
      "a URL with a password",
      receiver("webhook_configs: [{ url: 'https://u:hunter2@x.example/' }]"),
      /url: expected a URL .*http_config/,
    ],
    [
      "a private address",
      receiver("webhook_configs: [{ url: 'http://127.0.0.1:9/' }]"),
      /url: 127\.0\.0\.1 is this machine; .*"127\.0\.0\.1:9"/,
    ],
    [
      "a private address in disguise",
      receiver("webhook_configs: [{ url: 'http://2130706433/' }]"),
      /127\.0\.0\.1 is this machine/,
    ],
    [
      "a private address in IPv6",
      receiver("webhook_configs: [{ url: 'http://[::ffff:10.0.0.1]/' }]"),
      /is a private address/,
    ],
    ["localhost", receiver("webhook_configs: [{ url: 'http://localhost:9/' }]"), /localhost is this machine/],
    [
      "the metadata address",
      receiver("webhook_configs: [{ url: 'http://169.254.169.254/' }]"),
      /where clouds keep their metadata/,
    ],
    [
      "an HMAC secret in the file",
      receiver("webhook_configs: [{ url: 'https://x.example/', hmac_secret: hunter2 }]"),
      /hmac_secret: not supported: .*hmac_secret_file/,
    ],
    [
      "a short HMAC secret",
      receiver("webhook_configs: [{ url: 'https://x.example/', hmac_secret_file: short }]"),
      /expected at least 24 characters/,
    ],
    [
      "a secret that is not there",
      receiver("pagerduty_configs: [{ routing_key_file: nowhere }]"),
      /routing_key_file: nowhere cannot be read: .*ENOENT/,
    ],
    [
      "a secret that others may read",
      receiver("pagerduty_configs: [{ routing_key_file: open }]"),
      /others may read it; run "chmod 600/,
    ],
    ["an empty secret", receiver("pagerduty_configs: [{ routing_key_file: empty }]"), /empty is empty/],
    [
      "a secret twice",
      receiver("pagerduty_configs: [{ routing_key: hunter2, routing_key_file: secret }]"),
      /either routing_key or routing_key_file/,
    ],
    [
      "a proxy",
      receiver("webhook_configs: [{ url: 'https://x.example/', http_config: { proxy_url: 'http://p' } }]"),
      /proxy_url: not supported: proxies/,
    ],
    [
      "two ways to say who one is",
      receiver(
        "webhook_configs: [{ url: 'https://x.example/', http_config: { bearer_token_file: secret, basic_auth: { username: u, password_file: secret } } }]",
      ),
      /expected one of authorization/,
    ],
    [
      "a certificate without a key",
      receiver(
        "webhook_configs: [{ url: 'https://x.example/', http_config: { tls_config: { cert_file: secret } } }]",
      ),
      /cert_file and key_file belong together/,
    ],
    [
      "a target",
      `${receiver("")}allow_private_targets: [10.0.0.0/99]`,
      /allow_private_targets\[0\]: expected host:port/,
    ],
    [
      "yes instead of true",
      receiver("console_configs: [{ send_resolved: yes }]"),
      /^4:40 .*send_resolved: expected true or false/,
    ],
    [
      "routes too deep",
      `${"{ receiver: a, routes: [".replace(/^/, "route: ")}${"{ routes: [".repeat(40)}${"] }".repeat(40)}] }\nreceivers: [{ name: a }]`,
      /nested deeper than 32/,
    ],
  ];
  for (const [what, text, expected] of wrong)
    it(`refuses ${what}, and says where and how to mend it`, () => {
      const problems = problemsOf(text);
      assert(
        problems.some((problem) => expected.test(problem)),
        problems.join("\n"),
      );
      for (const problem of problems) assert(!problem.includes("hunter2"), problem);
    });
});

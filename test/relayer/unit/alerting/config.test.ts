import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { describeConfiguration } from "../../../../relayer/alerting/config.ts";
import { nearest } from "../../../../relayer/alerting/config/problems.ts";
import { problemsOf, read, receiver, route, SECRET } from "../../support/alerting-config.ts";
import { repository } from "../../support/processes.ts";

describe("the alerting configuration", () => {
  it("is Alertmanager's, with our additions", () => {
    const { plan, receivers, resolveTimeout, warnings } = read(`
global:
  resolve_timeout: 10m
  smtp_smarthost: 'smtp.example.org:587'
  smtp_from: dchat <alerts@example.org>
  smtp_auth_username: robot
  smtp_auth_password_file: secret
  slack_api_url_file: hook
route:
  receiver: team
  group_by: [alertname, chain]
  escalation: on-call
  routes:
    - matchers: ['severity="critical"']
      match: { team: 007 }
      match_re: { path: 'a"b\\c' }
      group_by: ['...']
      group_wait: 0s
      continue: true
      receiver: pager
    - escalation: none
inhibit_rules:
  - source_match: { severity: critical }
    target_matchers: [severity="warning"]
    equal: [chain]
escalations:
  - name: on-call
    levels:
      - { receivers: [pager], after: 5m, every: 10m }
      - { receivers: [team, pager], after: 1h }
receivers:
  - name: team
    fallback: pager
    limit: { per_minute: 30, burst: 5 }
    email_configs: [{ to: 'a@example.org, "B" <b@example.org>', headers: { Subject: '{{ .Status }}', X-Team: x } }]
    slack_configs: [{ channel: '#alerts' }]
    console_configs:
      -
  - name: pager
    pagerduty_configs: [{ routing_key_file: secret }]
    webhook_configs: [{ url: 'https://hook.example/key', hmac_secret_file: secret, max_alerts: 10 }]
`);
    assert.deepEqual(warnings, []);
    assert.equal(resolveTimeout, 600_000);
    const inherited = { groupInterval: 300_000, repeatInterval: 14_400_000 };
    assert.deepEqual(plan.route, {
      ...inherited,
      receiver: "team",
      matchers: [],
      continue: false,
      groupBy: ["alertname", "chain"],
      groupWait: 30_000,
      escalation: "on-call",
      routes: [
        {
          ...inherited,
          receiver: "pager",
          matchers: [
            { name: "team", operator: "=", value: "007" },
            { name: "path", operator: "=~", value: 'a"b\\c' },
            { name: "severity", operator: "=", value: "critical" },
          ],
          continue: true,
          groupBy: "all",
          groupWait: 0,
          escalation: "on-call",
          routes: [],
        },
        {
          ...inherited,
          receiver: "team",
          matchers: [],
          continue: false,
          groupBy: ["alertname", "chain"],
          groupWait: 30_000,
          escalation: undefined,
          routes: [],
        },
      ],
    });
    assert.deepEqual(plan.escalations[0]?.levels, [
      { receivers: ["pager"], after: 300_000, every: 600_000 },
      { receivers: ["team", "pager"], after: 3_600_000, every: undefined },
    ]);
    assert.deepEqual(plan.receivers, [
      {
        name: "team",
        integrations: [
          { id: "email/0", sendResolved: false },
          { id: "slack/0", sendResolved: false },
          { id: "console/0", sendResolved: true },
        ],
        fallback: "pager",
        limit: { perMinute: 30, burst: 5 },
      },
      {
        name: "pager",
        integrations: [
          { id: "pagerduty/0", sendResolved: true },
          { id: "webhook/0", sendResolved: true },
        ],
        fallback: undefined,
        limit: undefined,
      },
    ]);
    const [email] = receivers[0]?.channels ?? [];
    assert(email?.kind === "email");
    assert.deepEqual(email.to, [
      { name: "", address: "a@example.org" },
      { name: "B", address: "b@example.org" },
    ]);
    assert.equal(email.auth?.password.reveal(), SECRET);
    assert.equal(email.requireTls, true);
  });

  it("shows no secret as JSON", () => {
    const configuration = read(
      receiver(`webhook_configs: [{ url: 'https://h.example/hunter2', hmac_secret_file: secret, http_config: { basic_auth: { username: u, password_file: secret } } }]
    slack_configs: [{ api_url_file: hook, title: 'x {{ .Status }}' }]
    pagerduty_configs: [{ routing_key: ${SECRET} }]`),
    );
    for (const text of [
      JSON.stringify(configuration),
      JSON.stringify(describeConfiguration(configuration)),
    ]) {
      assert(!text.includes("hunter2"), text);
      assert(!text.includes(Buffer.from(`u:${SECRET}`).toString("base64")));
      assert(text.includes("<secret>"));
    }
    assert(JSON.stringify(describeConfiguration(configuration)).includes('"title":"x {{ .Status }}"'));
    assert.deepEqual(
      configuration.warnings.map(({ line, key }) => [line, key]),
      [[6, "receivers[0].pagerduty_configs[0].routing_key"]],
    );
  });

  it("names everything that is wrong at once, in the order of the file", () => {
    const problems = problemsOf(`
global: { smtp_form: x, resolve_timeout: 5x }
route:
  receiver: nobody
  grop_by: [a]
  routes:
    - { receiver: nobody2, matchers: ['??'] }
receivers:
  - name: a
    sns_configs: []
    webhook_configs:
      - url: ftp://x
      - { url: 'https://x.example/', max_alerts: many }
`);
    assert.deepEqual(
      problems.map((problem) => problem.split(": ")[0]),
      [
        "2:11 global.smtp_form",
        "2:42 global.resolve_timeout",
        "4:13 route.receiver",
        "5:3 route.grop_by",
        "7:19 route.routes[0].receiver",
        "7:39 route.routes[0].matchers[0]",
        "10:5 receivers[0].sns_configs",
        "12:14 receivers[0].webhook_configs[0].url",
        "13:50 receivers[0].webhook_configs[1].max_alerts",
      ],
    );
  });

  it("a password that may go in the clear is warned of", () => {
    const mail =
      "to: a@b.example, from: a@b.example, smarthost: 'x:25', auth_username: u, auth_password_file: secret";
    assert.deepEqual(read(receiver(`email_configs: [{ ${mail} }]`)).warnings, []);
    const [warning] = read(receiver(`email_configs: [{ ${mail}, require_tls: false }]`)).warnings;
    assert.match(warning?.message ?? "", /in the clear/);
  });

  it("private targets are reached where they are allowed", () => {
    const text = `${receiver("webhook_configs: [{ url: 'http://127.0.0.1:9000/' }, { url: 'http://10.1.2.3/' }]")}allow_private_targets: ['127.0.0.1:9000', 10.0.0.0/8]`;
    assert.deepEqual(problemsOf(text), []);
  });

  it("aliases and merges are followed, and the place of a problem in them is where it was written", () => {
    const text = `${route}receivers:\n  - &base { name: a, console_configs: [{}] }\n  - { <<: *base, name: b }\n  - { <<: *base }\n`;
    assert.deepEqual(problemsOf(text), [
      "5:5 receivers[2].name: there is already a receiver by the name a; choose another",
    ]);
  });

  it("aliases that grow without bound are refused", () => {
    const levels = Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(10)}]`);
    assert.match(problemsOf(`l0: &l0 x\n${levels.join("\n")}`)[0] ?? "", /no YAML that can be used/);
  });

  it("any text is read or refused with places in it, and never throws anything else", () => {
    const base = readFileSync(join(repository, "relayer/alerting/rules/default-config.yml"), "utf8");
    fc.assert(
      fc.property(
        fc.nat(base.length),
        fc.nat(40),
        fc.constantFrom("", " ", "x", "\n", "[", "{", "- ", ": ", "*a", "&a ", "'", "\u0000"),
        (at, length, piece) => {
          const text = base.slice(0, at) + piece + base.slice(at + length);
          const lines = text.split("\n").length;
          for (const problem of problemsOf(text)) {
            const line = Number(/^\d+/.exec(problem)?.[0]);
            assert(line >= 1 && line <= lines, problem);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("the default configuration is one", () => {
    const base = readFileSync(join(repository, "relayer/alerting/rules/default-config.yml"), "utf8");
    const { plan } = read(base);
    assert.equal(plan.receivers.length, 2);
    // What it shows in comments works as well.
    const more = base.replace(/^# (escalations:| {2})/gm, "$1").replace("# escalation:", "escalation:");
    const people = ["first", "second", "everybody"].map((name) => `  - name: ${name}\n`);
    assert.equal(read(more + people.join("")).plan.route.routes[0]?.escalation, "on-call");
  });

  it("a misspelt name is recognised, and another is not", () => {
    assert.equal(nearest("recievers", ["receivers", "route"]), "receivers");
    assert.equal(nearest("ruote", ["receivers", "route"]), "route");
    assert.equal(nearest("banana", ["receivers", "route"]), undefined);
  });
});

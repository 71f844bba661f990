// What Prometheus and Alertmanager make of a template, and what we make of it, where Debian's programs are installed.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { promisify } from "node:util";
import fc from "fast-check";
import {
  type Message,
  parseMessageTemplate,
  parseRuleTemplate,
  plainText,
  renderMessage,
  renderRule,
} from "../../../../relayer/alerting/core/template.ts";
import { findProgram } from "../../support/peer-programs.ts";

const run = promisify(execFile);
const promtool = findProgram("promtool");
const amtool = findProgram("amtool");

/** Runs `work` with a folder that is gone afterwards. */
async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "dchat-templates-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const numbers = [
  0,
  0.1,
  0.5,
  1,
  1.5,
  2.5,
  59.999,
  60,
  61.25,
  999.95,
  1_000,
  1_000.5,
  1_024,
  1_536,
  3_661,
  12_345,
  86_400.5,
  99_999,
  1e6,
  123_456_789,
  1e9,
  1_700_000_000.25,
  1e12,
  1e15,
  1e20,
  1e21,
  1.5e22,
  1e-3,
  1.25e-4,
  1e-5,
  1.234_56e-7,
  1e-20,
  -1,
  -0.25,
  -61,
  -1_234.5,
  2 ** 53,
  0.125,
];
const written = [
  "{{ $value }}",
  "{{ $value | humanize }}",
  "{{ $value | humanize1024 }}",
  "{{ $value | humanizeDuration }}",
  "{{ $value | humanizePercentage }}",
  '{{ printf "%f %.0f %.1f %.2f %.10f %v" $value $value $value $value $value $value }}',
];
const others = [
  "{{ $value | humanizeTimestamp }}",
  "{{ $labels.job | title }} {{ .Labels.job | toUpper }} {{ $labels.missing }}|",
  'a  {{- " b " -}}  c {{ "q\\"\\n\\té" }} {{ `raw \\n` }}',
  "{{ if gt $value 5.0 }}big{{ else if lt $value 0.0 }}negative{{ else }}small{{ end }}",
  '{{ with $labels.job }}{{ . }}{{ else }}none{{ end }} {{ or $labels.missing "x" }} {{ and $labels.job "y" }}',
  "{{ len $labels.job }} {{ len $labels }} {{ range $labels }}<{{ . }}>{{ end }}",
  '{{ index $labels "job" | printf "%s-%d-%v" "a" 3 }} {{ not true }} {{ ne $labels.job "x" }} {{- /* c */ -}} end',
];

/** A rule file whose alerts carry the templates, and a test that expects what we make of them. */
function ruleTest(cases: readonly { readonly value: number; readonly source: string }[]): {
  rules: string;
  test: string;
} {
  const labels = { job: "läne one's-x", __name__: "m" };
  const rules = cases.map(({ source }, i) => ({
    alert: `a${i}`,
    expr: `m{i="${i}"}`,
    annotations: { text: source },
  }));
  const seen = (i: number) => ({ job: labels.job, i: String(i) });
  const test = {
    rule_files: ["rules.json"],
    evaluation_interval: "1m",
    tests: [
      {
        interval: "1m",
        input_series: cases.map(({ value }, i) => ({
          series: `m{i="${i}",job="${labels.job}"}`,
          values: `${value}`,
        })),
        alert_rule_test: cases.map(({ source, value }, i) => ({
          eval_time: "0m",
          alertname: `a${i}`,
          exp_alerts: [
            {
              exp_labels: seen(i),
              exp_annotations: {
                text: renderRule(parseRuleTemplate(source), {
                  labels: { __name__: "m", ...seen(i) },
                  value,
                  externalLabels: {},
                }),
              },
            },
          ],
        })),
      },
    ],
  };
  return { rules: JSON.stringify({ groups: [{ name: "g", rules }] }), test: JSON.stringify(test) };
}

it(
  "rules' templates give what promtool says Prometheus makes of them",
  { skip: promtool === undefined && "promtool is not installed (Debian: apt-get install prometheus)" },
  async () => {
    assert(promtool !== undefined);
    const chosen = fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), 40);
    const cases = [...numbers, ...chosen.map((x) => (Math.abs(x) < 1e-300 ? 0.3 : x))].flatMap((value) =>
      written
        // Prometheus's integers overflow there.
        .filter((source) => Math.abs(value) <= Number.MAX_SAFE_INTEGER || !source.includes("Duration"))
        .filter((source) => Math.abs(value) < 1e30 || !source.includes("%f"))
        .map((source) => ({ value, source })),
    );
    const more = others.flatMap((source) => [7, -1.5, 1_700_000_000].map((value) => ({ value, source })));
    const { rules, test } = ruleTest([...cases, ...more]);
    await inFolder(async (folder) => {
      writeFileSync(join(folder, "rules.json"), rules);
      writeFileSync(join(folder, "test.json"), test);
      await assert.doesNotReject(
        run(promtool, ["test", "rules", "test.json"], { cwd: folder, maxBuffer: 1e8 }),
      );
    });
  },
);

const at = Date.parse("2024-02-03T04:05:06.700Z");
const message: Message = {
  receiver: "team",
  status: "firing",
  alerts: [
    {
      status: "firing",
      labels: { alertname: "A", severity: "critical", b: "<&>" },
      annotations: { summary: "über 5%" },
      startsAt: at,
      endsAt: at + 1_000,
      generatorUrl: "http://g.example/?a=b",
      fingerprint: "0011",
    },
    {
      status: "resolved",
      labels: { alertname: "B" },
      annotations: {},
      startsAt: at,
      endsAt: at + 5_000,
      generatorUrl: "",
      fingerprint: "0022",
    },
  ],
  groupLabels: { alertname: "A", z: "1", c: "2" },
  commonLabels: { z: "1" },
  commonAnnotations: {},
  externalUrl: "http://am.example",
};

/** The same in the JSON of Alertmanager's template data. */
const data = {
  receiver: message.receiver,
  status: message.status,
  alerts: message.alerts.map((alert) => ({
    status: alert.status,
    labels: alert.labels,
    annotations: alert.annotations,
    startsAt: new Date(alert.startsAt).toISOString(),
    endsAt: new Date(alert.endsAt ?? 0).toISOString(),
    generatorURL: alert.generatorUrl,
    fingerprint: alert.fingerprint,
  })),
  groupLabels: message.groupLabels,
  commonLabels: message.commonLabels,
  commonAnnotations: message.commonAnnotations,
  externalURL: message.externalUrl,
};

const messages = [
  "{{ .Receiver }} {{ .Status | toUpper }} {{ .ExternalURL }} {{ .CommonLabels.z }}{{ .CommonLabels.none }}|",
  '[{{ .Status | toUpper }}{{ if eq .Status "firing" }}:{{ .Alerts.Firing | len }}{{ end }}] {{ .GroupLabels.SortedPairs.Values | join " " }}',
  "{{ range .Alerts }}{{ .Status }} {{ .Labels.alertname }} {{ .Annotations.summary }} {{ .GeneratorURL }} {{ .Fingerprint }}\n{{ end }}",
  "{{ range .Alerts.Resolved }}{{ .StartsAt }} {{ .EndsAt }} {{ $.Receiver }}{{ end }}",
  '{{ range .GroupLabels.SortedPairs }}{{ .Name }}={{ .Value }};{{ end }} {{ .GroupLabels.Names | join "," }} {{ join "/" .GroupLabels.Values }}',
  "{{- with .CommonAnnotations.none }}x{{ else }} none {{ end -}}  {{ len .CommonAnnotations }}",
  '{{ (index .Alerts 0).Labels.severity | title }} {{ range .GroupLabels }}{{ . }}{{ end }} {{ index .GroupLabels "z" }}',
  '{{ if and (eq .Status "firing") (gt (len .Alerts) 1) }}many{{ end }} {{ (index .Alerts 0).Labels.b }} {{ printf "%d of %s" (len .Alerts.Firing) .Receiver }}',
];

it(
  "receivers' templates give what amtool says Alertmanager makes of them",
  {
    skip: amtool === undefined && "amtool is not installed (Debian: apt-get install prometheus-alertmanager)",
  },
  async () => {
    assert(amtool !== undefined);
    await inFolder(async (folder) => {
      writeFileSync(join(folder, "none.tmpl"), "");
      writeFileSync(join(folder, "data.json"), JSON.stringify(data));
      for (const source of messages) {
        const rendered: { readonly stdout: string } = await run(
          amtool,
          [
            "template",
            "render",
            "--template.glob=none.tmpl",
            "--template.data=data.json",
            `--template.text=${source}`,
          ],
          { cwd: folder },
        );
        assert.equal(
          plainText(renderMessage(parseMessageTemplate(source), message)),
          rendered.stdout,
          source,
        );
      }
    });
  },
);

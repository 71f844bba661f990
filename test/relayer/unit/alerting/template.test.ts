import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  type Message,
  parseMessageTemplate,
  parseRuleTemplate,
  plainText,
  renderMessage,
  renderRule,
  TemplateError,
} from "../../../../relayer/alerting/core/template.ts";

const sample = {
  labels: { job: "lane", from: "A", constructor_: "x" },
  value: 1234.5,
  externalLabels: { fleet: "local" },
};
const alert = (name: string, status: "firing" | "resolved") => ({
  status,
  labels: { alertname: name, severity: "critical" },
  annotations: { summary: `${name} & co` },
  startsAt: 1_700_000_000_500,
  endsAt: status === "resolved" ? 1_700_000_060_000 : undefined,
  generatorUrl: "http://x.example/",
  fingerprint: "00112233aabbccdd",
});
const message: Message = {
  receiver: "team",
  status: "firing",
  alerts: [alert("LaneStuck", "firing"), alert("Low", "resolved")],
  groupLabels: { severity: "critical" },
  commonLabels: { severity: "critical", alertname: "x", b: "2" },
  commonAnnotations: {},
  externalUrl: "https://dchat.example",
};

const rule = (source: string) => renderRule(parseRuleTemplate(source), sample);
const told = (source: string) => plainText(renderMessage(parseMessageTemplate(source), message));

describe("templates", () => {
  const rules: readonly (readonly [string, string])[] = [
    ["plain", "plain"],
    [
      "{{ $labels.job }} {{ .Labels.from }} {{ $externalLabels.fleet }} {{ $value }} {{ .Value }}",
      "lane A local 1234.5 1234.5",
    ],
    ["{{ $labels.missing }}|{{ $labels.constructor }}|{{ $labels.toString }}", "||"],
    ["a {{- $labels.job -}} \n b", "alaneb"],
    ["a {{- /* nothing */ -}} b{{/* nothing */}}", "ab"],
    ['{{ "a}}b" }}{{ `raw "x"` }}{{ "\\"\\n\\u00e9" }}', 'a}}braw "x""\né'],
    [
      "{{ $value | humanize }} {{ humanizeDuration 3661 }} {{ humanizePercentage 0.1234 }}",
      "1.234k 1h 1m 1s 12.34%",
    ],
    ['{{ "1700000000" | humanizeTimestamp }}', "2023-11-14 22:13:20 +0000 UTC"],
    ['{{ printf "%s=%.1f %v %d%%" $labels.job $value true (len "é") }}', "lane=1234.5 true 2%"],
    ["{{ if gt $value 1e3 }}big{{ else }}small{{ end }}", "big"],
    ['{{ if eq $labels.from "B" }}b{{ else if eq $labels.from "A" }}a{{ else }}?{{ end }}', "a"],
    ["{{ with $labels.missing }}{{ . }}{{ else }}none{{ end }}", "none"],
    ["{{ with $labels.job }}{{ . | toUpper }}{{ end }}", "LANE"],
    ['{{ or $labels.missing "nothing" }} {{ and $labels.job $labels.from }}', "nothing A"],
    ['{{ if not (and $labels.job (ne $labels.from "A")) }}yes{{ end }}', "yes"],
    ['{{ index $labels "job" | title }}', "Lane"],
    ["{{ range $labels }}{{ . }};{{ end }}", "x;A;lane;"],
  ];
  for (const [source, expected] of rules)
    it(`of a rule: ${JSON.stringify(source)}`, () => {
      assert.equal(rule(source), expected);
    });

  const messages: readonly (readonly [string, string])[] = [
    ["{{ .Receiver }} {{ .Status | toUpper }} {{ .ExternalURL }}", "team FIRING https://dchat.example"],
    ["{{ .GroupLabels.severity }}{{ .CommonAnnotations.none }}", "critical"],
    ["{{ len .Alerts }} {{ .Alerts.Firing | len }} {{ len .Alerts.Resolved }}", "2 1 1"],
    [
      "{{ range .Alerts }}[{{ .Labels.alertname }}: {{ .Annotations.summary }} of {{ $.Receiver }}]{{ end }}",
      "[LaneStuck: LaneStuck & co of team][Low: Low & co of team]",
    ],
    [
      "{{ range .CommonLabels.SortedPairs }}{{ .Name }}={{ .Value }} {{ end }}",
      "alertname=x b=2 severity=critical ",
    ],
    [
      '{{ .CommonLabels.Names | join "," }} {{ join "," .CommonLabels.Values }}',
      "alertname,b,severity x,2,critical",
    ],
    [
      "{{ (index .Alerts 1).StartsAt }} {{ (index .Alerts 0).EndsAt }}",
      "2023-11-14 22:13:20.5 +0000 UTC 0001-01-01 00:00:00 +0000 UTC",
    ],
    ["{{ range .CommonAnnotations }}x{{ else }}none{{ end }}", "none"],
  ];
  for (const [source, expected] of messages)
    it(`of a message: ${JSON.stringify(source)}`, () => {
      assert.equal(told(source), expected);
    });

  const refused: readonly (readonly [string, string, RegExp])[] = [
    ["{{ $labels", "1:1", /no }}/],
    ["ab\n  {{ .Nope }}", "2:6", /no field Nope; it has Labels, Value/],
    ["{{ $other }}", "1:4", /no variable \$other/],
    ["{{ $x := 3 }}", "1:7", /cannot be declared/],
    ["{{ frobnicate 1 }}", "1:4", /no function frobnicate/],
    ['{{ query "up" }}', "1:4", /cannot ask the database/],
    ['{{ template "x" . }}', "1:4", /cannot be called by name/],
    ['{{ define "x" }}{{ end }}', "1:4", /cannot be defined/],
    ['{{ reReplaceAll "a" "b" $labels.job }}', "1:4", /regular expressions/],
    ["{{ if $value }}x", "1:4", /no \{\{ end \}\}/],
    ["x{{ end }}", "1:5", /belongs to no/],
    ["{{ if true }}a{{ else }}b{{ else }}c{{ end }}", "1:29", /second else/],
    ['{{ printf "%d" $value }}', "1:4", /%d is for an integer/],
    ['{{ printf "%s" $value }}', "1:4", /%s is for a text/],
    ['{{ printf "%x" $value }}', "1:4", /%x is not supported/],
    ['{{ printf "%s %s" $labels.job }}', "1:4", /no argument for %s/],
    ['{{ printf "%s" $labels.job $labels.job }}', "1:4", /uses 1 of 2/],
    ["{{ printf $labels.job }}", "1:4", /a text in the template itself/],
    ["{{ $labels }}", "1:4", /no one way to be written/],
    ['{{ gt $value "5" }}', "1:4", /cannot be compared/],
    ["{{ $labels.job.name }}", "1:4", /a text has no field name/],
    ["{{ range $value }}{{ end }}", "1:10", /range goes through lists/],
    ["{{ range $i, $x := $labels }}{{ end }}", "1:12", /cannot be declared/],
    ["{{ 010 }}", "1:4", /octal/],
    ["{{ 'x' }}", "1:4", /double quotes/],
    ['{{ "x\\q" }}', "1:4", /\\q is not supported/],
    ['{{ "open }}', "1:4", /has no end/],
    ['{{ "a""b" }}', "1:7", /a space/],
    ["{{ len 1.5 }}", "1:4", /argument 1 is a number/],
    [`${"{{ if true }}".repeat(40)}x${"{{ end }}".repeat(40)}`, "1:420", /nested deeper/],
    ["x".repeat(70_000), "1:1", /at most/],
  ];
  for (const [source, place, reason] of refused)
    it(`refused: ${JSON.stringify(source.slice(0, 50))}`, () => {
      assert.throws(
        () => parseRuleTemplate(source),
        (error) => {
          assert(error instanceof TemplateError);
          assert.match(error.reason, reason);
          assert.equal(`${error.line}:${error.column}`, place);
          return true;
        },
      );
    });

  it("what cannot be carried out is said in place of the text, and never thrown", () => {
    assert.match(rule("{{ humanize $labels.job }}"), /^<error expanding template: a text that is no number/);
    assert.match(told("{{ (index .Alerts 7).Status }}"), /^<error expanding template: index 7/);
  });

  it("literals and values are told apart, so that values alone can be escaped", () => {
    assert.deepEqual(renderMessage(parseMessageTemplate("<b>{{ .CommonLabels.b }}</b>"), message), [
      { kind: "literal", text: "<b>" },
      { kind: "value", text: "2" },
      { kind: "literal", text: "</b>" },
    ]);
  });

  it("a value that looks like a template stays a value", () => {
    const hostile = { ...sample, labels: { job: "{{ $value }}" } };
    assert.equal(renderRule(parseRuleTemplate("{{ $labels.job }}"), hostile), "{{ $value }}");
  });

  it("length and steps are bounded, and what is cut off ends in …", () => {
    const bounds = { characters: 5, steps: 1_000 };
    assert.equal(renderRule(parseRuleTemplate("abc{{ $labels.job }}"), sample, bounds), "abcla…");
    const nested = "{{ range .Alerts }}{{ range $.Alerts }}x{{ end }}{{ end }}";
    const many = { ...message, alerts: Array.from({ length: 300 }, () => alert("a", "firing")) };
    const out = plainText(renderMessage(parseMessageTemplate(nested), many, { characters: 1e6, steps: 500 }));
    assert(out.endsWith("x…") && out.length < 501);
  });

  it("an emoji is never cut in half", () => {
    assert.equal(renderRule(parseRuleTemplate("a😀b"), sample, { characters: 2, steps: 9 }), "a…");
  });

  it("any text is either read or refused with a place in it, and what is read can be rendered", () => {
    const piece = fc.constantFrom(
      ...'{{|}}|{{-|-}}| |$labels|.job|.Labels|$value|"x"|`|(|)|if|else|end|range|with|printf|humanize|eq|1|2.5|\n|a|é|.|$|/*|*/|\'|\\|%'.split(
        "|",
      ),
      "|",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const source = pieces.join("");
        try {
          assert.equal(typeof renderRule(parseRuleTemplate(source), sample), "string");
        } catch (error) {
          assert(error instanceof TemplateError, String(error));
          const lines = source.split("\n");
          assert(error.line >= 1 && error.line <= lines.length);
          assert(error.column >= 1 && error.column <= (lines[error.line - 1] ?? "").length + 1);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it("a text without braces is itself", () => {
    const piece = fc.constantFrom("é", "😀", "{", "}", " ", "\n", "\t", "a", "|", '"', "-");
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join("");
        fc.pre(!text.includes("{{"));
        assert.equal(rule(text), text);
      }),
    );
  });
});

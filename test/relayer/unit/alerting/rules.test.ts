import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseDuration, printDuration } from "../../../../relayer/alerting/core/duration.ts";
import { prepare } from "../../../../relayer/alerting/core/evaluate.ts";
import { parseExposition } from "../../../../relayer/alerting/core/exposition.ts";
import { parseExpression } from "../../../../relayer/alerting/core/promql.ts";
import { parseRuleFile } from "../../../../relayer/alerting/core/rule-file.ts";
import { advance, afterGap, type Instance } from "../../../../relayer/alerting/core/rule-state.ts";
import { printProblem } from "../../../../relayer/alerting/core/rules.ts";
import { type Sample, SampleIndex } from "../../../../relayer/alerting/core/samples.ts";

/** What an expression finds among samples given as `name{labels} value`: the values. */
function find(text: string, page: string): readonly number[] {
  const parsed = parseExpression(text);
  assert("expression" in parsed, text);
  const read = parseExposition(page, 100);
  assert("samples" in read);
  const index = new SampleIndex();
  index.replace("test", read.samples, 1);
  return prepare(parsed.expression)(index, 1).map(({ value }) => value);
}

describe("an expression", () => {
  const page = 'up{job="a"} 1\nup{job="b"} 0\nlag{lane="x"} 5.5\nlag{lane="y"} NaN\n';
  for (const [text, found] of [
    ["up", [1, 0]],
    ["up == 0", [0]],
    ["up{job='a'} > 0.5", [1]],
    ['up{job=~"a|b"} >= 0', [1, 0]],
    ['up{job!~"a.*"}', [0]],
    ['{__name__="up", job="b"}', [0]],
    ['{"up", job!=""}', [1, 0]],
    ['up{job=~"."} != 1', [0]],
    ["lag > -Inf", [5.5]],
    ["lag != NaN", [5.5, NaN]],
    ["lag == NaN", []],
    ["lag < 0x6", [5.5]],
    ["lag <= 010", [5.5]],
    ["lag > +1e1", []],
    ["(lag) < (6) # a comment", [5.5]],
    ["lag < 1m", [5.5]],
    ["absent(gone)", [1]],
    ["absent(up)", []],
  ] as const)
    it(`${text} finds what Prometheus finds`, () => {
      assert.deepEqual(find(text, page), found);
    });

  for (const [text, line, column, said] of [
    ["sum(up) > 1", 1, 1, "selector"],
    ["up > 1 and up < 5", 1, 8, "operator and"],
    ["up\n  > bool 1", 2, 5, "bool"],
    ["up > up", 1, 6, "number"],
    ["1 < up", 1, 1, "selector"],
    ["up[5m] > 1", 1, 1, "selector"],
    ["up offset 5m > 1", 1, 1, "selector"],
    ["rate(up[5m])", 1, 1, "FunctionCall"],
    ["absent(up) == 1", 1, 1, "selector"],
    ["absent(sum(up))", 1, 7, "one selector"],
    ["up >", 1, 5, "too early"],
    ["up > 1 2", 1, 8, "unexpected"],
    ['up{a="b} > 1', 1, 13, "too early"],
    ['up{a="\\q"}', 1, 6, "escape"],
    ['up{a=~"("}', 1, 7, "RE2"],
    ['{a=~".*"}', 1, 1, "every series"],
    ['up{__name__="x"}', 1, 4, "twice"],
    ["", 1, 1, "too early"],
    ["up > 1 > 2", 1, 1, "selector"],
    ["-up > 1", 1, 1, "selector"],
    ['"text"', 1, 1, "StringLiteral"],
  ] as const)
    it(`${JSON.stringify(text)} is refused where it is not supported`, () => {
      const parsed = parseExpression(text);
      assert("problem" in parsed);
      assert.deepEqual([parsed.line, parsed.column], [line, column]);
      assert(parsed.problem.includes(said), parsed.problem);
    });

  it("takes linear time however the pattern is", () => {
    assert.deepEqual(find('x{a=~"(a*)*(a*)*(a*)*b"}', `x{a="${"a".repeat(20_000)}"} 1\n`), []);
  });

  it("selects through the index what a look at every sample selects", () => {
    const label = fc.constantFrom("", "a", "b", "ab");
    const labels = fc.record({ __name__: fc.constantFrom("up", "lag"), job: label, lane: label });
    const matcher = fc.record({
      name: fc.constantFrom("__name__", "job", "lane"),
      operator: fc.constantFrom("=", "!=", "=~", "!~"),
      value: fc.constantFrom("up", "a", "b", "a|b", ".+", ""),
    });
    fc.assert(
      fc.property(
        fc.array(labels, { maxLength: 12 }),
        fc.array(matcher, { minLength: 1, maxLength: 3 }),
        (all, matchers) => {
          const samples = all.map((each, i): Sample => ({ key: String(i), labels: each, value: i }));
          const index = new SampleIndex();
          index.replace("gone", samples, 1);
          index.replace("test", samples, 1);
          index.drop("gone");
          const fits = (each: (typeof all)[number]) =>
            matchers.every(({ name, operator, value }) => {
              const text = new Map(Object.entries(each)).get(name) ?? "";
              const isMatch = operator.includes("~")
                ? new RegExp(`^(?:${value})$`).test(text)
                : text === value;
              return isMatch === operator.startsWith("=");
            });
          const found = prepare({ kind: "select", matchers })(index, 1).map(({ value }) => value);
          assert.deepEqual(
            found.toSorted(),
            samples
              .filter((_, i) => fits(all[i] ?? assert.fail()))
              .map(({ value }) => value)
              .toSorted(),
          );
        },
      ),
    );
  });
});

describe("a duration", () => {
  it("is what Prometheus takes for one, and printed so that it is read again", () => {
    assert.deepEqual(
      ["1h30m", "0", "5m", "1d12h", "100ms", "1y2w"].map(parseDuration),
      [5_400_000, 0, 300_000, 129_600_000, 100, 32_745_600_000],
    );
    assert.deepEqual(
      ["", "5", "1.5h", "m5", "30m1h", "5 m", "1h1h", "999999999y"].map(parseDuration),
      Array.from({ length: 8 }, () => undefined),
    );
    fc.assert(
      fc.property(
        fc.nat({ max: 2 ** 40 }),
        (milliseconds) => parseDuration(printDuration(milliseconds)) === milliseconds,
      ),
    );
  });
});

describe("the state of a rule", () => {
  it("is that of a simple model, whatever holds when, and a clock that goes back changes nothing", () => {
    const step = fc.record({ holds: fc.boolean(), pass: fc.integer({ min: -20, max: 40 }) });
    const timing = fc.record({ for: fc.constantFrom(0, 30, 60), keepFiringFor: fc.constantFrom(0, 25) });
    fc.assert(
      fc.property(timing, fc.array(step, { maxLength: 30 }), (rule, steps) => {
        let now = 1_000;
        let instance: Instance | undefined;
        // The model keeps when the expression began and ceased to hold, and knows nothing of instances.
        let [since, ceased, fires] = [NaN, NaN, false];
        for (const { holds, pass } of steps) {
          now += Math.max(0, pass); // what the engine's clock makes of one that goes back
          instance = advance(instance, holds, { rule: "r", fingerprint: "f", labels: {} }, rule, now);
          if (holds) {
            if (Number.isNaN(since)) since = now;
            ceased = NaN;
            if (now - since >= rule.for) fires = true;
          } else if (fires) {
            if (Number.isNaN(ceased)) ceased = now;
            if (rule.keepFiringFor === 0 || now - ceased >= rule.keepFiringFor) fires = false;
          }
          if (!holds && !fires) since = NaN;
          assert.equal(instance?.state, fires ? "firing" : Number.isNaN(since) ? undefined : "pending");
        }
      }),
    );
  });

  it("counts no gap in which nobody looked", () => {
    const pending = advance(
      undefined,
      true,
      { rule: "r", fingerprint: "f", labels: {} },
      { for: 60, keepFiringFor: 0 },
      100,
    );
    assert(pending);
    const after = afterGap(pending, 1_000);
    assert.equal(advance(after, true, after, { for: 60, keepFiringFor: 0 }, 1_159)?.state, "pending");
    assert.equal(advance(after, true, after, { for: 60, keepFiringFor: 0 }, 1_160)?.state, "firing");
  });
});

describe("a rule file", () => {
  it("names line, column, key and mend of everything that is wrong, and none of it is used", () => {
    const text = `groups:
- name: a
  intervall: 5s
  rules:
  - alert: Fine
    expr: up == 0
  - record: sums
    expr: sum(up)
  - alert: Bad
    expr: |
      up
        > rate(up[5m])
    for: soon
    labels: { alertname: x }
    annotations: { summary: "{{ query }}" }
  - expr: up
- name: a
`;
    const parsed = parseRuleFile("r.yml", text);
    assert("problems" in parsed);
    const places = parsed.problems.map(({ line, column, key }) => `${line}:${column} ${key}`);
    assert.deepEqual(
      places.toSorted(),
      [
        "12:11 groups[0].rules[2].expr",
        "13:10 groups[0].rules[2].for",
        "14:15 groups[0].rules[2].labels.alertname",
        "16:5 groups[0].rules[3].alert",
        "17:3 groups[1].name",
        "3:3 groups[0].intervall",
        "7:5 groups[0].rules[1].record",
        "15:33 groups[0].rules[2].annotations.summary",
      ].toSorted(),
    );
    assert.match(printProblem(parsed.problems[0]), /^r\.yml:\d+:\d+: \S+: .+/);
  });

  it("names the place of a mistake inside a text, however that is written", () => {
    const head = "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    annotations:\n";
    const at = (scalar: string) => {
      const parsed = parseRuleFile("r.yml", `${head}      a: ${scalar}\n`);
      assert("problems" in parsed, scalar);
      const [{ line, column, key, problem }] = parsed.problems;
      assert.equal(key, "groups[0].rules[0].annotations.a", `${scalar}: ${problem}`);
      return `${line}:${column}`;
    };
    for (const [scalar, place] of [
      ["x {{ nosuch }}", "7:15"],
      ["'it''s {{ nosuch }}'", "7:20"],
      [String.raw`"\u00e9\" \U0001F600 {{ nosuch }}"`, "7:34"],
      ["|\n        one\n          two {{ nosuch }}", "9:18"],
      [">-\n        one\n        two {{ nosuch }}", "9:16"],
      ["one\n        two {{ nosuch }}", "8:16"],
      // YAML made another text of these: the scalar itself is named.
      [">\n        one\n\n        two {{ nosuch }}", "7:10"],
      ["|2\n          one {{ nosuch }}", "7:10"],
    ] as const)
      assert.equal(at(scalar), place, scalar);
  });

  it("that is no YAML, or no mapping, says where", () => {
    for (const text of ["groups: [", "- a", "groups: 5", "groups:\n- name: a\n  rules: {}"])
      assert("problems" in parseRuleFile("r.yml", text), text);
  });

  it("gives rules the labels of their group, and the same id as long as they mean the same", () => {
    const text = (expr: string, wait: string) =>
      `groups: [{ name: g, interval: 15s, limit: 3, labels: { team: x }, rules: [{ alert: A, expr: "${expr}", for: ${wait}, labels: { severity: 1 } }] }]`;
    const read = (expr: string, wait: string) => {
      const parsed = parseRuleFile("r.yml", text(expr, wait));
      assert("groups" in parsed);
      return parsed.groups[0] ?? assert.fail();
    };
    const group = read("up == 0", "1m");
    assert.deepEqual(
      [
        group.interval,
        group.limit,
        Object.entries(group.rules[0]?.labels ?? {}).map(([name, { text }]) => [name, text]),
      ],
      [
        15_000,
        3,
        [
          ["team", "x"],
          ["severity", "1"],
        ],
      ],
    );
    assert.equal(read("up == 0", "5m").rules[0]?.id, group.rules[0]?.id);
    assert.notEqual(read("up == 1", "1m").rules[0]?.id, group.rules[0]?.id);
  });
});

describe("a page of metrics", () => {
  it("is read as Prometheus reads it", () => {
    const page = `# HELP a Text with {braces} and "quotes"\n# TYPE a counter\na 1\na{x="1",y="a\\"b\\\\c\\nd}"} +Inf 1700000000\n{"ünïcode.name",x="1"} -0x10\nb{} .5 # {trace="1"} 2\n\nc {z="1" , } 1_000\n# EOF\n`;
    const read = parseExposition(page, 10);
    assert("samples" in read);
    assert.deepEqual(
      read.samples.map(({ labels, value }) => [labels, value]),
      [
        [{ __name__: "a" }, 1],
        [{ __name__: "a", x: "1", y: 'a"b\\c\nd}' }, Infinity],
        [{ __name__: "ünïcode.name", x: "1" }, -16],
        [{ __name__: "b" }, 0.5],
        [{ __name__: "c", z: "1" }, 1_000],
      ],
    );
  });

  it("that is malformed or too long is used in no part", () => {
    for (const page of [
      "a",
      "a{x=1} 1",
      'a{x="1} 1',
      "a one",
      "1a 1",
      'a{x="1",x="2"} 1',
      "{} 1",
      'a{"b"} 1',
      "a 1\nb 2\nc 3",
    ])
      assert("problem" in parseExposition(page, 2), page);
  });
});

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { stringify } from "yaml";
import { observe } from "../../../../relayer/alerting/core/alert.ts";
import { fingerprintOf } from "../../../../relayer/alerting/core/fingerprint.ts";
import { Inhibitor } from "../../../../relayer/alerting/core/inhibit.ts";
import type { Labels, Matcher } from "../../../../relayer/alerting/core/labels.ts";
import { parseMatchers } from "../../../../relayer/alerting/core/matcher-syntax.ts";
import { matchesAll, printMatchers } from "../../../../relayer/alerting/core/matchers.ts";
import { groupKeyOf, groupLabelsOf, placeRoutes, routesOf } from "../../../../relayer/alerting/core/route.ts";
import type { Route } from "../../../../relayer/alerting/core/routing-types.ts";
import { Heap } from "../../../../relayer/alerting/core/heap.ts";
import { routeOf } from "../../support/alerting.ts";

const amtool = spawnSync("amtool", ["--version"]).status === 0;
const skip = amtool ? false : "amtool is not installed (Debian: prometheus-alertmanager)";

const matcher: fc.Arbitrary<Matcher> = fc.record({
  name: fc.constantFrom("severity", "team", "lane"),
  operator: fc.constantFrom("=", "!=", "=~", "!~"),
  value: fc.constantFrom(
    "critical",
    "a",
    "b",
    "a|b",
    ".*",
    ".+",
    "",
    "[ab]",
    "a b",
    'q"uote',
    "back\\\\slash",
    "new\nline",
  ),
});
const labels: fc.Arbitrary<Labels> = fc.dictionary(
  fc.constantFrom("severity", "team", "lane"),
  fc.constantFrom("critical", "a", "b", "c"),
);
const node = (depth: number): fc.Arbitrary<Route> =>
  fc
    .record({
      matchers: fc.array(matcher, { maxLength: 2 }),
      continue: fc.boolean(),
      routes: depth === 0 ? fc.constant([]) : fc.array(node(depth - 1), { maxLength: 3 }),
    })
    .map((given) => routeOf(given));
/** Trees whose receivers are numbered, so that each node can be told from the others. */
const tree = node(2).map((root) => {
  let count = 0;
  const number = (route: Route): Route => ({
    ...route,
    receiver: `r${count++}`,
    routes: route.routes.map(number),
  });
  return number({ ...root, matchers: [], continue: false });
});

function receiversOf(route: Route): readonly string[] {
  return [route.receiver, ...route.routes.flatMap(receiversOf)];
}

function toYaml(route: Route): object {
  const matchers = route.matchers.map((each) => printMatchers([each]).slice(1, -1));
  return {
    receiver: route.receiver,
    ...(matchers.length > 0 ? { matchers } : {}),
    continue: route.continue,
    routes: route.routes.map(toYaml),
  };
}

describe("routes", () => {
  it("lead where amtool says", { skip }, () => {
    const folder = mkdtempSync(join(tmpdir(), "dchat-amtool-"));
    const file = join(folder, "alertmanager.yml");
    fc.assert(
      fc.property(tree, fc.array(labels, { minLength: 1, maxLength: 3 }), (root, all) => {
        writeFileSync(
          file,
          stringify({ route: toYaml(root), receivers: receiversOf(root).map((name) => ({ name })) }),
        );
        for (const each of all) {
          const given = Object.entries(each).map(([name, value]) => `${name}=${value}`);
          const said = execFileSync(
            "amtool",
            ["config", "routes", "test", `--config.file=${file}`, ...given],
            { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
          );
          assert.deepEqual(
            routesOf(placeRoutes(root), each).map(({ route }) => route.receiver),
            said.trim().split(","),
          );
        }
      }),
      { numRuns: 40 },
    );
    rmSync(folder, { recursive: true });
  });

  it("have Alertmanager's keys, and ids that tell twins apart", () => {
    const child = routeOf({
      matchers: [{ name: "severity", operator: "=", value: "critical" }],
      continue: true,
    });
    const root = placeRoutes(routeOf({ routes: [child, child] }));
    const [first = assert.fail(), second = assert.fail()] = root.children;
    assert.equal(
      groupKeyOf(first, { alertname: "A", lane: 'x"y' }),
      '{}/{severity="critical"}:{alertname="A", lane="x\\"y"}',
    );
    assert.notEqual(first.id, second.id);
    assert.deepEqual(groupLabelsOf(routeOf({ groupBy: ["a", "b"] }), { a: "1", c: "2" }), { a: "1" });
    assert.deepEqual(groupLabelsOf(routeOf({ groupBy: "all" }), { a: "1", c: "2" }), { a: "1", c: "2" });
  });
});

describe("matchers", () => {
  it("are read as they are printed", () => {
    const any = fc.record(
      {
        name: fc.string({ unit: "grapheme", minLength: 1 }),
        operator: fc.constantFrom("=" as const, "!=" as const),
        value: fc.string({ unit: "grapheme" }),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(any, { maxLength: 4 }), (matchers) => {
        const parsed = parseMatchers(printMatchers(matchers));
        assert("matchers" in parsed, printMatchers(matchers));
        assert.deepEqual(parsed.matchers, matchers);
      }),
    );
  });

  for (const [text, expected] of [
    ["a=b", ["a", "=", "b"]],
    ['{a=~ "b|c" }', ["a", "=~", "b|c"]],
    ['a="b\\d"', ["a", "=", "b\\d"]],
    ["a=b\\", ["a", "=", "b\\"]],
    ['"föö"!="bär"', ["föö", "!=", "bär"]],
    ["föö=🙂", ["föö", "=", "🙂"]],
    ['"a\\u00e4"="\\x41"', ["aä", "=", "A"]],
    ["a=", ["a", "=", ""]],
  ] as const)
    it(`${text} is what Alertmanager reads`, () => {
      const parsed = parseMatchers(text);
      assert("matchers" in parsed);
      assert.deepEqual(
        parsed.matchers.map(({ name, operator, value }) => [name, operator, value]),
        [expected],
      );
    });

  for (const text of ["a", 'a="b', "=b", 'a=~"("', 'ä="\\q"', "a=b,,c=d"])
    it(`${text} is refused`, () => {
      assert("problem" in parseMatchers(text));
    });
});

describe("inhibition", () => {
  const alertOf = (given: Labels) =>
    observe(
      undefined,
      {
        labels: given,
        annotations: {},
        generatorUrl: "",
        startsAt: 1,
        endsAt: undefined,
        resolveAfter: undefined,
      },
      1,
    ) ?? assert.fail();
  it("is that of Alertmanager's words: some source that fires, agrees, and is not itself a target where the target is a source", () => {
    const rule = fc.record({
      sourceMatchers: fc.array(matcher, { maxLength: 2 }),
      targetMatchers: fc.array(matcher, { maxLength: 2 }),
      equal: fc.subarray(["team", "lane"]),
    });
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 3 }),
        fc.array(fc.tuple(labels, fc.boolean()), { maxLength: 6 }),
        labels,
        (rules, alerts, target) => {
          const inhibitor = new Inhibitor(rules);
          const firing = new Map<string, Labels>();
          for (const [each, isOver] of alerts) {
            const alert = alertOf(each);
            inhibitor.update(isOver ? { ...alert, endsAt: 2 } : alert);
            if (isOver) firing.delete(alert.fingerprint);
            else firing.set(alert.fingerprint, each);
          }
          const expected = rules.some(({ sourceMatchers, targetMatchers, equal }) => {
            if (!matchesAll(targetMatchers, target)) return false;
            const isBoth = matchesAll(sourceMatchers, target);
            return [...firing.values()].some(
              (source) =>
                matchesAll(sourceMatchers, source) &&
                equal.every((name) => (source[name] ?? "") === (target[name] ?? "")) &&
                !(isBoth && matchesAll(targetMatchers, source)),
            );
          });
          assert.equal(inhibitor.inhibitedBy(target).length > 0, expected);
        },
      ),
    );
  });
});

describe("a fingerprint", () => {
  it("is FNV-1a of 64 bits over names and values in order, as in Prometheus", () => {
    const slow = (all: Labels) => {
      let hash = 0xcbf29ce484222325n;
      const add = (byte: number) => (hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn);
      for (const name of Object.keys(all).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
        for (const text of [name, all[name] ?? ""]) {
          for (const byte of Buffer.from(text)) add(byte);
          add(0xff);
        }
      return hash.toString(16).padStart(16, "0");
    };
    const text = fc.string({
      unit: fc.oneof(
        fc.string({ unit: "grapheme", maxLength: 1 }),
        fc.constantFrom("\u{1f642}", "\uffee", "ä"),
      ),
      maxLength: 5,
    });
    fc.assert(
      fc.property(fc.dictionary(text, text), (all) => {
        assert.equal(fingerprintOf(all), slow(all));
      }),
    );
    assert.equal(fingerprintOf({}), "cbf29ce484222325");
  });
});

describe("a heap", () => {
  it("gives back in order what it was given", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (numbers) => {
        const heap = new Heap<number>((a, b) => a - b);
        for (const number of numbers) heap.push(number);
        assert.deepEqual(
          numbers.map(() => heap.pop()),
          numbers.toSorted((a, b) => a - b),
        );
        assert.equal(heap.pop(), undefined);
      }),
    );
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { SaxesParser } from "saxes";
import { experimentSchema } from "../../../../relayer/chaos/core/experiment.ts";
import { htmlReport } from "../../../../relayer/chaos/core/report/html.ts";
import { jsonReport } from "../../../../relayer/chaos/core/report/json.ts";
import { markdownReport } from "../../../../relayer/chaos/core/report/markdown.ts";
import type { RecoveryMetrics } from "../../../../relayer/chaos/core/report/record.ts";
import {
  quantile,
  recoveriesOfBursts,
  recoveryOf,
  spreadOf,
} from "../../../../relayer/chaos/core/report/recovery.ts";
import { clock, timeMarks, valueMarks } from "../../../../relayer/chaos/core/report/scales.ts";
import { timelineOf } from "../../../../relayer/chaos/core/report/timeline.ts";
import { duration } from "../../../../relayer/chaos/core/report/words.ts";
import { hostileRecord, recordOf } from "../../support/experiment-record.ts";

/** The names of all elements of an XML text, with how often they occur; it must be well-formed. */
function elementsOf(xml: string): ReadonlyMap<string, number> {
  const names = new Map<string, number>();
  const parser = new SaxesParser();
  parser.on("opentag", ({ name }) => names.set(name, (names.get(name) ?? 0) + 1));
  parser.on("error", (error) => {
    throw error;
  });
  parser.write(xml).close();
  return names;
}

/** A page as XML: what a browser closes by itself is closed. */
const asXml = (html: string) =>
  html.replace("<!doctype html>", "").replaceAll(/<meta ([^>]*)>/g, "<meta $1/>");

const anyText = fc.oneof(
  fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 60 }),
  fc.constantFrom(
    "</title><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onload='x",
    "&amp;&lt;",
    "| a | b |\n# c",
    "[x](javascript:alert(1))",
  ),
);

describe("a timeline", () => {
  it("is well-formed, and has a bar for every fault and a line for every series", () => {
    const elements = elementsOf(timelineOf(recordOf()));
    assert.equal(elements.get("polyline"), 2);
    // The ground, three bands and three bars.
    assert.equal(elements.get("rect"), 7);
    assert.equal(elements.get("script"), undefined);
  });

  it("keeps everything within its width", () => {
    const xs = [...timelineOf(recordOf()).matchAll(/ x1?="([-\d.]+)"/g)].map(([, x]) => Number(x));
    assert.ok(xs.length > 20 && xs.every((x) => x >= 0 && x <= 960));
  });

  it("says so where there is nothing to draw", () => {
    const svg = timelineOf(recordOf({ faults: [], series: { throughput: [], latency: [] } }));
    assert.match(svg, /No fault was done/);
    assert.equal(svg.split("Nothing was measured").length - 1, 2);
    elementsOf(timelineOf(recordOf({ faults: [], phases: [], series: { throughput: [], latency: [] } })));
  });

  it("puts what is too much into one row, and counts it", () => {
    const [one] = recordOf().faults;
    assert.ok(one !== undefined);
    const svg = timelineOf(recordOf({ faults: Array.from({ length: 200 }, () => one) }));
    assert.match(svg, /and 187 more/);
    assert.equal(svg.split('class="fault"').length - 1, 200);
  });
});

describe("a report", () => {
  it("is JSON from which the record can be read again", () => {
    const record = recordOf();
    const read: unknown = JSON.parse(jsonReport(record));
    assert.partialDeepStrictEqual(read, { version: 1, id: "run-1", verdict: record.verdict, seed: 42 });
    assert.partialDeepStrictEqual(read, { recovery: { ...record.recovery, steady: null } });
  });

  it("is HTML in which everything that was said is text, whatever it is", () => {
    const honest = elementsOf(asXml(htmlReport(hostileRecord("plain"))));
    fc.assert(
      fc.property(anyText, (text) => {
        const html = htmlReport(hostileRecord(text));
        assert.deepEqual(elementsOf(asXml(html)), honest);
        assert.doesNotMatch(html, /<script|<img/);
      }),
      { numRuns: 50 },
    );
  });

  it("is HTML that loads and runs nothing, for light and for dark", () => {
    const html = htmlReport(recordOf());
    assert.match(html, /default-src 'none'/);
    assert.match(html, /prefers-color-scheme:dark/);
    assert.doesNotMatch(html, /<script|<link|<img|@import|url\(|\son[a-z]+=|src=/);
    assert.deepEqual(
      [...html.matchAll(/https?:\/\/[^"' ]+/g)].map(([url]) => url),
      ["http://www.w3.org/2000/svg"],
    );
  });

  it("is Markdown in which everything that was said stays in its place", () => {
    const lines = (text: string) =>
      markdownReport(hostileRecord(text))
        .split("\n")
        .map((line) => line.replaceAll(/\\./g, "").replaceAll(/[^|#]/g, ""));
    const honest = lines("plain");
    fc.assert(
      fc.property(anyText, (text) => {
        fc.pre(text.trim() !== "");
        assert.deepEqual(lines(text), honest);
        assert.doesNotMatch(markdownReport(hostileRecord(text)), /(?<!\\)[<>]|(?<!\\)\]\(/);
      }),
      { numRuns: 50 },
    );
  });

  it("says what the checker found, what did not bite, and what could not be measured", () => {
    const text = markdownReport(
      recordOf({ violations: [{ rule: "quorum", text: "Nobody signed." }] }),
      "timeline.svg",
    );
    for (const part of [
      /\| quorum \| Nobody signed\. \|/,
      /did not bite: round trip/,
      /could not be measured \| no/,
      /portable: proxy/,
      /\(<timeline\.svg>\)/,
    ])
      assert.match(text, part);
    assert.match(markdownReport(recordOf()), /no message was lost, doubled or forged/);
  });
});

describe("axes", () => {
  it("have no more marks than asked, from 0 on, in equal steps", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 8 }), (length) => {
        const marks = timeMarks(length, 10);
        assert.ok(marks.length <= 11 && marks[0] === 0 && (marks.at(-1) ?? 0) <= length);
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), (most) => {
        const marks = valueMarks(most);
        assert.ok(marks[0] === 0 && (marks.at(-1) ?? 0) >= most * (1 - 1e-9) && marks.length <= 5);
      }),
    );
  });

  it("say times as people do", () => {
    assert.deepEqual([0, 500, 45_000, 90_000, 600_000].map(clock), ["0", "0.5 s", "45 s", "1:30", "10:00"]);
    assert.deepEqual([undefined, 12.4, 2_340, 90_000].map(duration), [
      "never",
      "12 ms",
      "2.3 s",
      "1 min 30 s",
    ]);
  });
});

describe("recovery", () => {
  const experiment = experimentSchema.parse({
    ...recordOf().experiment,
    steadyState: {
      title: "s",
      probes: [{ name: "backlog", measure: "backlog", tolerance: { most: 5 } }],
    },
  });
  const facts = {
    experiment,
    injectedAt: 1_000,
    healedAt: 5_000,
    noticedAt: [900, 2_500, 1_800],
    executedAt: [4_000, 6_000, 5_300],
    samples: [
      { at: 4_500, values: { backlog: 0 } },
      { at: 5_500, values: { backlog: 40 } },
      { at: 6_500, values: { backlog: 2 } },
      { at: 7_500, values: { backlog: 9 } },
      { at: 8_500, values: { backlog: 1 } },
    ],
    backlogAtRest: 3,
  };

  it("counts from the first fault until it is noticed, and from healing to the rest", () => {
    assert.deepEqual(recoveryOf(facts), { detect: 800, firstSuccess: 300, drained: 1_500, steady: 3_500 });
  });

  it("says never for what did not happen", () => {
    const never = { detect: undefined, firstSuccess: undefined, drained: undefined, steady: undefined };
    assert.deepEqual(recoveryOf({ ...facts, noticedAt: [], executedAt: [], samples: [] }), never);
    const broken = [{ at: 6_000, values: { backlog: 9 } }];
    assert.equal(recoveryOf({ ...facts, samples: broken }).steady, undefined);
    assert.equal(recoveryOf({ ...facts, samples: [{ at: 6_000, values: {} }] }).drained, undefined);
  });

  it("counts of a burst from where all of it is healed, whichever fault was the last", () => {
    const step = (startMilliseconds: number) => ({ startMilliseconds, durationMilliseconds: 2_000 });
    // Two overlap directly, the third by way of the second; then calm; then one, and one that was not done.
    const method = [step(0), step(1_500), step(3_000), step(9_000), step(20_000)];
    const faults = [
      { step: 0, healedAt: 2_000, firstSuccess: 4_700 },
      { step: 1, healedAt: 6_500, firstSuccess: 200 },
      { step: 2, healedAt: 5_000, firstSuccess: 1_700 },
      { step: 3, healedAt: 11_000, firstSuccess: null },
    ];
    assert.deepEqual(recoveriesOfBursts(method, faults), [200, undefined]);
    assert.deepEqual(recoveriesOfBursts(method.toReversed(), []), []);
    const backwards = faults.map((fault) => ({ ...fault, step: 4 - fault.step }));
    assert.deepEqual(recoveriesOfBursts(method.toReversed(), backwards), [200, undefined]);
  });

  it("has quantiles that are among the values, and that enough of them do not exceed", () => {
    const values = fc.array(fc.option(fc.integer({ min: 0, max: 10_000 }), { nil: undefined }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(values, fc.constantFrom(0.5, 0.95), (all, share) => {
        const found = quantile(all, share);
        assert.ok(all.includes(found));
        const within = all.filter((each) => (each ?? Infinity) <= (found ?? Infinity)).length;
        assert.ok(within >= share * all.length);
      }),
    );
  });

  it("counts runs that never recovered as the slowest", () => {
    const run = (steady: number | undefined): RecoveryMetrics => ({
      ...{ detect: 1, firstSuccess: 2, drained: 3 },
      steady,
    });
    const spread = spreadOf([
      ...Array.from({ length: 18 }, (_, i) => run(i)),
      run(undefined),
      run(undefined),
    ]);
    assert.deepEqual(spread.steady, { runs: 20, never: 2, p50: 9, p95: undefined });
    assert.deepEqual(spread.detect, { runs: 20, never: 0, p50: 1, p95: 1 });
  });
});

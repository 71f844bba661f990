import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ALL, BENCHES } from "../../bench/benches.ts";
import { LIMITS } from "../../bench/limits.ts";
import { compare, findFaults } from "../../bench/report/compare.ts";
import { joinPeers, peersOf, readReport } from "../../bench/report/result.ts";
import { sayVerdict, sumUp, tableOf } from "../../bench/report/words.ts";

const one = (figures: Record<string, number>, limits: Parameters<typeof compare>[1], peers = {}) => {
  const [first, ...more] = compare(figures, limits, peers);
  assert(first !== undefined && more.length === 0);
  return first;
};

describe("bench: the verdict on a figure", () => {
  const cases = [
    { ours: 100, limit: { max: 100 }, verdict: "met" },
    { ours: 101, limit: { max: 100 }, verdict: "missed" },
    { ours: 100, limit: { min: 100 }, verdict: "met" },
    { ours: 99.9, limit: { min: 100 }, verdict: "missed" },
    { ours: 0, limit: { max: 0 }, verdict: "met" },
    { ours: 1, limit: { max: 0 }, verdict: "missed" },
    { ours: NaN, limit: { max: 100 }, verdict: "missed" },
    { ours: NaN, limit: { min: 100 }, verdict: "missed" },
    { ours: 5, limit: { min: 1, max: 4 }, verdict: "missed" },
    { ours: 5, limit: { aim: 1, peer: 4 }, verdict: "no limit" },
  ] as const;
  for (const { ours, limit, verdict } of cases)
    it(`is "${verdict}" for ${ours} within ${JSON.stringify(limit)}`, () => {
      assert.equal(one({ key: ours }, { key: limit }).verdict, verdict);
    });

  it("is that it was not measured, where there is a limit and no figure, and that is a fault", () => {
    const compared = compare({ b: 1 }, { a: { max: 1 }, b: { max: 1 }, c: { max: 0 } }, {});
    assert.deepEqual(
      compared.map(({ key, verdict }) => [key, verdict]),
      [
        ["a", "not measured"],
        ["b", "met"],
        ["c", "not measured"],
      ],
    );
    assert.deepEqual(
      findFaults(compared).map(({ key }) => key),
      ["a", "c"],
    );
  });

  it("tells the aim from the limit, whichever way is better", () => {
    const said = (ours: number, limit: object) => sayVerdict(one({ key: ours }, { key: limit }));
    assert.equal(said(50, { max: 60, aim: 50 }), "met, and the aim");
    assert.equal(said(51, { max: 60, aim: 50 }), "met, not the aim");
    assert.equal(said(61, { max: 60, aim: 50 }), "missed");
    assert.equal(said(9, { min: 5, aim: 10 }), "met, not the aim");
    assert.equal(said(10, { min: 5, aim: 10 }), "met, and the aim");
    assert.equal(said(1, {}), "");
  });
});

describe("bench: peers", () => {
  it("are ordered from the best, which the ratio is to", () => {
    const peers = {
      key: [
        { by: "X", value: 200 },
        { by: "Y", value: 50 },
      ],
    };
    const less = one({ key: 100 }, { key: { max: 400 } }, peers);
    assert.deepEqual([less.peers[0]?.by, less.toPeer, less.toLimit], ["Y", 2, 0.25]);
    const more = one({ key: 100 }, { key: { min: 400 } }, peers);
    assert.deepEqual([more.peers[0]?.by, more.toPeer, more.toLimit], ["X", 0.5, 0.25]);
  });

  it("are the published ones only where none was measured", () => {
    const limits = { key: { max: 10, peer: 4 } };
    assert.deepEqual(one({ key: 2 }, limits).peers, [{ by: "published", value: 4, isPublished: true }]);
    assert.deepEqual(one({ key: 2 }, limits, { key: [{ by: "X", value: 8 }] }).peers, [
      { by: "X", value: 8 },
    ]);
  });

  it("give no ratio to zero, nor of what was not measured", () => {
    assert.equal(one({ key: 0 }, { key: { max: 0, peer: 0 } }).toLimit, undefined);
    assert.equal(one({ key: 0 }, { key: { max: 0, peer: 0 } }).toPeer, undefined);
    assert.equal(one({}, { key: { max: 2, peer: 3 } }).toPeer, undefined);
  });

  it("are found by their keys, whoever is missing", () => {
    const names = {
      "peer.a": { figure: "a", by: "X" },
      "peer.b": { figure: "a", by: "Y" },
      "peer.c": { figure: "c", by: "Z" },
    };
    const found = peersOf({ "peer.a": 1, "peer.b": 2, a: 3 }, names);
    assert.deepEqual(found, {
      a: [
        { by: "X", value: 1 },
        { by: "Y", value: 2 },
      ],
    });
    assert.deepEqual(joinPeers(found, { a: [{ by: "W", value: 0 }], d: [] }), {
      a: [
        { by: "X", value: 1 },
        { by: "Y", value: 2 },
        { by: "W", value: 0 },
      ],
      d: [],
    });
  });
});

describe("bench: words", () => {
  const compared = compare(
    { rate: 1_234.5678, gas: 77_808, rest: 3 },
    { gas: { max: 78_000, peer: 87_300 }, rate: { min: 2_000 }, gone: { max: 1 } },
    {},
  );

  it("make a table of every figure, numbers to the right", () => {
    assert.deepEqual(tableOf(compared).split("\n"), [
      "figure       ours    peer  by            limit  aim  verdict       ours:peer  ours:limit",
      "gas        77,808  87,300  published  ≤ 78,000       met                0.89        1.00",
      "rate    1,234.568                      ≥ 2,000       missed                         0.62",
      "gone                                       ≤ 1       not measured",
      "rest            3",
    ]);
  });

  it("sum up what is not met, by name", () => {
    assert.equal(sumUp("x", compared), "x: 1 of 3 limits met; not met: rate, gone (not measured).");
    assert.equal(sumUp("x", compare({ a: 1 }, { a: { max: 1 } }, {})), "x: all 1 limits met.");
    assert.equal(sumUp("x", compare({ a: 1 }, {}, {})), "x: no limits are set.");
  });
});

describe("bench: reports", () => {
  const report = { figures: { a: 1 }, about: { what: "w", peers: { "peer.a": 2 }, note: [1] } };

  it("are the last line, whatever is above", () => {
    assert.deepEqual(readReport(`a table\n{"figures":{}}\n${JSON.stringify(report)}\n`), report);
  });

  for (const [what, said] of Object.entries({
    "nothing was said": "",
    "the last line is a table's": `${JSON.stringify(report)}\na  1\n`,
    "a figure is no number": JSON.stringify({ ...report, figures: { a: NaN } }),
    "it says nothing of peers": JSON.stringify({ figures: {}, about: { what: "w" } }),
  }))
    it(`are none where ${what}`, () => {
      assert.equal(readReport(said), undefined);
    });
});

describe("bench: the catalogue", () => {
  it("has limits for every benchmark that is run where none is named, and for no other", () => {
    assert.deepEqual(Object.keys(LIMITS).toSorted(), [...ALL].toSorted());
  });

  it("names as peers' figures only what begins so", () => {
    for (const { peers = {} } of Object.values(BENCHES))
      for (const key of Object.keys(peers)) assert.match(key, /^peer\./);
  });
});

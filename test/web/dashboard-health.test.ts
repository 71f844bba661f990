import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fullStatusView } from "../../relayer/api/list-schema.ts";
import { fleetView } from "../../relayer/api/operator-schema.ts";
import { answersOf, publicAnswers } from "../../web/dashboard/core/health.ts";
import { retryMilliseconds, staleWords } from "../../web/dashboard/core/line.ts";
import {
  chartData,
  showNumber,
  showSeconds,
  showTick,
  summaryOf,
} from "../../web/dashboard/core/measures.ts";
import { seatWords, showSets } from "../../web/dashboard/core/validators.ts";
import { fakeFleet, fakeStatus } from "../e2e/support/fake-fleet.ts";

const words = (answers: ReturnType<typeof answersOf>) => answers.map(({ word, tone }) => [word, tone]);

describe("the three answers of the dashboard", () => {
  it("say that all is well", () => {
    const answers = answersOf(fleetView.parse(fakeFleet("usual")));
    assert.deepEqual(words(answers), [
      ["Moving", "good"],
      ["Safe", "good"],
      ["Nobody", "good"],
    ]);
    assert.equal(answers[1]?.text, "Everything minted is covered, and one validator more may go missing.");
  });

  it("say what is wrong, what it means for money, and who is missing", () => {
    const answers = answersOf(fleetView.parse(fakeFleet("trouble")));
    assert.deepEqual(words(answers), [
      ["Stalled", "bad"],
      ["At risk", "warn"],
      ["2 missing", "bad"],
    ]);
    assert.match(answers[0]?.text ?? "", /17 messages on the way.*9 minutes\. It is locked, not lost\./);
    assert.match(answers[2]?.text ?? "", /that is no quorum/);
  });

  it("call unknown what is not known, and never safe", () => {
    const fleet = fleetView.parse(fakeFleet("usual"));
    const unknown = {
      ...fleet,
      quorums: [],
      health: { ...fleet.health, value: "unknown", safety: "unknown" },
    };
    assert.deepEqual(
      words(answersOf(fleetView.parse(fleetView.encode(unknown as typeof fleet)))),
      Array.from({ length: 3 }, () => ["Unknown", "unknown"]),
    );
  });

  it("say what is known of the money where it is not known who signs", () => {
    const fleet = fleetView.parse(fakeFleet("usual"));
    const textOf = (isWhole: boolean | null) => {
      const holdings = fleet.holdings.map((each) => ({ ...each, isWhole }));
      return answersOf({ ...fleet, holdings, health: { ...fleet.health, safety: "unknown" } })[1]?.text;
    };
    assert.match(textOf(true) ?? "", /^Everything minted is covered; who signs is not known/);
    assert.match(textOf(null) ?? "", /cannot be read/);
  });

  it("tell somebody without a session what everybody may know, and that a set has expired", () => {
    const status = fullStatusView.parse(fakeStatus("trouble"));
    const now = Math.floor(Date.now() / 1_000);
    assert.deepEqual(words(publicAnswers(status, now)), [
      ["17 messages on the way", "unknown"],
      ["Unknown", "unknown"],
      ["Unknown", "unknown"],
    ]);
    const [, safety] = publicAnswers(status, now + 2 * 86_400);
    assert.equal(safety?.tone, "bad");
    assert.match(safety.text, /A and B has expired.*No money is lost/);
  });
});

describe("the line to the fleet", () => {
  const line = { heardAt: 100_000, openedAt: 0 };
  it("is fresh for five seconds after what was heard last", () => {
    assert.equal(staleWords(line, 104_999), undefined);
    assert.match(
      staleWords(line, 105_000) ?? "",
      /^Nothing new since .*, 5 seconds ago: .*Money is not affected/,
    );
  });
  it("is given as much time for the first word", () => {
    assert.equal(staleWords({ heardAt: undefined, openedAt: 0 }, 4_999), undefined);
    assert.match(staleWords({ heardAt: undefined, openedAt: 0 }, 5_000) ?? "", /Nothing has been heard/);
  });
  it("is asked for again after ever longer, and not for ever longer", () => {
    assert.deepEqual(
      [1, 2, 3, 5, 6, 60].map(retryMilliseconds),
      [1_000, 2_000, 4_000, 16_000, 30_000, 30_000],
    );
  });
});

describe("what was measured", () => {
  const history = {
    times: [1_000, 2_000, 3_000],
    series: { delivered: [1, null, 3], "gas:B": [2, 2, null], "gas:A": [null, null, null] },
  };
  it("keeps what was not measured apart from zero", () => {
    assert.deepEqual(chartData(history, { "gas:": "Chain ", lag: "Lag" }), {
      times: [1, 2, 3],
      series: [
        { name: "Chain A", values: [null, null, null] },
        { name: "Chain B", values: [2, 2, null] },
        { name: "Lag", values: [] },
      ],
    });
    assert.deepEqual([showNumber(null), showNumber(0), showSeconds(undefined)], ["–", "0", "–"]);
    for (const value of [0, 0.25, 200_000, 16_777_216, 2_500_000_000])
      assert(showTick(value).length <= 5, "it fits beside an axis");
  });
  it("is told in a sentence to whoever does not see a chart", () => {
    const [accepted] = chartData(history, { delivered: "Accepted" }).series;
    assert(accepted !== undefined);
    assert.equal(summaryOf(accepted, "a second"), "Accepted: now 3 a second, at most 3 a second.");
    assert.equal(summaryOf({ name: "Gas", values: [null] }, ""), "Gas: nothing was measured.");
  });
});

describe("seats of a validator set", () => {
  it("have signed, are late, are missing, or are not known", () => {
    assert.deepEqual(
      [0, 4, 10, 90, null].map((behind) => seatWords(behind).tone),
      ["good", "good", "warn", "bad", "unknown"],
    );
  });
  it("are the chains' for whoever is not signed in, who does not learn who signs", () => {
    const [set] = showSets(undefined, fullStatusView.parse(fakeStatus("usual")));
    assert.deepEqual(
      [set?.present, set?.seats.map(({ behind }) => behind)],
      [undefined, Array(3).fill(undefined)],
    );
    const [known] = showSets(fleetView.parse(fakeFleet("trouble")), undefined);
    assert.deepEqual([known?.present, known?.seats.map(({ behind }) => behind)], [1, [0, 540, 540]]);
  });
});

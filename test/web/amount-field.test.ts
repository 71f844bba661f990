import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { chainName } from "../../relayer/domain/ids.ts";
import { type AmountFacts, judgeAmount, mostSendable } from "../../web/dapp/core/amount-field.ts";

const terms = {
  symbol: "DEMO",
  ...{ from: chainName.parse("A"), to: chainName.parse("B") },
  outgoing: { available: 500_000n, capacity: 800_000n, windowSeconds: 3_600 },
  incoming: { available: 400_000n, capacity: 800_000n, windowSeconds: 3_600 },
  delay: { threshold: 300_000n, seconds: 86_400 },
  unit: 10n,
  pausedUntil: { origin: 0, destination: 0 },
};
const facts: AmountFacts = { text: "", decimals: 3, symbol: "DEMO", balance: 900_000n, terms };
const judge = (change: Partial<AmountFacts>) => judgeAmount({ ...facts, ...change });
const refused = (change: Partial<AmountFacts>) => {
  const state = judge(change);
  return state.kind === "refused" ? state.message : assert.fail(JSON.stringify(state.kind));
};
const notices = (change: Partial<AmountFacts>) => {
  const state = judge(change);
  return state.kind === "ready" ? state.notices.join(" ") : assert.fail(state.kind);
};

describe("the field for an amount", () => {
  it("says nothing before anything is typed, and takes what fits", () => {
    assert.deepEqual(judge({ text: "  " }), { kind: "empty" });
    assert.deepEqual(judge({ text: " 12.5 " }), { kind: "ready", amount: 12_500n, notices: [] });
  });

  it("refuses what is no amount, too much, or cannot cross, and says that nothing was sent", () => {
    const cases: readonly (readonly [Partial<AmountFacts>, RegExp])[] = [
      [{ text: "x" }, /not a positive decimal number/],
      [{ text: "1.2345" }, /4 digits behind the point/],
      [{ text: "0" }, /zero/],
      [{ text: "900.001" }, /You have 900 DEMO/],
      [{ text: "801", balance: undefined }, /in parts/],
      [{ text: "501" }, /Only 500 DEMO may leave A now/],
      [{ text: "0.009" }, /smallest amount/],
    ];
    for (const [change, expected] of cases) {
      assert.match(refused(change), expected);
      assert.match(refused(change), /Nothing was sent/);
    }
    assert.match(
      refused({ text: "1", terms: { ...terms, pausedUntil: { origin: 9, destination: 0 } } }),
      /paused/,
    );
  });

  it("lets pass, with a notice, what will wait on the other side, and what stays as dust", () => {
    assert.match(notices({ text: "300" }), /waits 1 day on B/);
    assert.match(notices({ text: "450" }), /Only 400 DEMO may arrive on B now/);
    assert.match(notices({ text: "1.005" }), /0.005 DEMO are too small to cross/);
    const paused = { ...terms, pausedUntil: { origin: 0, destination: 9 } };
    assert.match(notices({ text: "1", terms: paused }), /bridge on B is paused/);
  });

  it("never fills in more than it takes itself", () => {
    fc.assert(
      fc.property(fc.bigInt(10n, 2_000_000n), fc.bigInt(10n, 800_000n), (balance, available) => {
        const limits = { ...terms, outgoing: { ...terms.outgoing, available } };
        const most = mostSendable(balance, limits);
        const text = `${most / 1_000n}.${String(most % 1_000n).padStart(3, "0")}`;
        const state = judge({ text, balance, terms: limits });
        assert.equal(state.kind, "ready", text);
        assert.equal(most % terms.unit, 0n);
      }),
    );
  });
});

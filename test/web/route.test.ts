import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readRoute, titleOf } from "../../web/dapp/core/route.ts";
import { chainName } from "../../relayer/domain/ids.ts";
import { ageOf } from "../../web/shared/core/freshness.ts";
import { shorten, showAmount, showCountdown, showSpan } from "../../web/shared/core/format.ts";

const id = `0x${"Ab".repeat(32)}`;

describe("addresses of views", () => {
  it("leads to each view, and says so where there is none", () => {
    assert.deepEqual(readRoute(""), { view: "bridge" });
    assert.deepEqual(readRoute("#/bridge"), { view: "bridge" });
    assert.deepEqual(readRoute(`#/transfer/${id}`), { view: "transfer", id: id.toLowerCase() });
    assert.deepEqual(readRoute("#/escrows"), { view: "escrows", role: "buyer" });
    assert.deepEqual(readRoute("#/escrows/arbiter"), { view: "escrows", role: "arbiter" });
    assert.deepEqual(readRoute("#/escrow/new"), { view: "new-escrow" });
    assert.deepEqual(readRoute(`#/escrow/${id}`), { view: "escrow", id: id.toLowerCase() });
    for (const wrong of ["#/transfer/0x12", "#/escrows/judge", "#/escrow/<script>", "#/admin"])
      assert.deepEqual(readRoute(wrong), { view: "nowhere" });
    assert.equal(titleOf(readRoute("#/escrow/new")), "New escrow · dchat");
  });
});

describe("numbers and times for people", () => {
  it("loses no digit of an amount", () => {
    assert.match(
      showAmount(123_456_789_012_345_678_901_234_567n, 18, "DEMO"),
      /123,456,789\.012345678901234567 DEMO/,
    );
    assert.equal(showAmount(12_500n, 3, "DEMO"), "12.5 DEMO");
  });

  it("says spans by their two largest units", () => {
    assert.equal(showSpan(0), "0 seconds");
    assert.equal(showSpan(61), "1 minute 1 second");
    assert.equal(showSpan(3_600), "1 hour");
    assert.equal(showSpan(90_061), "1 day 1 hour");
    assert.equal(showSpan(11 * 86_400 + 3_600), "11 days");
    assert.equal(showCountdown(100, 40), "in 1 minute");
    assert.equal(showCountdown(40, 100), "1 minute ago");
    assert.equal(showCountdown(90_061, 0, 1), "in 1 day");
  });

  it("shortens what is long, and nothing else", () => {
    assert.equal(shorten(id), "0xAbAb…AbAb");
    assert.equal(shorten("0x1234"), "0x1234");
  });
});

describe("the age of a list", () => {
  const chain = (name: string, lagSeconds: number | null) => ({
    ...{ chain: chainName.parse(name), lagSeconds },
    ...{ block: 1, head: 1, final: 1, lagBlocks: 0 },
  });

  it("is said once it is old, with the chains that are behind, and not before", () => {
    assert.equal(ageOf([chain("A", 0), chain("B", 60)]), undefined);
    assert.match(ageOf([chain("A", 61), chain("B", 0)]) ?? "", /behind on A\. No money is affected/);
    assert.match(ageOf([chain("A", null), chain("B", 99)]) ?? "", /behind on A and B/);
  });
});

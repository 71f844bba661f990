import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { messageDetail } from "../../relayer/api/wallet-schema.ts";
import { listedMessage } from "../../relayer/api/list-schema.ts";
import { type JourneyFacts, journeyOf } from "../../web/dapp/core/journey.ts";

const hash = (byte: string) => `0x${byte.repeat(32)}`;
const account = "0x00000000000000000000000000000000000000AA";
const base = {
  messageId: hash("11"),
  lane: { id: hash("22"), from: "A", to: "B" },
  nonce: "3",
  ...{ sender: account, recipient: account },
  source: { chain: "A", transactionHash: hash("33"), blockNumber: 10 },
};
const destination = { chain: "B", transactionHash: hash("44"), blockNumber: 20 };
const detail = (change: object) =>
  messageDetail.parse({
    ...base,
    ...{ state: "sent", destination: null, waiting: null, kept: null },
    attestations: { count: 0, threshold: 2, validators: 3 },
    originBlocks: { newest: 12, final: 7 },
    ...change,
  });
const listed = (change: object) =>
  listedMessage.parse({
    ...base,
    ...{ state: "sent", destination: null, transfer: null, isFinal: false, attestations: null },
    ...{ sentAt: 1_000, deliveredAt: null },
    ...change,
  });
const NOTHING: JourneyFacts = {
  ...{ from: "A", to: "B", finality: { depth: 5 } },
  ...{ fate: undefined, detail: undefined, listed: undefined, signedAt: undefined },
  ...{ hasFailed: false, why: undefined },
};
const journey = (change: Partial<JourneyFacts>, now = 1_030) => journeyOf({ ...NOTHING, ...change }, now);
const states = (change: Partial<JourneyFacts>) =>
  journey(change)
    .steps.map(({ state }) => state.charAt(0))
    .join("");

describe("the way of a transfer", () => {
  it("begins with a signature, and waits for a block", () => {
    assert.equal(states({ fate: { kind: "pending" }, signedAt: 1_000 }), "dcaaa");
    assert.equal(states({ fate: { kind: "included", blockNumber: 10, blockHash: hash("55") } }), "ddcaa");
    assert.equal(journey({ fate: { kind: "pending" }, signedAt: 1_000 }).elapsed, 30);
  });

  it("counts confirmations up to those that are needed", () => {
    const { steps } = journey({ detail: detail({}) });
    assert.deepEqual(steps[2]?.progress, { count: 2, of: 5 });
    const late = journey({ detail: detail({ originBlocks: { newest: 99, final: 7 } }) });
    assert.deepEqual(late.steps[2]?.progress, { count: 5, of: 5 });
    const tagged = journey({ finality: { tag: "finalized" }, detail: detail({}) });
    assert.equal(tagged.steps[2]?.progress, undefined);
    assert.match(tagged.steps[2]?.detail ?? "", /block 7 finalized; this is block 10/);
  });

  it("counts attestations up to the threshold, then waits for the delivery", () => {
    const attested = { count: 1, threshold: 2, validators: 3 };
    const final = journey({ detail: detail({ state: "final", attestations: attested }) });
    assert.deepEqual(final.steps[3]?.progress, { count: 1, of: 2 });
    assert.match(final.steps[3].detail, /1 of 3 validators have signed; 2 must/);
    assert.equal(states({ detail: detail({ state: "attested" }) }), "ddddc");
  });

  it("ends with the delivery, and knows how long it took by the chains' clocks", () => {
    const facts = {
      detail: detail({ state: "delivered", attestations: null, destination }),
      listed: listed({ state: "delivered", deliveredAt: 1_012, destination }),
      signedAt: 900,
    };
    const done = journey(facts);
    assert.deepEqual([done.isOver, done.tone, done.elapsed], [true, "good", 12]);
    assert.equal(states(facts), "ddddd");
    assert.equal(done.steps[4]?.transaction?.hash, destination.transactionHash);
    assert.match(journey({ ...facts, hasFailed: true }).steps[4]?.detail ?? "", /at another try/);
  });

  it("still says of a transfer that was sent again with another fee, and counts once", () => {
    const facts = { detail: detail({ state: "attested" }), signedAt: 1_000 };
    const sped = journey({ ...facts, fate: { kind: "repriced", hash: hash("66") } });
    assert.match(sped.steps[0]?.detail ?? "", /another fee.*counts once/);
    assert.match(journey(facts).steps[0]?.detail ?? "", /signed and sent it/);
  });

  it("does not call a large transfer delivered while it waits to be paid", () => {
    const waiting = { bridge: account, releaseAt: 5_000, isHeld: true, amount: "1" };
    const facts = { detail: detail({ state: "delivered", attestations: null, destination, waiting }) };
    const waits = journey(facts);
    assert.deepEqual([waits.isOver, waits.tone], [false, "warn"]);
    assert.match(waits.meaning, /postponed it once/);
    assert.match(journey(facts, 5_000).meaning, /anybody can have it paid now/);
  });

  it("says of a failed delivery that the money is kept, and who can try again", () => {
    const kept = { gasLimit: "200000", payload: "0x", reason: "0x" };
    const failed = journey({
      detail: detail({ state: "failed", attestations: null, destination, kept }),
      why: "The bridge is paused.",
    });
    assert.match(failed.meaning, /could not pay it. The bridge is paused. .*not lost.*dchat message retry/);
    assert.equal(failed.steps[4]?.state, "trouble");
    assert.equal(failed.isOver, false);
  });

  it("says for every trouble before the bridge where the money is, and what to do", () => {
    const fates = {
      reverted: [{ kind: "reverted", blockNumber: 4 }, /still in your wallet/, true],
      repriced: [{ kind: "repriced", hash: hash("66") }, /counts once/, false],
      cancelled: [{ kind: "cancelled", hash: hash("66") }, /nothing was transferred/, true],
      replaced: [{ kind: "replaced", hash: undefined }, /took nothing; send it again/, true],
      reorged: [{ kind: "reorged" }, /counts once/, false],
      dropped: [{ kind: "dropped" }, /nothing was taken/, false],
    } as const;
    for (const [fate, meaning, isOver] of Object.values(fates)) {
      const trouble = journey({ fate, signedAt: 1_000 });
      assert.match(trouble.meaning, meaning);
      assert.equal(trouble.isOver, isOver);
      assert.equal(states({ fate, signedAt: 1_000 }), "dtaaa");
    }
  });
});

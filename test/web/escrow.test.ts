import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { keccak256 } from "ethers";
import { digestAgreement } from "../../relayer/commands/escrow/options.ts";
import { escrowDetail } from "../../relayer/api/list-schema.ts";
import { packTerms, validateTerms } from "../../relayer/escrow/core/terms.ts";
import { type State, Silence, type Terms, ZERO_ADDRESS } from "../../relayer/escrow/core/types.ts";
import { stateName } from "../../relayer/escrow/core/next.ts";
import { digestOfFile, NO_AGREEMENT } from "../../web/dapp/core/agreement.ts";
import { draftTerms, type EscrowText } from "../../web/dapp/core/escrow-form.ts";
import { historyOf } from "../../web/dapp/core/escrow-history.ts";
import { describeTerms, outlookOf, partyOf, readEscrow } from "../../web/dapp/core/escrow-outlook.ts";

const account = (digit: string) => `0x${digit.repeat(40)}`;
const [BUYER, SELLER, ARBITER, FRIEND, TOKEN, CONTRACT] = ["1", "2", "3", "4", "5", "6"].map(account) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const show = (amount: bigint) => `${amount} D`;
const terms: Terms = {
  ...{ buyer: BUYER, token: TOKEN, arbiter: ARBITER, amount: 100n, metadata: `0x${"00".repeat(32)}` },
  rules: {
    ...{ deliverBy: 1_000n, reviewFor: 100n, arbiterBy: 5_000n, defaultSplit: 2_500n, tip: 0n, salt: 7n },
    onSilence: Silence.PaysSeller,
  },
  milestones: [],
  payees: [
    { account: SELLER, share: 9_000n },
    { account: FRIEND, share: 1_000n },
  ],
};
const place = { chain: "A", transactionHash: `0x${"ab".repeat(32)}`, blockNumber: 1 };
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? each.toString() : each)),
  );
const detailOf = (state: State, since = 900n) =>
  escrowDetail.parse({
    ...{ id: `0x${"cd".repeat(32)}`, chain: "A", state: stateName(state), token: TOKEN },
    ...{ buyer: BUYER, seller: SELLER, arbiter: ARBITER, amount: "100", remaining: "100", milestone: 0 },
    ...{ since: since.toString(), dueAt: "0", createdAt: 1, source: place, events: [], index: [] },
    terms: plain(packTerms(terms)),
  });
const [LOCKED, AWAITING, DISPUTED, RELEASED] = [1, 2, 3, 4] as [State, State, State, State];
const outlook = (state: State, who: string | undefined, now = 950n) =>
  outlookOf(readEscrow(detailOf(state)), who, now, show);
const actions = (state: State, who: string | undefined, now = 950n) =>
  outlook(state, who, now).offers.map(({ action }) => action);

describe("an escrow before who looks at it", () => {
  it("reads the index's words into the very terms", () => {
    assert.deepEqual(readEscrow(detailOf(LOCKED)).terms, terms);
    for (const [who, party] of [
      [BUYER, "buyer"],
      [SELLER, "seller"],
      [ARBITER, "arbiter"],
      [FRIEND, "payee"],
      [CONTRACT, "nobody"],
      [undefined, "nobody"],
    ] as const)
      assert.equal(partyOf(terms, who), party);
  });

  it("offers to each party what it can do, and nothing else", () => {
    assert.deepEqual(actions(LOCKED, SELLER), ["deliver", "refund"]);
    assert.deepEqual(actions(LOCKED, BUYER), ["release", "dispute"]);
    assert.deepEqual(actions(LOCKED, undefined), []);
    assert.deepEqual(actions(AWAITING, BUYER), ["release", "dispute"]);
    assert.deepEqual(actions(DISPUTED, ARBITER), ["resolve"]);
    assert.deepEqual(actions(DISPUTED, SELLER), ["evidence", "refund"]);
    assert.deepEqual(actions(RELEASED, BUYER), []);
  });

  it("lets what moves it on as planned stand out, and pushes nobody to release before a delivery", () => {
    const planned = (state: State, who: string, now?: bigint) =>
      outlook(state, who, now)
        .offers.filter(({ isPlanned }) => isPlanned)
        .map(({ action }) => action);
    assert.deepEqual(planned(LOCKED, SELLER), ["deliver"]);
    assert.deepEqual(planned(LOCKED, BUYER), []);
    assert.deepEqual(planned(AWAITING, BUYER), ["release"]);
    assert.deepEqual(planned(AWAITING, SELLER), []);
    assert.deepEqual(planned(DISPUTED, ARBITER), ["resolve"]);
    assert.deepEqual(planned(LOCKED, FRIEND, 1_000n), ["expire"]);
  });

  it("says what time decides, and lets anybody carry it out from that second on", () => {
    const before = outlook(AWAITING, FRIEND, 999n);
    assert.deepEqual([before.decidedAt, before.afterwards], [1_000, "100 D to the payees"]);
    assert.deepEqual(actions(AWAITING, FRIEND, 999n), []);
    assert.deepEqual(actions(AWAITING, FRIEND, 1_000n), ["expire"]);
    assert.equal(outlook(AWAITING, BUYER, 1_000n).headline, "Time has decided");
    assert.equal(outlook(DISPUTED, BUYER).afterwards, "25 D to the payees, 75 D to the buyer");
    assert.equal(outlook(RELEASED, BUYER).decidedAt, undefined);
  });

  it("names whose turn it is, and asks in a dispute for no part", () => {
    assert.match(outlook(LOCKED, SELLER).headline, /Your turn/);
    assert.match(outlook(LOCKED, BUYER).headline, /Waiting/);
    assert.match(outlook(AWAITING, BUYER).headline, /Your turn/);
    assert.match(outlook(DISPUTED, ARBITER).headline, /Your turn/);
    const needs = (state: State) =>
      outlook(state, BUYER).offers.find(({ action }) => action === "release")?.needs;
    assert.deepEqual([needs(LOCKED), needs(DISPUTED)], ["part", "nothing"]);
  });

  it("says the terms in sentences", () => {
    const said = describeTerms(
      terms,
      show,
      (second) => `@${second}`,
      (seconds) => `${seconds} s`,
    );
    assert.deepEqual(said, [
      ["Deliver by", "@1000"],
      ["Review", "100 s; then the seller is paid"],
      ["A ruling by", "@5000; then 25 % to the payees"],
    ]);
  });
});

describe("the history of an escrow", () => {
  const line = (name: string, details: object) =>
    historyOf([{ name, details, time: 1, source: detailOf(LOCKED).source }], show, (who) => `<${who}>`)[0];

  it("tells what moved money, who did it, and where evidence is", () => {
    assert.match(line("Created", {})?.text ?? "", /locked the money/);
    assert.match(
      line("Resolved", { toPayees: "4", toBuyer: "3" })?.text ?? "",
      /4 D to the payees, 3 D to the buyer/,
    );
    assert.match(line("Disputed", { party: BUYER })?.text ?? "", new RegExp(`<${BUYER}> called the arbiter`));
    const evidence = line("Evidence", { _party: SELLER, _evidence: "ipfs://x" });
    assert.deepEqual([evidence?.text, evidence?.uri], [`<${SELLER}> added evidence.`, "ipfs://x"]);
  });

  it("leaves out what says nothing to people", () => {
    assert.equal(line("Acted", { party: BUYER }), undefined);
    assert.equal(line("Released", { amount: 7 }), undefined);
  });
});

describe("the digest of an agreement", () => {
  it("is the command line's, however the file is cut into chunks", async () => {
    const file = new URL(import.meta.url).pathname;
    const content = readFileSync(file);
    for (const size of [1, 135, 136, 137, 4_096, content.length]) {
      const chunks = Array.from({ length: Math.ceil(content.length / size) }, (_, i) =>
        content.subarray(i * size, (i + 1) * size),
      );
      assert.equal(await digestOfFile(from(chunks)), digestAgreement(file), String(size));
    }
    assert.equal(await digestOfFile(from([])), keccak256("0x"));
  });

  async function* from(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield await Promise.resolve(chunk);
  }
});

describe("the form of a new escrow", () => {
  const text: EscrowText = {
    ...{ amount: "10", seller: SELLER, payees: [], arbiter: "", deliverBy: "2026-12-01T00:00" },
    ...{ milestones: [], reviewDays: "3", arbiterDays: "14", onSilence: "seller", split: "50" },
    ...{ tip: "0", agreement: undefined },
  };
  const now = BigInt(Date.parse("2026-11-01T00:00Z") / 1_000);
  const setting = { buyer: BUYER, contract: CONTRACT, now, salt: 1n };
  const token = { address: TOKEN, symbol: "D", decimals: 2 };
  const draft = (change: Partial<EscrowText>) => draftTerms({ ...text, ...change }, { ...setting, token });
  const made = (change: Partial<EscrowText>) => {
    const result = draft(change);
    return result.ok ? result.terms : assert.fail(result.message);
  };

  it("makes terms that the contract takes", () => {
    const simple = made({});
    assert.equal(validateTerms(simple, CONTRACT, now).ok, true);
    assert.deepEqual(
      [simple.amount, simple.arbiter, simple.rules.defaultSplit],
      [1_000n, ZERO_ADDRESS, 5_000n],
    );
    assert.equal(simple.rules.arbiterBy - simple.rules.deliverBy, 17n * 86_400n);
    const shared = made({ payees: [{ account: FRIEND, share: "12.5" }], onSilence: "buyer" });
    assert.deepEqual(
      shared.payees.map(({ share }) => share),
      [8_750n, 1_250n],
    );
    assert.equal(shared.rules.onSilence, Silence.PaysBuyer);
    const parts = made({
      milestones: [
        { amount: "4", deliverBy: "2026-12-01T00:00" },
        { amount: "6", deliverBy: "2026-12-20T00:00" },
      ],
    });
    assert.equal(parts.rules.deliverBy, parts.milestones[1]?.deliverBy);
    assert.deepEqual([simple.rules.tip, simple.metadata], [0n, NO_AGREEMENT]);
    const digest = `0x${"ab".repeat(32)}`;
    const tipped = made({ tip: "0.25", agreement: { name: "offer.pdf", digest } });
    assert.deepEqual([tipped.rules.tip, tipped.metadata], [25n, digest]);
  });

  it("says of each field what is wrong with it, and of terms what the contract would say", () => {
    const cases: readonly (readonly [Partial<EscrowText>, string | undefined, RegExp])[] = [
      [{ amount: "x" }, "amount", /positive decimal/],
      [{ seller: "0x12" }, "seller", /no address/],
      [{ arbiter: "me" }, "arbiter", /no address/],
      [{ deliverBy: "" }, "deliverBy", /day and a time/],
      [{ reviewDays: "0" }, "reviewDays", /above zero/],
      [{ arbiterDays: "-1" }, "arbiterDays", /above zero/],
      [{ tip: "5.01" }, "tip", /at most 5 per cent/],
      [{ tip: "-1" }, "tip", /from 0 to 100/],
      [{ split: "101" }, "split", /from 0 to 100/],
      [{ payees: [{ account: FRIEND, share: "100" }] }, "payees", /nothing for the seller/],
      [{ deliverBy: "2020-01-01T00:00" }, undefined, /too early/],
      [{ deliverBy: "2040-01-01T00:00" }, undefined, /too late/],
      [{ seller: BUYER }, undefined, /payee cannot be one/],
      [{ arbiter: BUYER }, undefined, /somebody else than the buyer/],
      [{ milestones: [{ amount: "4", deliverBy: "2026-12-01T00:00" }] }, undefined, /add up to 4 D.*10 D/],
    ];
    for (const [change, field, message] of cases) {
      const result = draft(change);
      assert(!result.ok, JSON.stringify(change));
      assert.equal(result.field, field);
      assert.match(result.message, message);
    }
  });
});

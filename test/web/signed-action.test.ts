import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { signedAction } from "../../relayer/escrow/core/signed-action.ts";
import { NO_ESCROW } from "../../relayer/escrow/core/machine.ts";
import { type Escrow, Silence, State, type Terms } from "../../relayer/escrow/core/types.ts";
import { signableKind } from "../../web/dapp/core/escrow-outlook.ts";
import { readRoute } from "../../web/dapp/core/route.ts";
import {
  fieldOf,
  fragmentOf,
  outlookOfSigned,
  readDeadline,
  readSigned,
  textOf,
} from "../../web/dapp/core/signed-action.ts";

const account = (digit: string) => `0x${digit.repeat(40)}`;
const [BUYER, SELLER, ARBITER, FRIEND, TOKEN] = ["1", "2", "3", "4", "5"].map(account) as [
  string,
  string,
  string,
  string,
  string,
];
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
/** As `dchat escrow sign` prints it. */
const printed = (change: object = {}, deadline = 2_000n) => ({
  ...{ chainId: 31_337, contract: account("6"), id: `0x${"cd".repeat(32)}` },
  action: { kind: "Release", account: BUYER, amount: "0", sequence: "3", uri: "", ...change },
  authorization: { deadline: deadline.toString(), signer: "0x", signature: `0x${"ab".repeat(65)}` },
});
const signed = (change: object = {}, deadline?: bigint) => signedAction.parse(printed(change, deadline));
const slot = (change: Partial<Escrow> = {}): Escrow => ({
  ...{ ...NO_ESCROW, state: State.AwaitingRelease, since: 900n, remaining: 100n },
  ...change,
});
const token = { symbol: "D", decimals: 0 };
const outlook = (change: object = {}, escrow: Partial<Escrow> = {}, now = 950n) =>
  outlookOfSigned(signed(change), { terms, escrow: slot(escrow) }, now, token);

describe("what somebody has signed for others to send", () => {
  it("is the text of the command line, and behind the # of a link", () => {
    assert.deepEqual(JSON.parse(textOf(signed())), printed());
    const uri = "ipfs://Verträge/?a=+&b=/";
    const link = fragmentOf(signed({ uri }));
    const route = readRoute(link);
    assert(route.view === "signed" && route.coded !== "");
    for (const given of [textOf(signed({ uri })), link, `https://dchat.example/wallet/${link}`, route.coded])
      assert.deepEqual(readSigned(`  ${given}\n`), { ok: true, signed: signed({ uri }) });
  });

  it("is told from anything else, and from a part of it", () => {
    const text = textOf(signed());
    const wrong = [
      "",
      "{}",
      text.slice(0, -9),
      fragmentOf(signed()).slice(0, -9),
      "#/signed/%%",
      "1".repeat(50_000),
    ];
    for (const given of [...wrong, JSON.stringify({ ...printed(), extra: 1 })]) {
      const read = readSigned(given);
      assert(!read.ok, given.slice(0, 30));
      assert.match(read.message, /signed action/);
    }
    assert.deepEqual(readRoute("#/signed"), { view: "signed", coded: "" });
    assert.deepEqual(readRoute("#/signed/<b>"), { view: "nowhere" });
  });

  it("says who is paid how much", () => {
    const pays = (change: object) => outlook(change).payments.map(({ to, amount }) => [to, amount]);
    assert.deepEqual(pays({}), [
      [SELLER, 90n],
      [FRIEND, 10n],
    ]);
    assert.deepEqual(pays({ kind: "ReleasePartial", amount: "10" }), [
      [SELLER, 9n],
      [FRIEND, 1n],
    ]);
    assert.deepEqual(pays({ kind: "RefundPartial", account: SELLER, amount: "7" }), [[BUYER, 7n]]);
    assert.deepEqual(pays({ kind: "PublishAgreement", uri: "ipfs://x" }), []);
    const ruled = outlook({ kind: "Resolve", account: ARBITER, amount: "60" }, { state: State.Disputed });
    assert.deepEqual(ruled.payments[0], { to: BUYER, amount: 60n });
    assert.equal(ruled.refusal, undefined);
  });

  it("says when it is no longer good, and why", () => {
    assert.equal(outlook({}, {}, 2_000n).refusal, undefined);
    assert.match(outlook({}, {}, 2_001n).refusal ?? "", /time is over/);
    assert.match(outlook({}, { state: State.Released, remaining: 0n }).refusal ?? "", /Released/);
    assert.match(outlook({ kind: "ReleasePartial", amount: "101" }).refusal ?? "", /within/);
    assert.match(outlook({ kind: "Deliver", account: SELLER }).refusal ?? "", /somebody was faster/);
    assert.match(outlook({ account: FRIEND }).refusal ?? "", /Only .* may do this/);
  });

  it("is good until a moment ahead", () => {
    const now = 1_800_000_000;
    assert.equal(readDeadline(fieldOf(now + 60), now), BigInt(now + 60));
    for (const text of ["", "yesterday", fieldOf(now)]) assert.throws(() => readDeadline(text, now), /ahead/);
  });

  it("knows a part from all of it", () => {
    assert.deepEqual(
      [signableKind("release", undefined), signableKind("release", 1n), signableKind("refund", 1n)],
      [1, 2, 4],
    );
  });
});

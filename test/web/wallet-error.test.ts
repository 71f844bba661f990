import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { contracts, sentencesFor } from "../../web/dapp/core/sentences.ts";
import { readWalletError } from "../../web/dapp/core/wallet-error.ts";

const sentences = sentencesFor({ symbol: "DEMO", decimals: 3 });
const read = (thrown: unknown) => readWalletError(thrown, "The transfer", sentences);
const data = contracts.token.encodeErrorResult("ERC20InsufficientBalance", [
  "0x00000000000000000000000000000000000000AA",
  1_500n,
  2_000n,
]);

describe("what a wallet answers instead of doing what it was asked", () => {
  it("knows a rejection, however it is wrapped, and calls it none of an error", () => {
    for (const thrown of [
      { code: 4001 },
      { code: "ACTION_REJECTED" },
      { error: { code: 4001 } },
      { data: { cause: { code: 4001 } } },
    ]) {
      assert.equal(read(thrown).kind, "declined");
      assert.match(read(thrown).message, /Nothing was sent/);
    }
  });

  it("finds what the contract says at all the places where nodes and wallets put it", () => {
    for (const thrown of [
      { data },
      { data: { data } },
      { error: { data } },
      { data: { originalError: { data } } },
      { cause: { data: { data } } },
    ]) {
      assert.equal(read(thrown).kind, "refused");
      assert.match(read(thrown).message, /has 1.5 DEMO, and 2 DEMO are needed.*the money stays where it is/);
    }
  });

  it("names an error that it has no sentence for", () => {
    const unknown = contracts.bridge.encodeErrorResult("AlreadyHeld", [`0x${"00".repeat(32)}`]);
    assert.match(read({ data: unknown }).message, /AlreadyHeld/);
  });

  it("tells a poor account, a busy wallet and an unknown chain from the rest", () => {
    assert.equal(read(new Error("insufficient funds for gas * price + value")).kind, "poor");
    assert.equal(read({ code: -32002 }).kind, "busy");
    assert.equal(read({ code: 4902, message: "Unrecognized chain" }).kind, "unknown-chain");
    assert.equal(read({ code: -32603, data: { originalError: { code: 4902 } } }).kind, "unknown-chain");
    assert.match(read(new Error("socket hang up")).message, /socket hang up.*not done twice/);
    assert.match(read("?").message, /did not say why/);
  });
});

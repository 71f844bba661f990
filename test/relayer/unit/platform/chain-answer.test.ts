import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { makeError } from "ethers";
import { chainAnswer } from "../../../../relayer/platform/chain-answer.ts";

describe("what a chain answered", () => {
  // As the implementations word it: geth and its kin, Nethermind, Besu, Hardhat, anvil.
  const worded: [string, ReturnType<typeof chainAnswer>][] = [
    ["gas required exceeds allowance (30000000)", "out-of-gas"],
    ["Transaction ran out of gas", "out-of-gas"],
    ["Out of gas: gas required exceeds allowance: 1000", "out-of-gas"],
    ["insufficient funds for gas * price + value: balance 0, tx cost 1", "insufficient-funds"],
    ["Upfront cost exceeds account balance", "insufficient-funds"],
    ["Sender doesn't have enough funds to send tx. The max upfront cost is: 1", "insufficient-funds"],
    ["InsufficientFunds, Account balance: 0", "insufficient-funds"],
    ["nonce too low: next nonce 5, tx nonce 4", "nonce-too-low"],
    ["Nonce too low. Expected nonce to be 5 but got 4.", "nonce-too-low"],
    ["OldNonce", "nonce-too-low"],
    ["replacement transaction underpriced", "underpriced"],
    [
      "Replacement transaction underpriced. A gasPrice/maxFeePerGas of at least 1 is necessary",
      "underpriced",
    ],
    ["ReplacementNotAllowed", "underpriced"],
    ["already known", "already-known"],
    ["AlreadyKnown", "already-known"],
    ["Known transaction: 0x12", "already-known"],
    ["transaction already imported", "already-known"],
    ["connect ECONNREFUSED 127.0.0.1:8545", undefined],
    ["missing response for request", undefined],
  ];
  for (const [words, answer] of worded)
    it(`is ${answer ?? "nothing"} in "${words}", also where ethers keeps the words aside`, () => {
      assert.equal(chainAnswer(new Error(words)), answer);
      const info = { error: { code: -32_000, message: words } };
      assert.equal(chainAnswer(makeError("could not coalesce error", "UNKNOWN_ERROR", { info })), answer);
    });

  it("is a revert where ethers says so", () => {
    const revert = {
      action: "estimateGas",
      data: "0x1234",
      reason: null,
      transaction: { to: null, data: "0x" },
      invocation: null,
      revert: null,
    } as const;
    assert.equal(chainAnswer(makeError("execution reverted", "CALL_EXCEPTION", revert)), "reverted");
  });

  it("is nothing for what is no error", () => {
    assert.equal(chainAnswer("already known"), undefined);
  });
});

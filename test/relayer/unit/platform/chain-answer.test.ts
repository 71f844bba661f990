import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { makeError } from "ethers";
import { chainAnswer } from "../../../../relayer/platform/chain-answer.ts";
import { nodeWords } from "../../support/node-words.ts";

describe("what a chain answered", () => {
  const both = (words: string) => {
    const info = { error: { code: -32_000, message: words } };
    return [new Error(words), makeError("could not coalesce error", "UNKNOWN_ERROR", { info })];
  };
  for (const [implementation, answers] of Object.entries(nodeWords))
    for (const [answer, words] of answers)
      it(`is ${answer} where ${implementation} says "${words}", also where ethers keeps the words aside`, () => {
        for (const error of both(words)) assert.equal(chainAnswer(error), answer);
      });

  for (const words of [
    "connect ECONNREFUSED 127.0.0.1:8545",
    "missing response for request",
    "unknown transaction type 0x12",
  ])
    it(`is nothing in "${words}"`, () => {
      for (const error of both(words)) assert.equal(chainAnswer(error), undefined);
    });

  for (const [code, answer] of [
    ["INSUFFICIENT_FUNDS", "insufficient-funds"],
    ["NONCE_EXPIRED", "nonce-too-low"],
    ["REPLACEMENT_UNDERPRICED", "replacement-underpriced"],
  ] as const)
    it(`is ${answer} where ethers says ${code}`, () => {
      const error = Object.assign(new Error("as ethers words it"), { code });
      assert.equal(chainAnswer(error), answer);
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

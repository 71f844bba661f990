import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Interface } from "ethers";
import { messageDetail, networkView } from "../../relayer/api/wallet-schema.ts";
import { contracts, sentencesFor, tellReason } from "../../web/dapp/core/sentences.ts";
import { readWalletError } from "../../web/dapp/core/wallet-error.ts";
import { failureOf, pushOf } from "../../web/dapp/services/push.ts";

const hash = (byte: string) => `0x${byte.repeat(32)}`;
const account = (byte: string) => `0x${byte.repeat(20)}`;
const chain = (name: string, chainId: number) => ({
  ...{ name, chainId, outbox: account("01"), inbox: account("02"), escrow: null, finality: { depth: 1 } },
  ...{ currency: "ETH", rpcUrl: null, explorerUrl: null },
});
const network = networkView.parse({
  chains: [chain("A", 1), chain("B", 2)],
  tokens: [
    {
      ...{ symbol: "D", decimals: 0 },
      sides: ["A", "B"].map((name) => ({
        ...{ chain: name, token: account("03"), bridge: account("04"), mode: "lock" },
      })),
    },
  ],
  hasDevelopmentWallet: false,
});
const detail = (change: object) =>
  messageDetail.parse({
    ...{ messageId: hash("11"), lane: { id: hash("22"), from: "A", to: "B" }, nonce: "3" },
    ...{ sender: account("05"), recipient: account("04"), state: "delivered", attestations: null },
    source: { chain: "A", transactionHash: hash("33"), blockNumber: 10 },
    destination: { chain: "B", transactionHash: hash("44"), blockNumber: 20 },
    ...{ originBlocks: { newest: 12, final: 12 }, kept: null, waiting: null },
    ...change,
  });
const paused = contracts.bridge.encodeErrorResult("Paused", [1_900_000_000]);
const kept = { gasLimit: "200000", payload: "0x1234", reason: paused };

describe("a transfer that does not get on by itself", () => {
  it("is retried as the Inbox wants it, on the chain where it failed", () => {
    const push = pushOf(detail({ state: "failed", kept }), network, 0);
    assert.deepEqual([push?.label, push?.chain.name, push?.call.to], ["Try again", "B", account("02")]);
    const [origin, nonce, message] = contracts.inbox.decodeFunctionData("retry", push?.call.data ?? "");
    assert.deepEqual([origin, nonce], [1n, 3n]);
    assert.deepEqual([...(message as unknown[])], [account("05"), account("04"), 200_000n, "0x1234"]);
  });

  it("is paid once its wait is over, and not before", () => {
    const waiting = { bridge: account("04"), releaseAt: 500, isHeld: false, amount: "7" };
    assert.equal(pushOf(detail({ waiting }), network, 499), undefined);
    const push = pushOf(detail({ waiting }), network, 500);
    assert.deepEqual(push?.call, {
      to: account("04"),
      data: contracts.bridge.encodeFunctionData("release", [hash("11")]),
    });
    assert.equal(pushOf(detail({}), network, 500), undefined, "what is delivered needs no push");
  });

  it("says why it failed, whoever refused it", () => {
    assert.match(failureOf(detail({ state: "failed", kept }), network) ?? "", /The bridge is paused until/);
    assert.equal(failureOf(detail({}), network), undefined);
    const words = sentencesFor({ symbol: "D", decimals: 0 });
    const text = new Interface(["error Error(string message)"]).encodeErrorResult("Error", ["not today"]);
    assert.equal(tellReason(text, words), "It says: “not today”.");
    assert.match(
      tellReason(contracts.token.encodeErrorResult("ERC20InvalidSender", [account("01")]), words),
      /ERC20InvalidSender/,
    );
    // Nothing, what nobody knows, and a reason whose end was cut off.
    for (const reason of ["0x", "0x12345678", paused.slice(0, 20)])
      assert.match(tellReason(reason, words), /does not say why/, reason);
  });

  it("says what the recipient says when a retry would be refused again", () => {
    const data = contracts.inbox.encodeErrorResult("RetryFailed", [hash("11"), paused]);
    const trouble = readWalletError(
      { code: 3, data },
      "The retry",
      sentencesFor({ symbol: "D", decimals: 0 }),
    );
    assert.match(
      trouble.message,
      /^The retry would be refused\. The bridge is paused until .* Nothing was sent/,
    );
  });
});

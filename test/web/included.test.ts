import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { WalletTrouble } from "../../web/dapp/core/wallet-error.ts";
import { included } from "../../web/dapp/services/bridge.ts";
import { WalletChain } from "../../web/dapp/services/chain.ts";

const hash = (byte: string) => `0x${byte.repeat(32)}`;
const [OWN, CONTRACT] = [`0x${"0a".repeat(20)}`, `0x${"0c".repeat(20)}`] as const;
const sent = { hash: hash("01"), from: OWN, nonce: 7, to: CONTRACT, data: "0xcafe", startBlock: 5 };
const receipt = (status = "0x1") => ({ status, blockNumber: "0x5", blockHash: hash("b5"), logs: [] });
const rival = (change: object = {}) => ({
  ...{ hash: hash("02"), from: OWN, to: CONTRACT, input: "0xcafe", nonce: "0x7" },
  ...change,
});

/** A chain that has `receipts`, and in whose block 5 another transaction has the nonce, if there is one. */
function chainWith(receipts: Readonly<Record<string, object>>, other?: object, isKnown = false): WalletChain {
  return new WalletChain({
    request: ({ method, params = [] }) => {
      const answers: Readonly<Record<string, unknown>> = {
        eth_getTransactionReceipt: receipts[String(params[0])] ?? null,
        eth_getTransactionByHash: isKnown ? {} : null,
        eth_getTransactionCount: other === undefined ? "0x7" : "0x8",
        eth_blockNumber: "0x5",
        eth_getBlockByNumber: {
          number: "0x5",
          timestamp: "0x1",
          transactions: other === undefined ? [] : [other],
        },
      };
      return Promise.resolve(answers[method]);
    },
  });
}

const wait = (chain: WalletChain, onStep: (text: string) => void = () => undefined) =>
  included(chain, sent, "The release", onStep);
const refused = (kind: string, message: RegExp) => (error: unknown) => {
  assert(error instanceof WalletTrouble);
  assert.equal(error.kind, kind);
  assert.match(error.message, message);
  return true;
};

describe("waiting for a block", () => {
  it("ends with the transaction's receipt, or with that of the same call under another fee", async () => {
    assert.equal((await wait(chainWith({ [sent.hash]: receipt() }))).blockNumber, 5n);
    assert.equal((await wait(chainWith({ [hash("02")]: receipt() }, rival()))).blockNumber, 5n);
  });

  it("says that it failed, whichever of the two the block holds", async () => {
    await assert.rejects(
      wait(chainWith({ [sent.hash]: receipt("0x0") })),
      refused("refused", new RegExp(`The release failed on the chain \\(${sent.hash}\\), and cost its fee`)),
    );
    await assert.rejects(
      wait(chainWith({ [hash("02")]: receipt("0x0") }, rival())),
      refused("refused", new RegExp(`failed on the chain \\(${hash("02")}\\)`)),
    );
  });

  it("is no error when its owner takes it back, and never ends in waiting for what cannot come", async () => {
    await assert.rejects(
      wait(chainWith({}, rival({ to: OWN, input: "0x" }))),
      refused("declined", /You cancelled it.*The release did not happen; the money stays/),
    );
    await assert.rejects(
      wait(chainWith({}, rival({ input: "0xbeef" }))),
      refused("refused", /something else/),
    );
  });

  it("says that the chain has forgotten it, and waits on", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const receipts: Record<string, object> = {};
    const waiting = wait(chainWith(receipts), (text) => {
      assert.match(text, /has forgotten it.*wallet's own list/);
      receipts[sent.hash] = receipt();
      setImmediate(() => {
        t.mock.timers.runAll();
      });
    });
    assert.equal((await waiting).status, 1n);
  });
});

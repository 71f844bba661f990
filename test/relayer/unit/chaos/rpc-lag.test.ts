import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { askPast, forgetNew } from "../../../../relayer/chaos/core/rpc-lag.ts";

const heads = { latest: 90n, safe: 80n, finalized: 70n };
const asked = (method: string, ...params: unknown[]) => askPast({ id: 1, method, params }, heads).params;
const told = (method: string, result: unknown) =>
  forgetNew({ id: 1, method }, { id: 1, result }, heads).result;

void describe("a node that lags", () => {
  const table: readonly (readonly [string, readonly unknown[], readonly unknown[]])[] = [
    ["eth_getBlockByNumber", ["latest", true], ["0x5a", true]],
    ["eth_getBlockByNumber", ["pending", true], ["0x5a", true]],
    ["eth_getBlockByNumber", ["safe", false], ["0x50", false]],
    ["eth_getBlockByNumber", ["finalized", false], ["0x46", false]],
    ["eth_getBlockByNumber", ["earliest", false], ["earliest", false]],
    ["eth_getBlockByNumber", ["0x5f", false], ["0x5f", false]],
    ["eth_call", [{ to: "0x1" }], [{ to: "0x1" }, "0x5a"]],
    ["eth_call", [{ to: "0x1" }, { blockHash: "0x2" }], [{ to: "0x1" }, { blockHash: "0x2" }]],
    ["eth_getStorageAt", ["0x1", "0x0", "latest"], ["0x1", "0x0", "0x5a"]],
    ["eth_getLogs", [{ address: "0x1" }], [{ address: "0x1", fromBlock: "0x5a", toBlock: "0x5a" }]],
    ["eth_getLogs", [{ fromBlock: "0x1", toBlock: "0x64" }], [{ fromBlock: "0x1", toBlock: "0x5a" }]],
    ["eth_getLogs", [{ blockHash: "0x2" }], [{ blockHash: "0x2" }]],
    ["eth_sendRawTransaction", ["0x02"], ["0x02"]],
  ];
  for (const [method, given, wanted] of table) {
    void it(`asks ${method} ${JSON.stringify(given)} of the past`, () => {
      assert.deepEqual(asked(method, ...given), wanted);
    });
  }

  void it("knows of nothing beyond its newest block, and of everything up to it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), (block) => {
        const blockNumber = `0x${block.toString(16)}`;
        const isKnown = block <= 90;
        assert.deepEqual(
          told("eth_getTransactionReceipt", { blockNumber }),
          isKnown ? { blockNumber } : null,
        );
        assert.deepEqual(
          told("eth_getBlockByHash", { number: blockNumber }),
          isKnown ? { number: blockNumber } : null,
        );
        assert.deepEqual(told("eth_getLogs", [{ blockNumber }]), isKnown ? [{ blockNumber }] : []);
        assert.deepEqual(told("eth_getBlockReceipts", [{ blockNumber }]), isKnown ? [{ blockNumber }] : null);
      }),
    );
    assert.equal(told("eth_blockNumber", "0x64"), "0x5a");
  });

  void it("fails on no question and no answer, however odd", () => {
    const methods = [
      "eth_getBlockByNumber",
      "eth_getLogs",
      "eth_call",
      "eth_getProof",
      "eth_getBlockReceipts",
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...methods),
        fc.array(fc.jsonValue()),
        fc.jsonValue(),
        (method, params, result) => {
          asked(method, ...params);
          told(method, result);
        },
      ),
    );
  });
});

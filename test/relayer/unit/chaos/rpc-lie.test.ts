import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { lie, unlie } from "../../../../relayer/chaos/core/rpc-lie.ts";

const hash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => `0x${Buffer.from(bytes).toString("hex")}`);
const log = fc.record({
  blockHash: hash,
  blockNumber: fc.constant("0x7"),
  transactionHash: hash,
  topics: fc.array(hash, { minLength: 1, maxLength: 4 }),
  data: fc.constantFrom("0x", `0x${"00".repeat(31)}2a`),
});
const block = fc.record({ hash, parentHash: hash, number: fc.constant("0x7"), transactions: fc.array(hash) });
const answer = (result: unknown) => ({ jsonrpc: "2.0", id: 1, result });

void describe("a node that lies", () => {
  void it("gives one false hash to one block, wherever it stands", () => {
    fc.assert(
      fc.property(block, log, (true_, l) => {
        const seen = lie({ id: 1, method: "eth_getBlockByNumber" }, answer(true_)).result as typeof true_;
        const logs = lie({ id: 1, method: "eth_getLogs" }, answer([{ ...l, blockHash: true_.hash }]));
        const next = lie(
          { id: 1, method: "eth_getBlockByNumber" },
          answer({ ...true_, parentHash: true_.hash }),
        );
        assert.notEqual(seen.hash, true_.hash);
        assert.equal(seen.hash.length, true_.hash.length);
        assert.equal((logs.result as (typeof l)[])[0]?.blockHash, seen.hash);
        assert.equal((next.result as typeof true_).parentHash, seen.hash);
      }),
    );
  });

  void it("understands its own false hashes when it is asked about them", () => {
    fc.assert(
      fc.property(block, (true_) => {
        const seen = lie({ id: 1, method: "eth_getBlockByNumber" }, answer(true_)).result as typeof true_;
        const byHash = unlie({ id: 1, method: "eth_getBlockByHash", params: [seen.hash, false] });
        const logs = unlie({ id: 1, method: "eth_getLogs", params: [{ blockHash: seen.hash }] });
        assert.deepEqual(byHash.params, [true_.hash, false]);
        assert.deepEqual(logs.params, [{ blockHash: true_.hash }]);
      }),
    );
  });

  void it("changes what every log says, and keeps what kind of event it is", () => {
    fc.assert(
      fc.property(log, (true_) => {
        const [seen] = lie({ id: 1, method: "eth_getLogs" }, answer([true_])).result as [typeof true_];
        assert.equal(seen.topics[0], true_.topics[0]);
        const hasWords = true_.data !== "0x" || true_.topics.length > 1;
        assert.equal(
          JSON.stringify([seen.data, seen.topics]) !== JSON.stringify([true_.data, true_.topics]),
          hasWords,
        );
      }),
    );
  });

  void it("turns the outcome of a transaction round", () => {
    const receipt = { status: "0x1", blockHash: `0x${"11".repeat(32)}`, logs: [] };
    const seen = lie({ id: 1, method: "eth_getTransactionReceipt" }, answer(receipt));
    assert.deepEqual(seen.result, { status: "0x0", blockHash: `0x${"11".repeat(31)}10`, logs: [] });
  });

  void it("leaves other answers, and answers without anything, as they are", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("eth_call", "eth_chainId", "eth_blockNumber"),
        fc.jsonValue(),
        (method, result) => {
          assert.deepEqual(lie({ id: 1, method }, answer(result)), answer(result));
        },
      ),
    );
    for (const method of ["eth_getBlockByNumber", "eth_getTransactionReceipt", "eth_getLogs"])
      assert.deepEqual(lie({ id: 1, method }, answer(null)), answer(null));
  });

  void it("fails on no answer, however odd", () => {
    const methods = [
      "eth_getBlockByHash",
      "eth_getLogs",
      "eth_getBlockReceipts",
      "eth_getTransactionReceipt",
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...methods),
        fc.jsonValue(),
        fc.array(fc.jsonValue()),
        (method, result, params) => {
          lie({ id: 1, method, params }, answer(result));
          unlie({ id: 1, method, params });
        },
      ),
    );
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { LogRanges } from "../../../../../relayer/platform/rpc/log-ranges.ts";
import { rangeRefusal } from "../../../../../relayer/platform/rpc/range-refusal.ts";
import { nodeError } from "../../../support/fake-node.ts";

/** What nodes and providers answer to a range that they do not grant, as they word it. */
const refusals: readonly (readonly [who: string, words: string])[] = [
  [
    "Alchemy, by size",
    "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range and no limit on the response size, or you can request any block range with a cap of 10K logs in the response. Based on your parameters and the response size limit, this block range should work: [0xc5dc00, 0xc614a7]",
  ],
  [
    "Alchemy, by plan",
    "Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range. Based on your parameters, this block range should work: [0x1180fca, 0x1180fd3].",
  ],
  ["Alchemy, by time", "Query timeout exceeded. Consider reducing your block range."],
  ["Infura", "query returned more than 10000 results. Try with this block range [0x1, 0x2]."],
  ["Infura, by range", "range 1000000 exceeds limit of 10000"],
  ["Infura, by time", "query timeout exceeded"],
  ["QuickNode", "eth_getLogs is limited to a 10,000 range"],
  ["QuickNode, blocks", "eth_getLogs and eth_newFilter are limited to a 10,000 blocks range"],
  ["Ankr", "block range is too wide"],
  ["publicnode", "exceed maximum block range: 50000"],
  ["geth", "exceed max block range 50000"],
  ["geth's relatives", "query exceeds max block range 100000"],
  ["Erigon", "query block range exceeds server limit, narrow your filter: 1000"],
  ["Erigon, by results", "query returns too many logs, narrow your filter: 20000"],
  ["cdk-erigon", "block range too large, max range: 1000"],
  ["Nethermind", "Too many logs requested. Max logs per response is 20000."],
  ["Besu", "Requested range exceeds maximum RPC range limit"],
  ["Hardhat and EDR", "query timed out"],
  ["Cloudflare", "Invalid eth_getLogs request. 'fromBlock'-'toBlock' range too large. Max range: 800"],
  ["Avalanche", "requested too many blocks from 0 to 5000000, maximum is set to 2048"],
  ["thirdweb", "Maximum allowed number of requested blocks is 1000"],
  ["BlockPI", "eth_getLogs is limited to 1024 block range. Please check the parameter requirements"],
  ["dRPC", "ranges over 10000 blocks are not supported on freetier"],
  ["Chainstack", "Block range limit exceeded. See more details at the provider's page on limits."],
  ["a proxy", "context deadline exceeded"],
];

/** Errors that fewer blocks do not mend. */
const others = [
  "execution reverted",
  "missing trie node 0xabc (path )",
  "insufficient funds for gas * price + value",
  "the method eth_getLogs does not exist/is not available",
  "header not found",
  "invalid API key",
  "Too Many Requests",
  "rate limit exceeded",
];

describe("a refused range of logs", () => {
  for (const [who, words] of refusals)
    it(`is recognised in the words of ${who}`, () => {
      assert.equal(rangeRefusal(nodeError(words)), "refused");
    });

  for (const words of others)
    it(`is not what "${words}" means`, () => {
      assert.equal(rangeRefusal(nodeError(words)), undefined);
    });

  it("is recognised in HTTP errors, in their status and in their body", () => {
    const http = (status: string, responseBody: string) =>
      Object.assign(new Error(`server response ${status}`), { code: "SERVER_ERROR", info: { responseBody } });
    assert.equal(rangeRefusal(http("413 Payload Too Large", "")), "refused");
    assert.equal(rangeRefusal(http("400 Bad Request", "Log response size exceeded.")), "refused");
    assert.equal(rangeRefusal(http("401 Unauthorized", "no key")), undefined);
  });

  it("may be the reason when no answer comes in time", () => {
    const timeout = Object.assign(new Error("request timeout"), { code: "TIMEOUT" });
    assert.equal(rangeRefusal(timeout), "slow");
  });
});

/** A provider that grants `most` blocks at once and remembers what it was asked. */
function provider(most: number, words = "block range is too wide") {
  const asked: number[] = [];
  const read = (from: number, to: number): Promise<readonly number[]> => {
    asked.push(to - from + 1);
    if (to - from + 1 > most) return Promise.reject(nodeError(words));
    return Promise.resolve(Array.from({ length: to - from + 1 }, (_, i) => from + i));
  };
  return { asked, read };
}

describe("reading logs in ranges", () => {
  it("reads every block once and in order, whatever is granted", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 }),
        async (most, lengths) => {
          const ranges = new LogRanges();
          const { read } = provider(most);
          for (const length of lengths)
            assert.deepEqual(
              await ranges.read(10, 9 + length, read),
              Array.from({ length }, (_, i) => 10 + i),
            );
        },
      ),
    );
  });

  it("asks for everything at once until it is refused, then remembers the size and lets it grow slowly", async () => {
    const ranges = new LogRanges();
    const { asked, read } = provider(1_000);
    await ranges.read(1, 8_000, read);
    assert.deepEqual(asked.slice(0, 5), [8_000, 4_000, 2_000, 1_000, 1_000]);
    asked.length = 0;
    await ranges.read(1, 100_000, read);
    const refused = asked.filter((size) => size > 1_000).length;
    assert(refused < asked.length / 8, `${refused} of ${asked.length} were refused`);
    assert(asked.length < 130, `${asked.length} requests`);
  });

  it("gives up at one block, and at once for any other reason", async () => {
    const { asked, read } = provider(0);
    await assert.rejects(new LogRanges().read(1, 8, read));
    assert.deepEqual(asked, [8, 4, 2, 1]);
    const broken = provider(0, "invalid API key");
    await assert.rejects(new LogRanges().read(1, 8, broken.read));
    assert.deepEqual(broken.asked, [8]);
  });

  it("does not multiply the time that a silent provider takes, but asks it for less the next time", async () => {
    const ranges = new LogRanges();
    const asked: number[] = [];
    const silent = (from: number, to: number) => {
      asked.push(to - from + 1);
      return Promise.reject(Object.assign(new Error("request timeout"), { code: "TIMEOUT" }));
    };
    for (let i = 0; i < 3; i++) await assert.rejects(ranges.read(1, 1_000, silent));
    assert.deepEqual(asked, [1_000, 500, 250]);
  });
});

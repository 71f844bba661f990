import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ChainWord, judgeTransaction, type TransactionFate } from "../../web/dapp/core/transaction.ts";

const sent = { hash: "0x01", from: "0xAa", nonce: 7, to: "0xBb", data: "0xcafe" };
const word: ChainWord = {
  receipt: undefined,
  isKnown: true,
  accountNonce: 7,
  rival: undefined,
  seenIn: undefined,
};
const receipt = { blockNumber: 5, blockHash: "0xb5", succeeded: true };
const rival = { hash: "0x02", from: "0xaa", to: "0xbb", data: "0xCAFE" };

const cases: readonly (readonly [string, Partial<ChainWord>, TransactionFate])[] = [
  ["waits for a block", {}, { kind: "pending" }],
  ["is in a block", { receipt }, { kind: "included", blockNumber: 5, blockHash: "0xb5" }],
  [
    "is in a block again after a reorganisation",
    { receipt, seenIn: "0xb4" },
    { kind: "included", blockNumber: 5, blockHash: "0xb5" },
  ],
  [
    "was refused by the chain",
    { receipt: { ...receipt, succeeded: false } },
    { kind: "reverted", blockNumber: 5 },
  ],
  ["was taken back with its block", { seenIn: "0xb5" }, { kind: "reorged" }],
  ["was taken back and forgotten", { seenIn: "0xb5", isKnown: false }, { kind: "reorged" }],
  ["was forgotten", { isKnown: false }, { kind: "dropped" }],
  ["was sped up", { accountNonce: 8, isKnown: false, rival }, { kind: "repriced", hash: "0x02" }],
  [
    "was cancelled",
    { accountNonce: 8, isKnown: false, rival: { ...rival, to: "0xaA", data: "0x" } },
    { kind: "cancelled", hash: "0x02" },
  ],
  [
    "was replaced by something else",
    { accountNonce: 8, isKnown: false, rival: { ...rival, data: "0x00" } },
    { kind: "replaced", hash: "0x02" },
  ],
  [
    "was replaced by nobody knows what",
    { accountNonce: 8, isKnown: false },
    { kind: "replaced", hash: undefined },
  ],
  // The node counts a block before it has its receipts.
  ["is being included", { accountNonce: 8 }, { kind: "pending" }],
  ["is its own rival", { accountNonce: 8, rival: { ...rival, hash: sent.hash } }, { kind: "pending" }],
];

describe("what becomes of a transaction", () => {
  for (const [title, change, fate] of cases)
    it(`${title}: ${fate.kind}`, () => {
      assert.deepEqual(judgeTransaction(sent, { ...word, ...change }), fate);
    });
});

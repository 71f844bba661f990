import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AbiCoder, id, keccak256 } from "ethers";
import fc from "fast-check";
import { fold, messageIdOf } from "../../../../relayer/domain/message.ts";
import { address, bytes, hash, laneId, messageId } from "../../../../relayer/domain/ids.ts";

const hex = (length: number) =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((some) => `0x${Buffer.from(some).toString("hex")}`);
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const abi = AbiCoder.defaultAbiCoder();

describe("ids of messages", () => {
  it("are the hash of what Solidity's abi.encode makes of the fields", () => {
    const typehash = id(
      "dchat.Message/1(bytes32 lane,uint64 nonce,address sender,address recipient,uint64 gasLimit,bytes payload)",
    );
    const fields = fc.tuple(hex(32), uint64, hex(20), hex(20), uint64, fc.uint8Array({ maxLength: 200 }));
    fc.assert(
      fc.property(fields, ([lane, nonce, sender, recipient, gasLimit, data]) => {
        const payload = bytes.parse(`0x${Buffer.from(data).toString("hex")}`);
        const encoded = abi.encode(
          ["bytes32", "bytes32", "uint64", "address", "address", "uint64", "bytes32"],
          [typehash, lane, nonce, sender, recipient, gasLimit, keccak256(payload)],
        );
        const content = {
          nonce,
          sender: address.parse(sender),
          recipient: address.parse(recipient),
          gasLimit,
          payload,
        };
        assert.equal(messageIdOf(laneId.parse(lane), content), keccak256(encoded));
      }),
    );
  });

  it("are folded into an accumulator as Solidity does it", () => {
    fc.assert(
      fc.property(hex(32), hex(32), (accumulator, next) => {
        const encoded = abi.encode(["bytes32", "bytes32"], [accumulator, next]);
        assert.equal(fold(hash.parse(accumulator), messageId.parse(next)), keccak256(encoded));
      }),
    );
  });
});

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { getAddress, hexlify, id, keccak256 } from "ethers";
import fc from "fast-check";
import { useFastKeccak } from "../../../../relayer/platform/keccak.ts";

describe("Keccak by WebAssembly", () => {
  before(useFastKeccak);

  it("knows the known answers", () => {
    assert.equal(keccak256("0x"), "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    assert.equal(
      id("Transfer(address,address,uint256)"),
      "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef",
    );
    // EIP-55's own example.
    assert.equal(
      getAddress("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"),
      "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    );
  });

  it("says what noble says, whatever the length, one after another", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 600 }), { minLength: 1, maxLength: 8 }), (inputs) => {
        for (const input of inputs) {
          assert.equal(keccak256(input), hexlify(keccak_256(input)));
          assert.equal(keccak256(hexlify(input)), hexlify(keccak_256(input)));
        }
      }),
    );
  });
});

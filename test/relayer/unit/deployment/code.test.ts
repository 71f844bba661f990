import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { concat, dataSlice, hexlify, toBeHex } from "ethers";
import { readArtifact } from "../../../../relayer/deployment/adapters/artifacts.ts";
import { isSameCode } from "../../../../relayer/deployment/core/code.ts";

const { deployedBytecode, immutableReferences } = readArtifact("Inbox");
const immutables = Object.values(immutableReferences).flat();
const [first] = immutables;

/** The code with one byte changed. */
const changed = (at: number) => {
  const byte = 0xff ^ Number(dataSlice(deployedBytecode, at, at + 1));
  return concat([dataSlice(deployedBytecode, 0, at), toBeHex(byte, 1), dataSlice(deployedBytecode, at + 1)]);
};

describe("comparing code", () => {
  it("overlooks what a constructor made immutable, and what only describes the code", () => {
    assert(first !== undefined);
    const bytes = deployedBytecode.length / 2 - 1;
    assert(isSameCode(deployedBytecode, deployedBytecode, immutables));
    assert(isSameCode(changed(first.start), deployedBytecode, immutables));
    assert(isSameCode(changed(bytes - 20), deployedBytecode, immutables), "a byte of the sources' hash");
  });

  it("overlooks nothing else", () => {
    assert(first !== undefined);
    assert(!isSameCode(changed(0), deployedBytecode, immutables));
    assert(!isSameCode(changed(first.start - 1), deployedBytecode, immutables));
    assert(!isSameCode(changed(first.start), deployedBytecode, []));
    assert(!isSameCode("0x", deployedBytecode, immutables));
    assert(!isSameCode(concat([deployedBytecode, "0x00"]), deployedBytecode, immutables));
    assert(!isSameCode(dataSlice(deployedBytecode, 1), deployedBytecode, immutables));
  });

  it("takes code without a description as it is", () => {
    assert(isSameCode("0x6001", "0x6001", []));
    assert(!isSameCode("0x6001", "0x6002", []));
    assert(!isSameCode(hexlify(new Uint8Array(40)), hexlify(new Uint8Array(41)), []));
  });
});

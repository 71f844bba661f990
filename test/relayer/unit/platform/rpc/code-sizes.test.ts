import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toBeHex } from "ethers";
import { address } from "../../../../../relayer/domain/ids.ts";
import { codeSizesProgram, readCodeSizes } from "../../../../../relayer/platform/rpc/code-sizes.ts";

const one = address.parse(`0x${"11".repeat(20)}`);
const two = address.parse(`0x${"22".repeat(20)}`);

describe("the sizes of contracts", () => {
  it("are asked for by a program that stores each in a word of its own and returns them all", () => {
    const stores = [`73${"11".repeat(20)}3b600052`, `73${"22".repeat(20)}3b602052`];
    assert.equal(codeSizesProgram([one, two]), `0x${stores.join("")}60406000f3`);
  });

  it("are read by the word, and from no answer of another length", () => {
    const answer = `${toBeHex(24_576, 32)}${toBeHex(0, 32).slice(2)}`;
    assert.deepEqual(readCodeSizes(answer, 2), [24_576, 0]);
    for (const other of ["0x", answer.slice(0, -2), `${answer}00`])
      assert.throws(() => readCodeSizes(other, 2), /were answered with/);
  });

  it("are not asked for of more than it can store", () => {
    assert.throws(() => codeSizesProgram([]), /the sizes of 0 contracts/);
    assert.throws(() => codeSizesProgram(Array.from({ length: 8 }, () => one)), /the sizes of 8 contracts/);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ErrorFragment, id } from "ethers";
import { Escrow__factory } from "../../../../types/ethers-contracts/factories/escrow/Escrow__factory.ts";
import { explainRevert, explainTerms, showTime } from "../../../../relayer/escrow/adapters/refusals.ts";

const contract = Escrow__factory.createInterface();
const show = (amount: bigint) => `${amount} DEMO`;

/** Errors that only a constructor can raise: the name and version of the EIP-712 domain do not fit. */
const OF_CONSTRUCTORS = ["InvalidShortString", "StringTooLong"];

/** Some value of each type that an error of the contract carries. */
function example(type: string): string | bigint {
  if (type === "address") return "0x00000000000000000000000000000000000000A1";
  if (type === "bytes32") return id("example");
  return type === "string" ? "example" : 2n;
}

describe("refusals of the contract", () => {
  const fragments: ErrorFragment[] = [];
  contract.forEachError((fragment) => fragments.push(fragment));
  for (const fragment of fragments.filter(({ name }) => !OF_CONSTRUCTORS.includes(name)))
    it(`${fragment.name} is a sentence that says what happened and what to do`, () => {
      const data = contract.encodeErrorResult(
        fragment,
        fragment.inputs.map(({ type }) => example(type)),
      );
      const { code, text } = explainRevert(data, show);
      assert.match(code, /^[A-Z0-9_]+$/);
      assert(!text.includes(fragment.name), `${text} names the error instead of explaining it`);
      assert.match(text, /^[^.]+.*\. *\S.*\.$/s, "two sentences at least");
      assert.doesNotMatch(text, /undefined|NaN/);
    });

  it("says the same about terms before anything is sent", () => {
    const data = contract.encodeErrorResult("SharesSum", [9_000n, 10_000n]);
    const expected = explainRevert(data, show);
    assert.deepEqual(explainTerms({ code: "SharesSum", actual: 9_000n, expected: 10_000n }, show), expected);
    assert.equal(expected.code, "SHARES_SUM");
  });

  it("does not hide what it does not know", () => {
    assert.match(explainRevert("0x12345678", show).text, /0x12345678/);
    assert.match(explainRevert(null, show).text, /without a reason/);
  });

  it("shows times in UTC, and those beyond every calendar as they are", () => {
    assert.equal(showTime(1_800_000_000n), "2027-01-15T08:00:00Z");
    assert.equal(showTime(2n ** 60n), `second ${2n ** 60n}`);
  });
});

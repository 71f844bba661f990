import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { formatAmount, parseAmount } from "../../../../relayer/domain/amount.ts";
import { ConfigurationError, explain, FatalError } from "../../../../relayer/domain/errors.ts";
import { address, bytes, integer, messageId } from "../../../../relayer/domain/ids.ts";
import {
  interoperableAddress,
  parseInteroperableAddress,
} from "../../../../relayer/domain/interoperable-address.ts";
import { attestQueue, pointJobId, pointSchema } from "../../../../relayer/domain/jobs.ts";
import { anyAddress, anyBytes, anyChainId, pointAt, publicKeyOfText } from "../../support/bridge.ts";

describe("amounts", () => {
  it("survive being written and read", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 2n ** 256n - 1n }),
        fc.integer({ min: 0, max: 36 }),
        (amount, decimals) => {
          assert.equal(parseAmount(formatAmount(amount, decimals), decimals), amount);
        },
      ),
    );
  });

  for (const text of [
    "",
    "0",
    "0.0",
    "-1",
    "+1",
    "1e3",
    "1,5",
    ".5",
    "5.",
    "0x10",
    " 1",
    "1.1234567",
    "NaN",
    "9".repeat(79),
    "9".repeat(78),
  ])
    it(`refuse ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseAmount(text, 6),
        (error) => error instanceof FatalError && error.message.includes("Nothing was sent"),
      );
    });
});

describe("interoperable addresses (ERC-7930)", () => {
  it("are those of the standard's example: mainnet, vitalik.eth", () => {
    const account = address.parse("0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045");
    assert.equal(
      interoperableAddress(1 as never, account),
      "0x00010000010114d8da6bf26964af9d7eed9e03e53415d37aa96045",
    );
  });

  it("survive being written and read", () => {
    fc.assert(
      fc.property(anyChainId, anyAddress, (chain, account) => {
        assert.deepEqual(parseInteroperableAddress(interoperableAddress(chain, account)), { chain, account });
      }),
    );
  });

  it("are read in one spelling only", () => {
    fc.assert(
      fc.property(anyBytes, (encoded) => {
        const parsed = parseInteroperableAddress(encoded);
        if (parsed !== undefined) assert.equal(interoperableAddress(parsed.chain, parsed.account), encoded);
      }),
    );
    const right = interoperableAddress(
      1 as never,
      address.parse("0x00000000000000000000000000000000000000aa"),
    );
    for (const wrong of [
      `${right}00`,
      right.slice(0, -2),
      right.replace("0x0001", "0x0002"),
      right.replace("0x00010000", "0x00010002"),
      right.replace("0101", "020001"),
    ])
      assert.equal(parseInteroperableAddress(bytes.parse(wrong)), undefined);
  });
});

describe("ids", () => {
  it("are folded to one spelling, and refused when malformed", () => {
    const upper = `0x${"AB".repeat(32)}`;
    assert.equal(messageId.parse(upper), upper.toLowerCase());
    for (const wrong of [
      "0x",
      "ab".repeat(32),
      `0x${"ab".repeat(31)}`,
      `0x${"ab".repeat(33)}`,
      `0x${"zz".repeat(32)}`,
    ])
      assert.equal(messageId.safeParse(wrong).success, false);
  });

  it("refuse an address with a wrong checksum", () => {
    assert.equal(address.safeParse("0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96046").success, false);
    assert.equal(
      address.parse("0xd8da6bf26964af9d7eed9e03e53415d37aa96045"),
      "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045",
    );
  });

  it("carry whole numbers of 256 bits through JSON", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), (value) => {
        assert.equal(integer.decode(JSON.parse(JSON.stringify(integer.encode(value))) as string), value);
      }),
    );
    for (const wrong of ["", "-1", "01", "1.0", "1e3", " 1"])
      assert.equal(integer.safeDecode(wrong).success, false);
  });
});

describe("jobs", () => {
  it("have ids that come from the chain, without colons", () => {
    const point = pointAt(7, 1n);
    assert.equal(pointJobId(point), `31337-${point.position.transactionHash}-1`);
    assert.match(attestQueue(publicKeyOfText("v")), /^attest-[0-9a-f]{16}$/);
  });

  it("survive JSON", () => {
    const point = pointAt(7, 2n ** 60n);
    assert.deepEqual(pointSchema.parse(JSON.parse(JSON.stringify(pointSchema.encode(point)))), point);
  });
});

describe("errors", () => {
  it("tell their causes, and nothing endless", () => {
    const error = new ConfigurationError("C", "outer", {}, new Error("inner"));
    assert.equal(explain(error), "outer — because: inner");
    const loop = new Error("loop");
    loop.cause = loop;
    assert.equal(explain(loop).split("because").length, 5);
  });
});

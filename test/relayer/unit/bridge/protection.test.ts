import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AbiCoder, id, keccak256 } from "ethers";
import fc from "fast-check";
import { digestOf } from "../../../../relayer/domain/attestation.ts";
import { decide, mergeRecords, type SignedRecord } from "../../../../relayer/bridge/core/protection.ts";
import { anyHash, anyNonce, anyStatement, hashOf } from "../../support/bridge.ts";

const anyAccumulator = fc.constantFrom(hashOf("one"), hashOf("two"), hashOf("three"));
const anyRecord: fc.Arbitrary<SignedRecord> = fc.record(
  {
    accumulator: fc.oneof(anyAccumulator, fc.constant(undefined)),
  },
  { noNullPrototype: true },
);

describe("the rule against double signing", () => {
  it("signs above the mark what was never signed, and the same again in any epoch and below any mark", () => {
    fc.assert(
      fc.property(anyStatement, anyNonce, (statement, lowWaterMark) => {
        assert.deepEqual(decide(statement, { record: undefined, lowWaterMark: statement.nonce - 1n }), {
          kind: "sign",
        });
        const again = { ...statement, epoch: statement.epoch + 1n };
        assert.deepEqual(decide(again, { record: statement, lowWaterMark }), { kind: "sign" });
      }),
    );
  });

  it("never signs a second accumulator, nor where it is not known what was signed", () => {
    fc.assert(
      fc.property(anyStatement, anyHash, anyNonce, (statement, signed, lowWaterMark) => {
        fc.pre(signed !== statement.accumulator);
        for (const accumulator of [signed, undefined])
          assert.deepEqual(decide(statement, { record: { accumulator }, lowWaterMark }), {
            kind: "conflict",
            signed: accumulator,
          });
      }),
    );
  });

  it("signs nothing new at or below the mark", () => {
    fc.assert(
      fc.property(anyStatement, anyNonce, (statement, lowWaterMark) => {
        const decision = decide(statement, { record: undefined, lowWaterMark });
        assert.equal(decision.kind, statement.nonce <= lowWaterMark ? "below-mark" : "sign");
      }),
    );
  });
});

describe("the digest that is signed", () => {
  it("is that of the contracts' abi.encode", () => {
    const types = ["bytes32", "bytes32", "bytes32", "uint64", "bytes32", "uint64"];
    const typehash = id(
      "dchat.Attestation/1(bytes32 domain,bytes32 lane,uint64 nonce,bytes32 accumulator,uint64 epoch)",
    );
    fc.assert(
      fc.property(anyStatement, (statement) => {
        const { domain, lane, nonce, accumulator, epoch } = statement;
        const encoded = AbiCoder.defaultAbiCoder().encode(types, [
          typehash,
          domain,
          lane,
          nonce,
          accumulator,
          epoch,
        ]);
        assert.equal(digestOf(statement), keccak256(encoded));
      }),
    );
  });
});

describe("merging two memories of one place", () => {
  it("never makes possible what either refuses, in whatever order and however often", () => {
    const refuses = (record: SignedRecord, accumulator: SignedRecord["accumulator"]) =>
      record.accumulator !== accumulator;
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 4 }), anyAccumulator, (records, asked) => {
        const merge = (all: readonly SignedRecord[]) =>
          all.reduce<SignedRecord | undefined>(mergeRecords, undefined) ?? assert.fail();
        const merged = merge(records);
        assert.equal(
          refuses(merged, asked),
          records.some((record) => refuses(record, asked)),
        );
        assert.deepEqual(merge(records.toReversed()), merged);
        assert.deepEqual(merge([...records, ...records]), merged);
      }),
    );
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { aggregate, provePossession, publicKeyOf, sign, verify } from "../../../../relayer/domain/bls.ts";

const digest = new Uint8Array(32).fill(0xd1);
const secretOf = (n: number) => Uint8Array.from({ length: 32 }, (_, i) => (i === 31 ? n : 0));
// Powers of two: no two choices of keys have the same sum, as 1 + 4 and 2 + 3 would.
const secrets = [1, 2, 4, 8].map(secretOf);
const keys = secrets.map(publicKeyOf);
const signatures = secrets.map((secret) => sign(digest, secret));
const only = <T>(items: readonly T[], chosen: readonly number[]) =>
  items.filter((_, i) => chosen.includes(i));

describe("domain/bls", () => {
  it("accepts a sum of signatures for exactly the keys that signed", () => {
    const subset = fc.subarray([0, 1, 2, 3], { minLength: 1 });
    fc.assert(
      fc.property(subset, subset, (signed, claimed) => {
        const sum = aggregate(only(signatures, signed));
        assert.equal(verify(sum, digest, only(keys, claimed)), signed.join() === claimed.join());
      }),
      { numRuns: 15 },
    );
  });

  it("tells signatures from proofs of possession", () => {
    const proof = provePossession(digest, secretOf(1));
    assert.equal(verify(proof, digest, only(keys, [0])), false);
  });

  it("answers no to what is no point, and to no keys", () => {
    const signature = aggregate(signatures);
    assert.equal(verify(signature.slice(1), digest, keys), false);
    assert.equal(verify(new Uint8Array(128), digest, keys), false);
    assert.equal(verify(new Uint8Array(128).fill(255), digest, keys), false);
    assert.equal(verify(signature, digest, []), false);
    assert.equal(verify(signature, digest, [new Uint8Array(256)]), false);
    assert.equal(verify(signature, digest, [new Uint8Array(255)]), false);
  });
});

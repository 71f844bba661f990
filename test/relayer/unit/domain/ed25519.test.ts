import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as noble from "@noble/ed25519";
import fc from "fast-check";
import { isValidPublicKey, publicKeyOf, sign, verify, withHint } from "../../../../relayer/domain/ed25519.ts";

const secretKey = fc.uint8Array({ minLength: 32, maxLength: 32 });
const message = fc.uint8Array({ maxLength: 200 });
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));

// The eight points of small order, in their canonical encodings.
const SMALL_ORDER = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
].map(bytes);

describe("domain/ed25519", () => {
  it("makes what noble makes, and accepts it", () => {
    fc.assert(
      fc.property(secretKey, message, (secret, text) => {
        const key = publicKeyOf(secret);
        const signature = sign(text, secret);
        assert.deepEqual(key, noble.getPublicKey(secret));
        assert.deepEqual(signature, noble.sign(text, secret));
        assert.equal(verify(signature, text, key), true);
      }),
      { numRuns: 20 },
    );
  });

  it("answers like noble's strict mode when a bit is flipped anywhere", () => {
    fc.assert(
      fc.property(secretKey, message, fc.nat(), (secret, text, place) => {
        const parts = [sign(text, secret), text, publicKeyOf(secret)] as const;
        const all = Uint8Array.from(parts.flatMap((part) => [...part]));
        const bit = place % (all.length * 8);
        all[bit >> 3] = (all[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const signature = all.slice(0, 64);
        const changed = all.slice(64, 64 + text.length);
        const key = all.slice(64 + text.length);
        assert.equal(
          verify(signature, changed, key),
          noble.verify(signature, changed, key, { zip215: false }),
        );
      }),
      { numRuns: 30 },
    );
  });

  it("accepts a signature with a component of small order, which node:crypto alone would refuse", () => {
    // R + T for a T of order 8, with S made for the challenge of that R: only the cofactored equation holds.
    const secret = new Uint8Array(32).fill(5);
    const text = new Uint8Array([1, 2, 3]);
    const key = publicKeyOf(secret);
    const { scalar } = noble.utils.getExtendedPublicKey(secret);
    const nonce = 123456789n;
    const torsion = noble.Point.fromBytes(SMALL_ORDER[4] ?? new Uint8Array());
    const r = noble.Point.BASE.multiply(nonce).add(torsion).toBytes();
    const k = noble.etc.mod(
      littleEndian(noble.hash(Uint8Array.from([...r, ...key, ...text]))),
      noble.Point.CURVE().n,
    );
    const s = noble.etc.mod(nonce + k * scalar, noble.Point.CURVE().n);
    const signature = Uint8Array.from([...r, ...bytes(s.toString(16).padStart(64, "0")).reverse()]);
    assert.equal(verify(signature, text, key), true);
  });

  it("admits no key of small order, non-canonical or off the curve", () => {
    for (const key of SMALL_ORDER) assert.equal(isValidPublicKey(key), false);
    // y = p + 1, which is 1 modulo p; x = 0 with the sign bit set; y = 2 has no x.
    assert.equal(isValidPublicKey(bytes("ee" + "ff".repeat(30) + "7f")), false);
    assert.equal(isValidPublicKey(bytes("01" + "00".repeat(30) + "80")), false);
    assert.equal(isValidPublicKey(bytes("02" + "00".repeat(31))), false);
    assert.equal(isValidPublicKey(publicKeyOf(new Uint8Array(32))), true);
  });

  it("hints at R's x, and at nothing for an R that is no point", () => {
    const signature = sign(new Uint8Array(), new Uint8Array(32));
    const hinted = withHint(signature);
    assert.deepEqual(hinted.slice(0, 64), signature);
    const x = BigInt("0x" + Buffer.from(hinted.slice(64)).toString("hex"));
    assert.equal(x, noble.Point.fromBytes(signature.slice(0, 32)).x);
    assert.throws(() => withHint(new Uint8Array(63)), RangeError);
    assert.throws(() => withHint(new Uint8Array(64).fill(2)), RangeError);
  });

  it("answers no to lengths that are not those of keys and signatures, and refuses such secret keys", () => {
    const key = publicKeyOf(new Uint8Array(32));
    for (const length of [0, 31, 33, 64]) {
      assert.equal(isValidPublicKey(new Uint8Array(length)), false);
      assert.equal(verify(new Uint8Array(64), new Uint8Array(), new Uint8Array(length)), false);
      assert.throws(() => publicKeyOf(new Uint8Array(length)), RangeError);
      assert.throws(() => sign(key, new Uint8Array(length)), RangeError);
    }
    for (const length of [0, 63, 65])
      assert.equal(verify(new Uint8Array(length), new Uint8Array(), key), false);
  });
});

function littleEndian(data: Uint8Array): bigint {
  return BigInt("0x" + Buffer.from(data).reverse().toString("hex"));
}

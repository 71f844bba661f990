import { bls12_381 as curve } from "@noble/curves/bls12-381.js";

/**
 * BLS signatures on BLS12-381, keys in G2 and signatures in G1, encoded as the contracts take them (EIP-2537): each
 * coordinate of 381 bits in 64 bytes, big-endian; in G2 the real part first. A key has 256 bytes, a signature 128.
 *
 * The ciphersuite is that of `contracts/crypto/BLS12381.sol`: with proofs of possession, so that signatures of one digest
 * by different keys may be added up.
 *
 * @module
 */

type G1 = InstanceType<typeof curve.G1.Point>;
type G2 = InstanceType<typeof curve.G2.Point>;

const SIGNATURE_TAG = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";
const POSSESSION_TAG = "BLS_POP_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";
const COORDINATE_BYTES = 64;
const scheme = curve.shortSignatures;

/**
 * The public key of a secret key.
 *
 * @param secretKey - 32 bytes, a number between 1 and the group's order
 * @returns 256 bytes of G2
 */
export function publicKeyOf(secretKey: Uint8Array): Uint8Array {
  return encodeG2(scheme.getPublicKey(secretKey));
}

/**
 * Signs a digest.
 *
 * @returns 128 bytes of G1
 */
export function sign(digest: Uint8Array, secretKey: Uint8Array): Uint8Array {
  return encodeG1(scheme.sign(scheme.hash(digest, SIGNATURE_TAG), secretKey));
}

/**
 * Proves that one possesses a key: signs the digest that `BLS12381KeySets.proofDigest` gives for it.
 *
 * @returns 128 bytes of G1
 */
export function provePossession(proofDigest: Uint8Array, secretKey: Uint8Array): Uint8Array {
  return encodeG1(scheme.sign(scheme.hash(proofDigest, POSSESSION_TAG), secretKey));
}

/**
 * The sum of signatures of one digest.
 *
 * @param signatures - one or more, 128 bytes each
 * @throws Error when one of them is not a point of the curve
 */
export function aggregate(signatures: readonly Uint8Array[]): Uint8Array {
  return encodeG1(scheme.aggregateSignatures(signatures.map(decodeG1)));
}

/**
 * Whether `signature` is the sum of signatures of `digest` by all of `publicKeys`. Malformed input makes it false.
 *
 * @param publicKeys - keys whose possession is proven
 */
export function verify(
  signature: Uint8Array,
  digest: Uint8Array,
  publicKeys: readonly Uint8Array[],
): boolean {
  let point: G1;
  let key: G2;
  try {
    point = decodeG1(signature);
    key = scheme.aggregatePublicKeys(publicKeys.map(decodeG2));
    point.assertValidity();
    key.assertValidity();
  } catch {
    // noble throws for what is no point of the subgroup, and here that is an answer, not an error.
    return false;
  }
  return scheme.verify(point, scheme.hash(digest, SIGNATURE_TAG), key);
}

function encodeG1(point: G1): Uint8Array {
  const { x, y } = point.toAffine();
  return encode([x, y]);
}

function encodeG2(point: G2): Uint8Array {
  const { x, y } = point.toAffine();
  return encode([x.c0, x.c1, y.c0, y.c1]);
}

function decodeG1(encoded: Uint8Array): G1 {
  const [x = 0n, y = 0n] = decode(encoded, 2);
  return curve.G1.Point.fromAffine({ x, y });
}

function decodeG2(encoded: Uint8Array): G2 {
  const [x0 = 0n, x1 = 0n, y0 = 0n, y1 = 0n] = decode(encoded, 4);
  return curve.G2.Point.fromAffine({ x: { c0: x0, c1: x1 }, y: { c0: y0, c1: y1 } });
}

function encode(coordinates: readonly bigint[]): Uint8Array {
  const hex = coordinates.map((value) => value.toString(16).padStart(2 * COORDINATE_BYTES, "0"));
  return Uint8Array.from(Buffer.from(hex.join(""), "hex"));
}

function decode(encoded: Uint8Array, coordinates: number): bigint[] {
  if (encoded.length !== coordinates * COORDINATE_BYTES)
    throw new RangeError(`point of ${encoded.length} bytes`);
  return Array.from({ length: coordinates }, (_, i) => {
    const bytes = encoded.subarray(i * COORDINATE_BYTES, (i + 1) * COORDINATE_BYTES);
    return BigInt("0x" + Buffer.from(bytes).toString("hex"));
  });
}

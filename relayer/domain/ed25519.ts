import { createPrivateKey, createPublicKey, sign as nodeSign, verify as nodeVerify } from "node:crypto";
import * as noble from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";

/**
 * Ed25519 signatures: the only module of the project that makes or checks them.
 *
 * One strict rule says which signatures are valid, the same here and in `contracts/crypto/Ed25519.sol`: A and R are
 * canonical encodings of points, A is not of small order, S < L, and 8·S·B = 8·R + 8·k·A. It is the rule of
 * `@noble/ed25519` with `{ zip215: false }`.
 *
 * @module
 */

// noble's synchronous calls want to be given a hash.
noble.hashes.sha512 = sha512;

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

// DER headers of the two key formats (RFC 8410); the 32 bytes of the key follow.
const PKCS8_HEADER = Buffer.from("302e020100300506032b657004220420", "hex");
const SPKI_HEADER = Buffer.from("302a300506032b6570032100", "hex");

/**
 * The public key of a secret key.
 *
 * @param secretKey - the 32-byte seed of RFC 8032
 * @returns 32 bytes
 * @throws RangeError when the secret key is not 32 bytes long
 */
export function publicKeyOf(secretKey: Uint8Array): Uint8Array {
  const key = createPublicKey(privateKey(secretKey)).export({ format: "der", type: "spki" });
  return new Uint8Array(key.subarray(SPKI_HEADER.length));
}

/**
 * Signs `message` as RFC 8032 says. The same message and key always give the same signature.
 *
 * @param message - any bytes
 * @param secretKey - the 32-byte seed of RFC 8032
 * @returns R ‖ S, 64 bytes
 * @throws RangeError when the secret key is not 32 bytes long
 */
export function sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
  return signerOf(secretKey)(message);
}

/**
 * {@link sign} with one key, which is read once: most of the time of a single signature goes into that.
 *
 * @param secretKey - the 32-byte seed of RFC 8032
 * @throws RangeError when the secret key is not 32 bytes long
 */
export function signerOf(secretKey: Uint8Array): (message: Uint8Array) => Uint8Array {
  const key = privateKey(secretKey);
  return (message) => new Uint8Array(nodeSign(null, message, key));
}

/**
 * Whether `signature` is a valid signature of `message` by `publicKey`. Anything malformed is not.
 *
 * @param signature - R ‖ S
 * @param message - any bytes
 * @param publicKey - the key in RFC 8032's encoding
 */
export function verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES || !isValidPublicKey(publicKey)) return false;
  // node:crypto accepts when S < L and the canonical encoding of S·B - k·A is R, byte for byte. Then R is canonical and
  // on the curve and the cofactored equation holds; the key has just been checked. So what it accepts is valid, at a
  // tenth of noble's time. What it refuses may still be valid: it does not multiply by the cofactor.
  const key = createPublicKey({ key: Buffer.concat([SPKI_HEADER, publicKey]), format: "der", type: "spki" });
  if (nodeVerify(null, message, key, signature)) return true;
  return noble.verify(signature, message, publicKey, { zip215: false });
}

/**
 * Whether `publicKey` may be registered: the canonical encoding of a point of the curve that is not of small order.
 *
 * @param publicKey - the key in RFC 8032's encoding
 */
export function isValidPublicKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== KEY_BYTES) return false;
  return decode(publicKey)?.isSmallOrder() === false;
}

/**
 * The form in which the contracts for registered keys take a signature: R ‖ S ‖ x, with R's x-coordinate, big-endian, so
 * that they need not work it out.
 *
 * @param signature - R ‖ S, 64 bytes
 * @returns 96 bytes
 * @throws RangeError when R is not the canonical encoding of a point: such a signature is not valid
 */
export function withHint(signature: Uint8Array): Uint8Array {
  const point = signature.length === SIGNATURE_BYTES ? decode(signature.subarray(0, KEY_BYTES)) : undefined;
  if (point === undefined) throw new RangeError("not the signature of anything");
  const x = Buffer.from(point.x.toString(16).padStart(64, "0"), "hex");
  return Uint8Array.from([...signature, ...x]);
}

function decode(encoded: Uint8Array): noble.Point | undefined {
  try {
    return noble.Point.fromBytes(encoded);
  } catch {
    // noble throws for what is not a canonical encoding of a point, and here that is an answer, not an error.
    return undefined;
  }
}

function privateKey(secretKey: Uint8Array) {
  if (secretKey.length !== KEY_BYTES)
    throw new RangeError(`secret key of ${secretKey.length} bytes instead of 32`);
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEADER, secretKey]), format: "der", type: "pkcs8" });
}

import * as noble from "@noble/ed25519";
import { publicKeyOf } from "../../../relayer/domain/ed25519.ts";

const L = noble.Point.CURVE().n;

/** The generator of the eight points of small order. */
export const TORSION = noble.Point.fromHex(
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
);

/** `n` times the generator of small order; the neutral element for 0. */
export const torsion = (n: number) => TORSION.multiply(BigInt(n % 8), false);

/** The 32 little-endian bytes of a number. */
export const littleEndian = (value: bigint) =>
  Uint8Array.from(Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse());

/** The number of little-endian bytes. */
export const fromLittleEndian = (data: Uint8Array) =>
  BigInt("0x" + Buffer.from(data).reverse().toString("hex"));

/** A key a·B + T and its secret scalar: T = 0 gives an ordinary key, else one of mixed order. */
export function mixedKey(seed: number, torsionOfKey = 0): { secret: bigint; key: Uint8Array } {
  const { scalar } = noble.utils.getExtendedPublicKey(new Uint8Array(32).fill(seed));
  return { secret: scalar, key: noble.Point.BASE.multiply(scalar).add(torsion(torsionOfKey)).toBytes() };
}

/** Signs by the equation, with R = nonce·B + T: valid for the cofactored equation whatever T and the key's torsion are. */
export function signMixed(
  message: Uint8Array,
  { secret, key }: { secret: bigint; key: Uint8Array },
  torsionOfR = 0,
) {
  const nonce = noble.etc.mod(
    fromLittleEndian(noble.hash(Uint8Array.from([torsionOfR, ...key, ...message]))),
    L,
  );
  const r = noble.Point.BASE.multiply(nonce).add(torsion(torsionOfR)).toBytes();
  const k = noble.etc.mod(fromLittleEndian(noble.hash(Uint8Array.from([...r, ...key, ...message]))), L);
  return Uint8Array.from([...r, ...littleEndian(noble.etc.mod(nonce + k * secret, L))]);
}

/** An ordinary signer. */
export function signer(seed: number): { secretKey: Uint8Array; key: Uint8Array } {
  const secretKey = new Uint8Array(32).fill(seed);
  return { secretKey, key: publicKeyOf(secretKey) };
}

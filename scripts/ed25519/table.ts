import { P } from "./program.ts";

/**
 * The comb's table of a point, computed plainly with affine points: what the base point's table in the generated code is
 * made from, and what tests hold the tables made on chain against.
 *
 * @module
 */

/** An affine point. */
export type Point = readonly [x: bigint, y: bigint];

const D = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n;
const TEETH = 8;
const SPACING = 32;
const HALF = (P + 1n) / 2n;

/** The base point of Ed25519. */
export const BASE: Point = [
  0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51an,
  0x6666666666666666666666666666666666666666666666666666666666666658n,
];

/** a modulo p, in 0 … p-1. */
export const modP = (a: bigint) => ((a % P) + P) % P;

/** 1/a modulo p. */
export function invert(a: bigint): bigint {
  let [result, base, exponent] = [1n, modP(a), P - 2n];
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = modP(result * base);
    base = modP(base * base);
  }
  return result;
}

/** The sum of two points of the curve. */
export function add([x1, y1]: Point, [x2, y2]: Point): Point {
  const k = modP(D * modP(x1 * x2) * modP(y1 * y2));
  return [modP((x1 * y2 + x2 * y1) * invert(1n + k)), modP((y1 * y2 + x1 * x2) * invert(1n - k))];
}

const negate = ([x, y]: Point): Point => [modP(-x), y];

/**
 * The 128 entries of 96 bytes of a point's table, in falling order: entry 127 first.
 *
 * Tooth r is 2^(32·r) times the point. Entry e is the sum of all eight teeth, tooth 7 positive and tooth r < 7 positive
 * where bit r of e is 1, negative where it is 0. An entry is ((y - x)/2, (y + x)/2, d·x·y), each in 32 bytes, big-endian.
 */
export function combTable(point: Point): Uint8Array {
  const teeth = [point];
  while (teeth.length < TEETH) {
    let tooth = teeth[teeth.length - 1] ?? point;
    for (let i = 0; i < SPACING; i++) tooth = add(tooth, tooth);
    teeth.push(tooth);
  }
  const top = teeth.pop() ?? point;
  let entries = [teeth.reduce((sum, tooth) => add(sum, negate(tooth)), top)];
  for (const tooth of teeth) {
    const twice = add(tooth, tooth);
    entries = [...entries, ...entries.map((entry) => add(entry, twice))];
  }
  const words = entries
    .reverse()
    .flatMap(([x, y]) => [modP((y - x) * HALF), modP((y + x) * HALF), modP(D * x * y)]);
  return Buffer.from(words.map((word) => word.toString(16).padStart(64, "0")).join(""), "hex");
}

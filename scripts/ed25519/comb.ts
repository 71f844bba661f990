import type { Assembler } from "./assembler.ts";
import { P, parse, proveBounds } from "./program.ts";
import type { Schedules } from "./schedules.ts";
import { swapGroups } from "./sha512.ts";

/**
 * The part of verification that works on the curve: Q = s·B - k·A by two signed combs, and the test 8·(Q - R) = 0.
 *
 * A comb with 8 teeth at a spacing of 32 writes a scalar m below 2^256 as 32 columns of 8 bits; bit 32·r + c stands for
 * the tooth 2^(32·r), with the sign + for 1 and - for 0. `table.ts` says which scalar that is. One pass of the 32 columns, most
 * significant first, doubles once and adds one table entry for A and one for B.
 *
 * Points are (X : Y : Z) with T = X·Y/Z kept only from where it is made to where it is used. Table entries are
 * ((y - x)/2, (y + x)/2, d·x·y); the formulas are those of Hisil, Wong, Carter and Dawson (2008) with every product
 * halved, so that sums need no reduction. `proveBounds` checks each against 2^256 when the code is generated.
 *
 * @module
 */

const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const D = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n;
const HALF = (P + 1n) / 2n;
const HALF_MOD_L = (L + 1n) / 2n;

/** Bytes of a table: 128 entries of three words. */
export const TABLE_BYTES = 128 * 96;
/** Columns of the comb that are written out one after another; a loop repeats them. */
const UNROLLED = 8;

const doubling = (isLast: boolean) =>
  parse(`
    A = X * X
    B = Y * Y
    W = X * Y
    E = W + W
    Z2 = Z + Z
    C = Z2 * Z
    H = A + B
    nA = p - A
    G = nA + B
    nG = 2p - G
    F = nG +p C
    X3 = E * F
    Y3 = G * H
    Z3 = F * G
    ${isLast ? "" : "T3 = E * H"}
  `);

/** Adds the entry at `at` of memory, or its negative: (-x, y) swaps y - x with y + x and changes the sign of d·x·y. */
const addition = (isNegative: boolean, at: string, isLast: boolean) =>
  parse(`
    ym = mem[${at}${isNegative ? offset(at, 32) : offset(at, 0)}]
    yp = mem[${at}${isNegative ? offset(at, 0) : offset(at, 32)}]
    td = mem[${at}${offset(at, 64)}]
    nX = p - X
    dif = nX + Y
    sum = X + Y
    A = dif * ym
    B = sum * yp
    C = T * td
    nA = p - A
    E = nA + B
    H = A + B
    nC = p - C
    F = ${isNegative ? "C" : "nC"} + Z
    G = ${isNegative ? "nC" : "C"} + Z
    X3 = E * F
    Y3 = G * H
    Z3 = F * G
    ${isLast ? "" : "T3 = E * H"}
  `);

const offset = (at: string, bytes: number) => (at === "" ? String(bytes) : bytes === 0 ? "" : `+${bytes}`);

const REDUCED = { X: P - 1n, Y: P - 1n, Z: P - 1n, T: P - 1n, q: 2n ** 16n };
const renamed = (stack: readonly string[]) => stack.map((name) => name.replace("3", ""));

/** The schedules of one column, fitted together: each starts with the stack that the one before leaves. */
function columnCode(schedules: Schedules) {
  const start = ["X", "Y", "Z"];
  const all = ["X3", "Y3", "Z3", "T3"];
  const get = (
    program: ReturnType<typeof parse>,
    before: string[],
    after: readonly string[],
    anyOrder: boolean,
  ) => {
    proveBounds(program, REDUCED);
    return schedules.get({ program, before, after, anyOrder });
  };
  const double = get(doubling(false), start, all, true);
  const withT = renamed(double.stack);
  const plusA = get(addition(false, "q", false), [...withT, "q"], all, true);
  const minusA = get(addition(true, "q", false), [...withT, "q"], plusA.stack, false);
  const afterA = renamed(plusA.stack);
  const closed = ["X3", "Y3", "Z3"];
  const plusB = get(addition(false, "", true), afterA, closed, false);
  const minusB = get(addition(true, "", true), afterA, closed, false);
  const last = get(doubling(true), start, closed, false);
  return { double, withT, plusA, minusA, afterA, plusB, minusB, last };
}

/**
 * Replaces a scalar on the stack by the digits of the comb for `factor` times the scalar. P lies pinned below.
 *
 * The digits of m stand for 2·m - (2^256 - 1); so m = (v + 2^256 - 1)/2 modulo L stands for v. Three swaps of index bits
 * then bring the eight bits of a column together in a byte: bit position 32·r + c has the index bits c0…c4, r0…r2, and after
 * swapping c0, c1, c2 with r0, r1, r2 the lowest three say which tooth, the upper five, c3 c4 c0 c1 c2, which column.
 */
export function digits(asm: Assembler, factor: bigint): void {
  const offsetModL = ((2n ** 256n - 1n) * HALF_MOD_L) % L;
  const multiplier = (((factor * HALF_MOD_L) % L) + L) % L;
  asm.run("L SWAP1 @multiplier MULMOD L SWAP1 @offset ADDMOD", { multiplier, offset: offsetModL });
  for (const [low, high] of [
    [2, 7],
    [1, 6],
    [0, 5],
  ] as const) {
    let mask = 0n;
    for (let bit = 0; bit < 256; bit++)
      if ((bit >> low) & 1 && !((bit >> high) & 1)) mask |= 1n << BigInt(bit);
    asm.run("DUP1 DUP1 @by SHR XOR @mask AND DUP1 @by SHL XOR XOR", { by: (1 << high) - (1 << low), mask });
  }
}

/**
 * Takes [P kDigits sDigits], leaves [P _ _ _ X Y Z]: the sum of both combs. The key's table lies at `table` in memory, B's at
 * the place `base` in the code; the entry of B that is being added takes the first 96 bytes of memory.
 */
export function comb(asm: Assembler, schedules: Schedules, table: number): void {
  const code = columnCode(schedules);
  asm.push(32 / UNROLLED);
  // The neutral element (0 : 1 : 1), T = 0, stands in for the first column's doubling.
  for (const name of code.withT) asm.push(name === "Y" || name === "Z" ? 1 : 0);
  asm.run(">comb.start JUMP");
  asm.height -= 1;
  asm.run(":comb.loop");
  for (let column = 0; column < UNROLLED; column++) {
    combColumn(asm, code, table, column);
  }
  // The next column of each group of four lies a byte further on.
  asm.run("SWAP5 #8 SHL SWAP5 SWAP4 #8 SHL SWAP4 SWAP3 #1 SWAP1 SUB SWAP3 DUP4 >comb.loop JUMPI");
}

/** One column: [P kDigits sDigits i X Y Z] to the same. A digit's top bit is its sign, the other seven the entry. */
function combColumn(
  asm: Assembler,
  code: ReturnType<typeof columnCode>,
  table: number,
  column: number,
): void {
  const start = asm.height;
  const place = (name: string) => `column${column}.${name}`;
  const at = { byte: 4 * column, table, last: table + 255 * 96 };
  asm.run(code.double.code);
  if (column === 0) asm.run(":comb.start");
  // A table holds the 128 entries whose top tooth is positive, in falling order: digit d >= 128 takes entry 255 - d, and
  // d < 128 the negative of entry d, since the complement of all signs is the negative.
  asm.run(`DUP7 @byte BYTE DUP1 #7 SHR >${place("plusA")} JUMPI`, at);
  const digitOnTop = asm.height;
  const nextDigit = (target: string) => `#96 DUP7 @byte BYTE DUP1 #7 SHR ${target} JUMPI`;
  asm.run("#96 MUL @table ADD", at).run(code.minusA.code);
  asm.run(nextDigit(`>${place("plusB")}`), at);
  const nextOnTop = asm.height;
  asm.run(`:${place("minusB")} #96 MUL >base ADD #0 CODECOPY`).run(code.minusB.code);
  asm.run(`>${place("end")} JUMP`);
  asm.height = digitOnTop;
  asm.run(`:${place("plusA")} #96 MUL @last SUB`, at).run(code.plusA.code);
  asm.run(nextDigit(`ISZERO >${place("minusB")}`), at);
  if (asm.height !== nextOnTop) throw new Error("the ways through a column differ in height");
  asm
    .run(`:${place("plusB")} #96 MUL >base.last SUB #0 CODECOPY`)
    .run(code.plusB.code)
    .run(`:${place("end")}`);
  if (asm.height !== start) throw new Error("a column changes the height of the stack");
}

/**
 * Takes [P _ _ _ X Y Z], leaves [P _ _ _ ok]: whether R is the canonical encoding of the point (x, y) with the hinted x
 * and 8·(Q - R) is the neutral element. Jumps to `refuse`, with the stack as it is, when R or x is bad.
 *
 * There are at most two x for a y, of different parity unless x = 0; so given R the only x that passes is the right one.
 */
export function finish(asm: Assembler, schedules: Schedules, memory: { r: number; x: number }): void {
  asm.run("@r MLOAD", { r: memory.r });
  reverseBytes(asm);
  asm.run("DUP1 #255 SHR SWAP1 #1 SHL #1 SHR @x MLOAD", { x: memory.x });
  // [… sign y x]: the parity of x is the sign, x < p, y < p
  asm.run("DUP1 #1 AND DUP4 XOR >refuse JUMPI P DUP2 LT ISZERO >refuse JUMPI P DUP3 LT ISZERO >refuse JUMPI");
  // y² - x² = 1 + d·x²·y². The left side is y² + (p - x²), below 2p; both are reduced before they are compared.
  asm.run("P DUP2 DUP1 MULMOD P DUP4 DUP1 MULMOD P DUP2 DUP4 MULMOD P SWAP1 @d MULMOD P SWAP1 #1 ADDMOD", {
    d: D,
  });
  asm.run("SWAP2 P SUB ADD P SWAP1 MOD SUB >refuse JUMPI");
  // R as a table entry at the start of memory: y + (p - x) and y + x are below 2p.
  asm.run(
    "DUP2 DUP2 P SUB ADD P SWAP1 @half MULMOD #0 MSTORE DUP2 DUP2 ADD P SWAP1 @half MULMOD #32 MSTORE",
    {
      half: HALF,
    },
  );
  asm.run("P SWAP2 MULMOD P SWAP1 @d MULMOD #64 MSTORE POP", { d: D });
  // T is X·Y/Z: instead of dividing, scale by Z to (X·Z : Y·Z : Z² : X·Y). Then subtract R.
  const code = columnCode(schedules);
  projective(asm, code.afterA);
  asm.run(code.minusB.code);
  for (let i = 0; i < 3; i++) asm.run(code.last.code);
  // The neutral element is (0 : Z : Z), and Z is never 0.
  asm.run("XOR OR ISZERO");
}

/** Reverses the bytes of the top value. */
export function reverseBytes(asm: Assembler): void {
  for (const bits of [8, 16, 32, 64, 128]) swapGroups(asm, bits);
}

/** Takes [X Y Z], leaves X·Z, Y·Z, Z² and X·Y in the order of `names`. */
function projective(asm: Assembler, names: readonly string[]): void {
  const products: Readonly<Record<string, readonly [number, number]>> = {
    X: [0, 2],
    Y: [1, 2],
    Z: [2, 2],
    T: [0, 1],
  };
  // The order of making that the last line turns into the order of `names`: it drops X, Y and Z from under the products.
  [3, 1, 0, 2].forEach((index, made) => {
    const [a, b] = products[names[index] ?? ""] ?? [0, 0];
    // X, Y, Z lie 3, 2, 1 deep, under the products made so far, under P and the first factor.
    asm.run(`P DUP${3 - a + made + 1} DUP${3 - b + made + 2} MULMOD`);
  });
  asm.run("SWAP4 POP SWAP5 POP SWAP3 POP");
}

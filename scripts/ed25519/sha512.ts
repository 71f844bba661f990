import type { Assembler } from "./assembler.ts";
import { parse } from "./program.ts";
import type { Schedules } from "./schedules.ts";
import { INITIAL, K } from "./sha512-constants.ts";

/**
 * SHA-512 of one block, R ‖ A ‖ M with a message M of 32 bytes, for one signature or for two at once.
 *
 * One signature ("pair"): a word of the state is kept doubled, x·(2^64 + 1), so that a rotation is one shift (only its
 * low 64 bits mean anything), and the message schedule is made two words at a time, W[t] and W[t+1] in two lanes of
 * 128 bits. Two signatures ("lanes"): every word of the state and of the schedule holds the one's word in the upper lane
 * and the other's in the lower one, always below 2^64; it is doubled only for rotating.
 *
 * Sixteen rounds are written out, and used five times; the schedule's last sixteen words lie in a ring in memory.
 *
 * @module
 */

const LANE_BITS = 128n;

/** A value in both lanes. */
const both = (value: bigint) => (value << LANE_BITS) | value;

/** Where things lie in memory while a block is hashed. */
export type HashMemory = {
  /** A ring of sixteen words: 272 bytes for a pair, 512 for lanes. */
  readonly ring: number;
  /** Round constants of sixteen rounds: 256 bytes for a pair, 384 for lanes, and not within the first 8 of memory. */
  readonly constants: number;
};

// S1 = rotr 14 ^ rotr 18 ^ rotr 41, S0 = rotr 28 ^ rotr 34 ^ rotr 39. u is a ^ b of the round before, which is b ^ c here:
// Maj(a, b, c) = b ^ ((a ^ b) & (b ^ c)). `w` holds W + K of two rounds for a pair: the first takes its upper lane, the
// second its lower one, and STATE cuts off what is above.
const pairRound = (isFirst: boolean) =>
  parse(`
    x27 = e >> 27
    x4 = e >> 4
    xa = x27 ^ x4
    xb = xa ^ e
    s1 = xb >> 14
    fg = f ^ g
    ef = fg & e
    ch = ef ^ g
    t1 = s1 + ch
    t2 = t1 + h
    ${isFirst ? "wh = w >> 128" : ""}
    t = t2 + ${isFirst ? "wh" : "w"}
    eT = t + d
    E = STATE(eT)
    y11 = a >> 11
    y6 = a >> 6
    ya = y11 ^ y6
    yb = ya ^ a
    s0 = yb >> 28
    ab = a ^ b
    m = ab & u
    maj = m ^ b
    s0m = s0 + maj
    aT = s0m + t
    A = STATE(aT)
  `);

// In a lane sums stay far below 2^128: h, d, Ch, Maj, S0 and S1 are below 2^64 and W + K below 2^65. What a shift moves
// from the upper lane into the lower one lands in its upper 64 bits (41 and 39 are less than 64), and LANES cuts it off.
const laneRound = parse(`
  ee = TWICE(e)
  x27 = ee >> 27
  x4 = ee >> 4
  xa = x27 ^ x4
  xb = xa ^ ee
  s1 = LANES(xb >> 14)
  fg = f ^ g
  ef = fg & e
  ch = ef ^ g
  t1 = s1 + ch
  t2 = t1 + h
  t = t2 + w
  eT = t + d
  E = LANES(eT)
  aa = TWICE(a)
  y11 = aa >> 11
  y6 = aa >> 6
  ya = y11 ^ y6
  yb = ya ^ aa
  s0 = LANES(yb >> 28)
  ab = a ^ b
  m = ab & u
  maj = m ^ b
  s0m = s0 + maj
  aT = s0m + t
  A = LANES(aT)
`);

// W[t] = W[t-16] + (rotr 1 ^ rotr 8 ^ shr 7)(W[t-15]) + W[t-7] + (rotr 19 ^ rotr 61 ^ shr 6)(W[t-2]) in both lanes, by the
// same reasoning: the shifts add up to at most 61.
const messageWord = parse(`
  x = mem[W15]
  xx = TWICE(x)
  x7 = xx >> 7
  xa = xx ^ x7
  xr = xa >> 1
  xs = x >> 7
  xb = xr ^ xs
  s0 = LANES(xb)
  y = mem[W2]
  yy = TWICE(y)
  y42 = yy >> 42
  ya = yy ^ y42
  yr = ya >> 19
  ys = y >> 6
  yb = yr ^ ys
  s1 = LANES(yb)
  sum1 = s0 + s1
  w7 = mem[W7]
  sum2 = sum1 + w7
  w16 = mem[W16]
  sum3 = sum2 + w16
  w = LANES(sum3)
`);

/**
 * Bytes from one round constant to the next, for lanes: K, zeros, K. What is read before them, the constant before, lies in
 * the upper 64 bits of the upper lane, where nothing but sums look at it, which LANES then cuts off.
 */
const LANES_STRIDE = 24;
const ZEROS = "0".repeat(16);

/** The names of the state's words after a round: its A is the next round's a, and so on. */
const NEXT: Readonly<Record<string, string>> = {
  A: "a",
  a: "b",
  b: "c",
  c: "d",
  E: "e",
  e: "f",
  f: "g",
  g: "h",
  ab: "u",
  w: "w",
};
const START = ["h", "g", "f", "e", "d", "c", "b", "a", "u"];
/** After so many rounds the stack is in the order in which it started. */
const PERIOD = 8;

type Variant = {
  readonly isPair: boolean;
  readonly memory: HashMemory;
  readonly schedules: Schedules;
  /** Pushes word `i` of the block (for a pair: words i and i+1, for even i) as it lies in the ring. */
  readonly load: (asm: Assembler, i: number) => void;
};

/**
 * Appends the hash. It takes nothing and leaves k, the digest as a little-endian number modulo L: one k for a pair, the
 * lower lane's below the upper lane's for lanes. Needs `hashData` behind the code and, for lanes, a subroutine `reverseLanes`.
 */
export function hash(asm: Assembler, variant: Variant): void {
  const { isPair, memory } = variant;
  const bottom = asm.height;
  if (isPair) asm.pin("LANE");
  asm.pin("TWICE").pin("LANES").run(">hash.K");
  for (const name of START) asm.push(initial(name, isPair));
  const rounds = roundCode(variant);
  const stride = isPair ? 16 : 32;
  const step = isPair ? 2 : 1;
  const sixteen = (word: (i: number) => void) => {
    for (let i = 0; i < 16; i += step) {
      word(i);
      for (let r = i; r < i + step; r++) asm.run(rounds[r % PERIOD] ?? []);
      asm.height = bottom + (isPair ? 4 : 3) + START.length;
    }
  };
  sixteen((i) => {
    variant.load(asm, i);
    const constant = isPair ? ((K[i] ?? 0n) << LANE_BITS) | (K[i + 1] ?? 0n) : both(K[i] ?? 0n);
    asm.run("DUP1 @at MSTORE @k ADD", { at: memory.ring + stride * i, k: constant });
  });
  const constantStride = isPair ? 32 : LANES_STRIDE;
  const block = (16 / step) * constantStride;
  // The address of the next constants lies below the nine words of the state.
  asm.run(":hash.loop @block DUP11 @constants CODECOPY", { block, constants: memory.constants });
  const { code } = variant.schedules.get({ program: messageWord, before: [], after: ["w"], anyOrder: false });
  const slot = (i: number) => memory.ring + stride * ((i + 16) % 16);
  sixteen((i) => {
    asm.run(code, { W16: slot(i), W15: slot(i - 15), W7: slot(i - 7), W2: slot(i - 2) });
    asm.run("DUP1 @at MSTORE", { at: slot(i) });
    // A pair read at the ring's last word finds the first one behind it.
    if (isPair && i === 0) asm.run("DUP1 @at MSTORE", { at: memory.ring + 256 });
    asm.run("@at MLOAD ADD", { at: memory.constants + constantStride * (i / step + 1) - 32 });
  });
  asm.run("SWAP9 @block ADD SWAP9 >hash.end DUP11 LT >hash.loop JUMPI", { block });
  if (isPair) pairChallenge(asm);
  else laneChallenges(asm);
  for (const name of ["LANE", "TWICE", "LANES"]) asm.repin(name);
}

/** The code of `PERIOD` rounds. Each leaves the stack as is cheapest, the last one as the first one found it. */
function roundCode({ isPair, schedules }: Variant): (readonly string[])[] {
  const code: (readonly string[])[] = [];
  let order = START;
  for (let r = 0; r < PERIOD; r++) {
    const isFirst = isPair && r % 2 === 0;
    const program = isPair ? pairRound(isFirst) : laneRound;
    const after = ["A", "a", "b", "c", "E", "e", "f", "g", "ab", ...(isFirst ? ["w"] : [])];
    const isLast = r === PERIOD - 1;
    const closed = START.map((name) => after.find((old) => NEXT[old] === name) ?? "");
    const before = order.includes("w") ? order : [...order, "w"];
    const schedule = schedules.get({ program, before, after: isLast ? closed : after, anyOrder: !isLast });
    code.push(schedule.code);
    order = schedule.stack.map((name) => NEXT[name] ?? "");
  }
  return code;
}

/** Where a word of the state lies under the top when the stack is as at the start (1 is the top). */
const depth = (name: string) => START.length - START.indexOf(name);

/** Pushes a word of the final state, with `above` values on the stack above the state: its sum with the initial one. */
function finalWord(asm: Assembler, name: string, isPair: boolean, above: number): void {
  const start = INITIAL["abcdefgh".indexOf(name)] ?? 0n;
  asm.run(`DUP${depth(name) + above} @start ADD`, { start: isPair ? start : both(start) });
  asm.run(isPair ? "LANE AND" : "LANES AND");
}

/** Reverses the bytes of each of the four 64-bit words in the top value. */
export function reverseLanes(asm: Assembler): void {
  for (const bits of [8, 16, 32]) swapGroups(asm, bits);
}

/** Swaps neighbouring groups of `bits` bits in the top value. */
export function swapGroups(asm: Assembler, bits: number): void {
  if (bits === 128) {
    asm.run("DUP1 #128 SHR SWAP1 #128 SHL OR");
    return;
  }
  const mask = (2n ** 256n - 1n) / (2n ** BigInt(bits) + 1n);
  asm.run("@mask DUP2 @bits SHR DUP2 AND SWAP2 AND @bits SHL OR", { mask, bits });
}

// hi·2^256 + lo modulo L
const REDUCE = "L SWAP1 @shift MULMOD L SWAP2 ADDMOD";
const SHIFT = { shift: 2n ** 256n % (2n ** 252n + 27742317777372353535851937790883648493n) };

/** Replaces the state, the address under it and the three constants under that by k. */
function pairChallenge(asm: Assembler): void {
  for (const [half, letters] of ["abcd", "efgh"].entries()) {
    Array.from(letters).forEach((name, i) => {
      finalWord(asm, name, true, half + (i === 0 ? 0 : 1));
      if (i > 0) asm.run("@bits SHL OR", { bits: 64 * i });
    });
    reverseLanes(asm);
  }
  asm.run(REDUCE, SHIFT).run("SWAP13").run(new Array<string>(13).fill("POP"));
}

/** Replaces the state, the address under it and the two constants under that by both k, the upper lane's on top. */
function laneChallenges(asm: Assembler): void {
  // Four words: in each lane a|b, c|d, e|f, g|h, the first of each pair in the lower 64 bits.
  for (const [i, [first = "", second = ""]] of ["ab", "cd", "ef", "gh"].entries()) {
    finalWord(asm, second, false, i);
    asm.run("#64 SHL");
    finalWord(asm, first, false, i + 1);
    asm.run("OR").call("reverseLanes", 1, 1);
  }
  asm.run("DUP4 #0xffffffffffffffffffffffffffffffff AND DUP4 #128 SHL OR");
  asm.run("DUP3 #0xffffffffffffffffffffffffffffffff AND DUP3 #128 SHL OR");
  asm.run(REDUCE, SHIFT).run("SWAP16 POP");
  asm.run("DUP4 #128 SHR DUP4 #128 SHR #128 SHL OR DUP3 #128 SHR DUP3 #128 SHR #128 SHL OR");
  asm.run(REDUCE, SHIFT).run("SWAP15").run(new Array<string>(15).fill("POP"));
}

/** Appends the round constants of rounds 16 to 79, as `hash` reads them. */
export function hashData(asm: Assembler, isPair: boolean): void {
  const hex = K.slice(16).map((k) => k.toString(16).padStart(16, "0"));
  const data = hex.map((k) => (isPair ? ZEROS + k : k + ZEROS + k));
  asm.data("hash.K", Buffer.from(data.join(""), "hex"));
  asm.locate("hash.end", asm.size);
}

function initial(name: string, isPair: boolean): bigint {
  const of = (letter: string) => INITIAL["abcdefgh".indexOf(letter)] ?? 0n;
  const value = name === "u" ? of("b") ^ of("c") : of(name);
  if (!isPair) return both(value);
  // a and e are rotated in the first round; of the others only the low 64 bits are looked at.
  return name === "a" || name === "e" ? value * (2n ** 64n + 1n) : value;
}

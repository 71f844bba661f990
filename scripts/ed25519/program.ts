/**
 * Straight-line programs over EVM words: what the generated verifiers compute, apart from how the stack is arranged.
 *
 * A program is text, one assignment a line, every name assigned once:
 *
 *     a = b * c      product modulo p        a = b +p c    sum modulo p
 *     a = b + c      plain sum               a = p - b     difference from p (also 2p)
 *     a = b ^ c      exclusive or            a = b & c     bitwise and
 *     a = b >> 7     shift to the right      a = LANES(b)  low 64 bits of both 128-bit lanes
 *     a = TWICE(b)   b·(2^64 + 1)            a = STATE(b)  (b mod 2^64)·(2^64 + 1)
 *     a = mem[32]    load from an address    a = mem[W15]  load from an address given later
 *     a = mem[q+32]  load from an address relative to the value q
 *
 * @module
 */

/** The field's order. */
export const P = 2n ** 255n - 19n;
/** The constants that instructions may name, and that the assembler pushes or duplicates. */
export const CONSTANTS: Readonly<Record<string, bigint>> = {
  P,
  P2: 2n * P,
  L: 2n ** 252n + 27742317777372353535851937790883648493n,
  LANE: 2n ** 64n - 1n,
  LANES: (2n ** 64n - 1n) * (2n ** 128n + 1n),
  TWICE: 2n ** 64n + 1n,
};

/** How an operation wants its operands: none, one on top, two on top in any order, or two in any order over p. */
export type Shape = "nullary" | "unary" | "commutative" | "modular";

/** One assignment: `instructions` turn the operands on top of the stack into the result. */
export type Operation = {
  readonly result: string;
  readonly shape: Shape;
  readonly operands: readonly string[];
  readonly instructions: readonly string[];
};

/** A program: its operations in the order of the text. */
export type Program = readonly Operation[];

type Form = {
  readonly pattern: RegExp;
  readonly shape: Shape;
  readonly instructions: (...captured: string[]) => string;
};

const FORMS: readonly Form[] = [
  { pattern: /^(\w+) \* (\w+)$/, shape: "modular", instructions: () => "MULMOD" },
  { pattern: /^(\w+) \+p (\w+)$/, shape: "modular", instructions: () => "ADDMOD" },
  { pattern: /^p - (\w+)$/, shape: "unary", instructions: () => "P SUB" },
  { pattern: /^2p - (\w+)$/, shape: "unary", instructions: () => "P2 SUB" },
  { pattern: /^(\w+) \+ \1$/, shape: "unary", instructions: () => "DUP1 ADD" },
  { pattern: /^(\w+) \+ (\w+)$/, shape: "commutative", instructions: () => "ADD" },
  { pattern: /^(\w+) \^ (\w+)$/, shape: "commutative", instructions: () => "XOR" },
  { pattern: /^(\w+) & (\w+)$/, shape: "commutative", instructions: () => "AND" },
  { pattern: /^(\w+) >> (\d+)$/, shape: "unary", instructions: (_value, bits) => `#${bits} SHR` },
  { pattern: /^LANES\((\w+)\)$/, shape: "unary", instructions: () => "LANES AND" },
  {
    pattern: /^LANES\((\w+) >> (\d+)\)$/,
    shape: "unary",
    instructions: (_value, bits) => `#${bits} SHR LANES AND`,
  },
  { pattern: /^STATE\((\w+)\)$/, shape: "unary", instructions: () => "LANE AND TWICE MUL" },
  { pattern: /^TWICE\((\w+)\)$/, shape: "unary", instructions: () => "TWICE MUL" },
  { pattern: /^mem\[(\d+)\]$/, shape: "nullary", instructions: (address) => `#${address} MLOAD` },
  { pattern: /^mem\[([A-Z]\w*)\]$/, shape: "nullary", instructions: (name) => `@${name} MLOAD` },
  { pattern: /^mem\[([a-z]\w*)\]$/, shape: "unary", instructions: () => "MLOAD" },
  {
    pattern: /^mem\[([a-z]\w*)\+(\d+)\]$/,
    shape: "unary",
    instructions: (_base, offset) => `#${offset} ADD MLOAD`,
  },
];

/** Parses the text of a program. Throws on a line that has none of the forms above. */
export function parse(text: string): Program {
  return text
    .split("\n")
    .map((line) => line.replace(/\/\/.*/, "").trim())
    .filter((line) => line !== "")
    .map(parseLine);
}

function parseLine(line: string): Operation {
  const [result = "", expression = ""] = line.split(" = ");
  for (const { pattern, shape, instructions } of FORMS) {
    const match = pattern.exec(expression);
    if (match === null) continue;
    const captured = match.slice(1);
    const operands = shape === "nullary" ? [] : captured.filter((name) => !/^\d/.test(name));
    return { result, shape, operands, instructions: instructions(...captured).split(" ") };
  }
  throw new Error(`no such form: ${line}`);
}

/**
 * Proves that no plain sum of a field program wraps around 2^256 and no difference falls below zero, given bounds of
 * the values that it starts from.
 *
 * @param bounds - the greatest value that each input can take; loads are bounded by `p - 1`
 * @returns the greatest value that each name can take
 */
export function proveBounds(program: Program, bounds: Readonly<Record<string, bigint>>): Map<string, bigint> {
  const greatest = new Map(Object.entries(bounds));
  const of = (name: string | undefined) => {
    const bound = name === undefined ? undefined : greatest.get(name);
    if (bound === undefined) throw new Error(`no bound for ${name ?? "nothing"}`);
    return bound;
  };
  for (const { result, operands, instructions } of program) {
    const code = instructions.join(" ");
    let bound = P - 1n;
    if (code === "ADD") bound = of(operands[0]) + of(operands[1]);
    else if (code === "DUP1 ADD") bound = 2n * of(operands[0]);
    else if (code === "P SUB" || code === "P2 SUB") {
      bound = code === "P SUB" ? P : 2n * P;
      if (of(operands[0]) > bound) throw new Error(`${result} may fall below zero`);
    } else if (!/MULMOD|ADDMOD|MLOAD/.test(code)) throw new Error(`${code} is no field operation`);
    if (bound >= 2n ** 256n) throw new Error(`${result} may wrap around`);
    greatest.set(result, bound);
  }
  return greatest;
}

import { CONSTANTS } from "./program.ts";

/**
 * A small assembler. Code is text, a token an instruction:
 *
 *     DUP1 SWAP2 ADD   instructions by their names     #64 #0xff   pushes a number
 *     P LANE           pushes a constant by its name    @S          pushes a number given beside the text
 *     :loop            a place to jump to               >loop       pushes such a place (or the start of data)
 *
 * It counts the height of the stack, so that a constant which is already on the stack ("pinned") is duplicated instead
 * of pushed: both cost 3 gas, but one byte of code instead of up to 33.
 *
 * @module
 */

type Instruction = { readonly code: number; readonly takes: number; readonly leaves: number };

const table = (text: string): ReadonlyMap<string, Instruction> =>
  new Map(
    text
      .trim()
      .split(/\s+/)
      .map((entry) => {
        const [name = "", code = "", takes = "", leaves = ""] = entry.split(":");
        return [name, { code: parseInt(code, 16), takes: Number(takes), leaves: Number(leaves) }];
      }),
  );

// name:code:values taken from the stack:values left on it
const INSTRUCTIONS = table(`
  ADD:01:2:1 MUL:02:2:1 SUB:03:2:1 DIV:04:2:1 MOD:06:2:1 ADDMOD:08:3:1 MULMOD:09:3:1 LT:10:2:1 GT:11:2:1 EQ:14:2:1
  ISZERO:15:1:1 AND:16:2:1 OR:17:2:1 XOR:18:2:1 NOT:19:1:1 BYTE:1a:2:1 SHL:1b:2:1 SHR:1c:2:1 KECCAK256:20:2:1
  EXTCODESIZE:3b:1:1
  CALLDATALOAD:35:1:1 CALLDATASIZE:36:0:1 CALLDATACOPY:37:3:0 CODECOPY:39:3:0 EXTCODECOPY:3c:4:0 POP:50:1:0
  MLOAD:51:1:1 MSTORE:52:2:0 MSTORE8:53:2:0 JUMP:56:1:0 JUMPI:57:2:0 MCOPY:5e:3:0 RETURN:f3:2:0 REVERT:fd:2:0
`);

/** Assembles one contract's code. */
export class Assembler {
  /** How many values are on the stack. Set it after an unconditional jump. */
  height = 0;
  readonly #code: number[] = [];
  readonly #pinned = new Map<string, number>();
  readonly #places = new Map<string, number>();
  readonly #references: { at: number; place: string }[] = [];
  readonly #holes = new Map<string, number[]>();
  #calls = 0;

  /** Appends code. `given` are the numbers behind its `@` tokens. */
  run(text: string | readonly string[], given: Readonly<Record<string, number | bigint>> = {}): this {
    const tokens = typeof text === "string" ? text.trim().split(/\s+/) : text;
    for (const token of tokens) this.#token(token, given);
    return this;
  }

  /** Pushes a number in as few bytes as it needs. */
  push(value: number | bigint): this {
    const hex = value === 0 || value === 0n ? "" : BigInt(value).toString(16);
    const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
    this.#code.push(0x5f + bytes.length, ...bytes);
    this.height++;
    return this;
  }

  /** Pushes a constant and remembers where it lies. */
  pin(name: string): this {
    this.push(constant(name));
    this.#pinned.set(name, this.height);
    return this;
  }

  /** Declares that `name` lies at `height` of the stack already, or (without a height) no longer. */
  repin(name: string, height?: number): this {
    if (height === undefined) this.#pinned.delete(name);
    else this.#pinned.set(name, height);
    return this;
  }

  /** Pushes `bytes` zero bytes that are to be filled in when the contract is deployed. */
  hole(name: string, bytes: number): this {
    this.#code.push(0x5f + bytes);
    this.#holes.set(name, [...(this.#holes.get(name) ?? []), this.#code.length]);
    this.#code.push(...new Array<number>(bytes).fill(0));
    this.height++;
    return this;
  }

  /** Calls a subroutine that replaces the top `takes` values by `leaves` and jumps back to the value below them. */
  call(place: string, takes: number, leaves: number): this {
    const back = `back${this.#calls++}`;
    this.run(`>${back}`);
    for (let i = takes; i > 0; i--) this.run(`SWAP${i}`);
    this.run(`>${place} JUMP :${back}`);
    this.height += leaves - takes - 1;
    return this;
  }

  /** Appends bytes that are no code, at a place. */
  data(place: string, bytes: Uint8Array): this {
    this.locate(place, this.#code.length);
    this.#code.push(...bytes);
    return this;
  }

  /** Names a position in the code. */
  locate(place: string, position: number): this {
    if (this.#places.has(place)) fail(`two places ${place}`);
    this.#places.set(place, position);
    return this;
  }

  /** How many bytes have been appended. */
  get size(): number {
    return this.#code.length;
  }

  /** The finished bytes and where their holes are. */
  finish(): { code: Uint8Array; holes: ReadonlyMap<string, readonly number[]> } {
    for (const { at, place } of this.#references) {
      const position = this.#places.get(place);
      if (position === undefined) throw new Error(`no place ${place}`);
      this.#code[at] = position >> 8;
      this.#code[at + 1] = position & 0xff;
    }
    return { code: Uint8Array.from(this.#code), holes: this.#holes };
  }

  #token(token: string, given: Readonly<Record<string, number | bigint>>): void {
    const kind = token.charAt(0);
    const rest = token.slice(1);
    if (kind === "#") this.push(BigInt(rest));
    else if (kind === "@") this.push(given[rest] ?? fail(`no number for ${token}`));
    else if (kind === ">") this.#reference(rest);
    else if (kind === ":") this.#place(rest);
    else if (token in CONSTANTS) this.#constant(token);
    else this.#instruction(token);
  }

  #constant(name: string): void {
    const depth = this.height - (this.#pinned.get(name) ?? -Infinity) + 1;
    if (depth <= 16) this.#instruction(`DUP${depth}`);
    else this.push(constant(name));
  }

  #reference(place: string): void {
    this.#code.push(0x61, 0, 0);
    this.#references.push({ at: this.#code.length - 2, place });
    this.height++;
  }

  #place(name: string): void {
    this.locate(name, this.#code.length);
    this.#code.push(0x5b);
  }

  #instruction(name: string): void {
    const stackOperation = /^(DUP|SWAP)(\d+)$/.exec(name);
    if (stackOperation !== null) {
      const depth = Number(stackOperation[2]);
      const isDup = stackOperation[1] === "DUP";
      if (depth > 16 || depth + (isDup ? 0 : 1) > this.height) fail(`${name} at height ${this.height}`);
      this.#code.push((isDup ? 0x7f : 0x8f) + depth);
      this.height += isDup ? 1 : 0;
      return;
    }
    const { code, takes, leaves } = INSTRUCTIONS.get(name) ?? fail(`no instruction ${name}`);
    if (this.height < takes) fail(`${name} at height ${this.height}`);
    this.#code.push(code);
    this.height += leaves - takes;
  }
}

function constant(name: string): bigint {
  return CONSTANTS[name] ?? fail(`no constant ${name}`);
}

function fail(message: string): never {
  throw new Error(message);
}

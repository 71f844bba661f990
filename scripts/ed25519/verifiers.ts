import { Assembler } from "./assembler.ts";
import { comb, digits, finish, reverseBytes, TABLE_BYTES } from "./comb.ts";
import type { Schedules } from "./schedules.ts";
import { hash, hashData, reverseLanes } from "./sha512.ts";
import { BASE, combTable } from "./table.ts";

/**
 * The two generated contracts: the verifier of one signature (ERC-7913) and the verifier of several over one digest.
 *
 * Their holes are filled in by their constructors: `registry`, the address of the key registry, and `tableCode`, the hash of
 * the creation code of its tables. With the key as salt these give the address of the key's table (EIP-1014).
 *
 * @module
 */

/** The first byte of a table's code. 0xfe is an invalid instruction: nobody can run a table. */
export const TABLE_MARK = 0xfe;

/** Selectors of the functions that the generated contracts have. */
export type Selectors = Readonly<Record<"verify" | "verifyChallenge" | "isValidKey" | "verifyAll", string>>;

/** The code of a contract, and the positions of its holes. */
export type Contract = ReturnType<Assembler["finish"]>;

const WORD = 32;

/** Where things lie in the memory of the single verifier, in bytes. The first three words of the block are contiguous. */
const SINGLE = {
  ring: 0x000,
  constants: 0x120,
  r: 0x220,
  key: 0x240,
  message: 0x260,
  s: 0x280,
  x: 0x2a0,
  table: 0x2e0,
} as const;

/** Where things lie in the memory of the verifier of several. A signature takes 128 bytes: R, S, x and then the key. */
const SEVERAL = {
  ring: 0x000,
  constants: 0x200,
  message: 0x400,
  first: 0x420,
  second: 0x4a0,
  r: 0x520,
  s: 0x540,
  x: 0x560,
  key: 0x580,
  table: 0x5c0,
} as const;

/**
 * `verify(bytes key, bytes32 hash, bytes signature)`, `verifyChallenge` with the same arguments and `isValidKey(bytes key)`:
 * see `IEd25519CombVerifier`.
 */
export function singleVerifier(schedules: Schedules, selectors: Selectors): Contract {
  const asm = new Assembler();
  const [verify, verifyChallenge, isValidKey] = [
    selectors.verify,
    selectors.verifyChallenge,
    selectors.isValidKey,
  ].map(BigInt);
  if (verify === undefined || verifyChallenge === undefined || isValidKey === undefined)
    throw new Error("no selector");
  asm.run("#0 CALLDATALOAD #224 SHR DUP1 @verify EQ >parse JUMPI", { verify });
  asm.run("DUP1 @verifyChallenge EQ >parse JUMPI @isValidKey EQ >isValidKey JUMPI #0 #0 REVERT", {
    verifyChallenge,
    isValidKey,
  });
  asm.height = 1;
  asm.run(":parse");
  copyBytes(asm, { argument: 4, length: WORD }, [[0, SINGLE.key, WORD]], "refuse");
  asm.run("#36 CALLDATALOAD @message MSTORE", SINGLE);
  const parts = [
    [0, SINGLE.r, WORD],
    [WORD, SINGLE.s, 2 * WORD],
  ] as const;
  copyBytes(asm, { argument: 68, length: 3 * WORD }, parts, "refuse");
  loadTable(asm, SINGLE);
  asm.run("@verify EQ >hash JUMPI P @message MLOAD >equation JUMP", { verify, message: SINGLE.message });
  asm.height = 0;
  asm.run(":hash").pin("P");
  hash(asm, { isPair: true, memory: SINGLE, schedules, load: loadPair });
  asm.run(":equation");
  checkEquation(asm, schedules, SINGLE);
  // 1 becomes the selector, 0 becomes 0xffffffff: (ok - 1) | selector, at the upper end of the word.
  asm.run("#1 SWAP1 SUB @verify OR #224 SHL #0 MSTORE #32 #0 RETURN", { verify });
  asm.height = 0;
  asm.run(":refuse #0xffffffff #224 SHL #0 MSTORE #32 #0 RETURN :isValidKey");
  copyBytes(asm, { argument: 4, length: WORD }, [[0, SINGLE.key, WORD]], "no");
  tableAddress(asm, SINGLE.key);
  asm.run("EXTCODESIZE @size EQ #0 MSTORE #32 #0 RETURN", { size: TABLE_BYTES + 1 });
  asm.run(":no #0 #0 MSTORE #32 #0 RETURN");
  return withTables(asm, true);
}

/** `verifyAll(bytes32 hash, bytes keys, bytes signatures)`: see `IEd25519BatchVerifier`. */
export function batchVerifier(schedules: Schedules, selectors: Selectors): Contract {
  const asm = new Assembler();
  asm.run("#0 CALLDATALOAD #224 SHR @verifyAll EQ >verifyAll JUMPI #0 #0 REVERT :verifyAll", {
    verifyAll: BigInt(selectors.verifyAll),
  });
  asm.run("#4 CALLDATALOAD @message MSTORE", SEVERAL);
  countSignatures(asm);
  // [signatures keys left], the first two being where the next of each lie in the calldata
  asm.run(":next");
  const { first, second } = SEVERAL;
  asm.run("#96 DUP4 @first CALLDATACOPY #32 DUP3 @firstKey CALLDATACOPY", { first, firstKey: first + 96 });
  // Behind an odd last signature this reads what may come there; its lane is then not looked at.
  asm.run("#96 DUP4 #96 ADD @second CALLDATACOPY #32 DUP3 #32 ADD @secondKey CALLDATACOPY", {
    second,
    secondKey: second + 96,
  });
  hash(asm, { isPair: false, memory: SEVERAL, schedules, load: loadLanes });
  asm.run("#128 @first @r MCOPY", SEVERAL).call("one", 1, 0);
  asm.run("DUP2 #1 EQ >accept JUMPI #128 @second @r MCOPY", SEVERAL).call("one", 1, 0);
  asm.run("#2 SWAP1 SUB DUP1 ISZERO >accept JUMPI");
  asm.run("SWAP2 #192 ADD SWAP2 SWAP1 #64 ADD SWAP1 >next JUMP");
  // A subroutine: [back k] to nothing, or refuses.
  asm.height = 2;
  asm.run(":one").pin("P").run("SWAP1").repin("P", 2);
  loadTable(asm, SEVERAL);
  checkEquation(asm, schedules, SEVERAL);
  asm.run("ISZERO >refuse JUMPI POP POP POP POP JUMP");
  asm.height = 2;
  reverseLanes(asm.run(":reverseLanes"));
  asm.run("SWAP1 JUMP");
  asm.height = 0;
  asm.run(":accept #1 #0 MSTORE #32 #0 RETURN :refuse #0 #0 MSTORE #32 #0 RETURN");
  return withTables(asm, false);
}

/**
 * Copies an argument of type `bytes` to memory, from [offset, to, length] for each part. Jumps to `otherwise` unless the
 * argument has exactly `length` bytes and ends within the calldata. An offset beyond the calldata finds a length of 0
 * there and is refused with it, so that the sums below cannot wrap around.
 */
function copyBytes(
  asm: Assembler,
  { argument, length }: { argument: number; length: number },
  parts: readonly (readonly [offset: number, to: number, length: number])[],
  otherwise: string,
): void {
  asm.run("@argument CALLDATALOAD #4 ADD", { argument });
  asm.run(`DUP1 CALLDATALOAD @length XOR >${otherwise} JUMPI`, { length });
  asm.run(`CALLDATASIZE DUP2 @end ADD GT >${otherwise} JUMPI`, { end: WORD + length });
  for (const [offset, to, bytes] of parts) {
    asm.run("@bytes DUP2 @from ADD @to CALLDATACOPY", { bytes, from: WORD + offset, to });
  }
  asm.run("POP");
}

/** Leaves [signatures keys n], or refuses: `keys` must be n·32 bytes and `signatures` n·96 with n >= 1. */
function countSignatures(asm: Assembler): void {
  asm.run("#68 CALLDATALOAD #4 ADD #36 CALLDATALOAD #4 ADD DUP1 CALLDATALOAD");
  // [signatures keys length]: not 0 and a multiple of 32. It is compared with the calldata's size first, so that
  // neither it nor the offset (see `copyBytes`) is large enough for a sum or a product to wrap around.
  asm.run("CALLDATASIZE DUP2 GT >refuse JUMPI DUP1 ISZERO >refuse JUMPI DUP1 #31 AND >refuse JUMPI");
  asm.run("CALLDATASIZE DUP3 #32 ADD DUP3 ADD GT >refuse JUMPI");
  asm.run("DUP1 #3 MUL DUP4 CALLDATALOAD DUP2 XOR >refuse JUMPI");
  asm.run("CALLDATASIZE DUP5 #32 ADD DUP3 ADD GT >refuse JUMPI POP");
  asm.run("#5 SHR SWAP1 #32 ADD SWAP1 SWAP2 #32 ADD SWAP2");
}

/** Pushes the address of the table of the key in memory. */
function tableAddress(asm: Assembler, key: number): void {
  // keccak256(0xff ‖ registry ‖ salt ‖ hash of the creation code), 1 + 20 + 32 + 32 bytes
  asm.run("#0xff #0 MSTORE8").hole("registry", 20).run("#96 SHL #1 MSTORE @key MLOAD #21 MSTORE", { key });
  asm.hole("tableCode", 32).run("#53 MSTORE #85 #0 KECCAK256");
}

/** Copies the table of the key in memory to memory, or refuses when there is none. */
function loadTable(asm: Assembler, { key, table }: { key: number; table: number }): void {
  asm.run("@size #0 @mark", { size: TABLE_BYTES + 1, mark: table - 1 });
  tableAddress(asm, key);
  asm.run("EXTCODECOPY @before MLOAD #0xff AND @mark XOR >refuse JUMPI", {
    before: table - WORD,
    mark: TABLE_MARK,
  });
}

/** Takes [P k], leaves [P _ _ _ ok] or refuses: S < L and 8·(S·B - k·A - R) = 0. */
function checkEquation(
  asm: Assembler,
  schedules: Schedules,
  memory: { r: number; s: number; x: number; table: number },
): void {
  digits(asm, -1n);
  asm.run("@s MLOAD", { s: memory.s });
  reverseBytes(asm);
  asm.run("L DUP2 LT ISZERO >refuse JUMPI");
  digits(asm, 1n);
  comb(asm, schedules, memory.table);
  finish(asm, schedules, memory);
}

/** SHA-512's padding of 96 bytes to a block, as words 12 to 15: the byte 0x80, zeros, and the length in bits. */
const PADDING = [1n << 63n, 0n, 0n, 768n];

function loadPair(asm: Assembler, i: number): void {
  if (i >= 12) asm.push(((PADDING[i - 12] ?? 0n) << 128n) | (PADDING[i - 11] ?? 0n));
  else asm.run("@from MLOAD #128 SHR DUP1 #64 SHL OR LANES AND", { from: SINGLE.r + 8 * i });
}

function loadLanes(asm: Assembler, i: number): void {
  const padding = PADDING[i - 12];
  if (padding !== undefined) {
    asm.push((padding << 128n) | padding);
    return;
  }
  const { message, first, second } = SEVERAL;
  const from = (signature: number) =>
    i < 4 ? signature + 8 * i : i < 8 ? signature + 96 + 8 * (i - 4) : message + 8 * (i - 8);
  asm.run("@upper MLOAD #192 SHR #128 SHL @lower MLOAD #192 SHR OR", {
    upper: from(first),
    lower: from(second),
  });
}

function withTables(asm: Assembler, isPair: boolean): Contract {
  hashData(asm, isPair);
  asm.locate("base.last", asm.size + 255 * 96);
  asm.data("base", combTable(BASE));
  return asm.finish();
}

import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { network } from "hardhat";
import { Assembler } from "../../../scripts/ed25519/assembler.ts";
import { digits, reverseBytes } from "../../../scripts/ed25519/comb.ts";
import { parse, proveBounds } from "../../../scripts/ed25519/program.ts";
import { prove, Schedules } from "../../../scripts/ed25519/schedules.ts";
import { search } from "../../../scripts/ed25519/search.ts";
import { add, BASE, combTable, modP, type Point } from "../../../scripts/ed25519/table.ts";
import { generate } from "../../../scripts/generate-ed25519.ts";

const { ethers, networkHelpers } = await network.create();
const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const word = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
const edge = fc.oneof(
  word,
  fc.constantFrom(0n, 1n, L - 1n, L, L + 1n, P - 1n, P, 2n ** 255n, 2n ** 256n - 1n),
);
const CODE = "0x00000000000000000000000000000000000c0de0";

/** Runs code that takes one word of calldata and leaves one word on the stack. */
async function run(emit: (asm: Assembler) => void) {
  const asm = new Assembler().pin("P").run("#0 CALLDATALOAD");
  emit(asm);
  asm.run("#0 MSTORE #32 #0 RETURN");
  await networkHelpers.setCode(CODE, ethers.hexlify(asm.finish().code));
  return async (value: bigint) =>
    ethers.toBigInt(await ethers.provider.call({ to: CODE, data: ethers.toBeHex(value, 32) }));
}

describe("the generator", () => {
  it("writes what is committed, byte for byte", () => {
    for (const [name, text] of generate(new Schedules())) {
      const file = new URL(`../../../contracts/crypto/generated/${name}`, import.meta.url);
      expect(readFileSync(file, "utf8") === text, name).to.equal(true);
    }
  });

  it("refuses a schedule that computes something else", () => {
    const task = {
      program: parse("c = a * b\nd = p - c\ne = d + a"),
      before: ["a", "b"],
      after: ["e"],
      anyOrder: false,
    };
    const schedule = search(task, 20);
    expect(() => {
      prove(task, schedule);
    }).not.to.throw();
    for (let i = 0; i < schedule.code.length; i++) {
      for (const planted of ["ADD", "XOR", "DUP1", "DUP2", "SWAP1", "SWAP2", "POP", "P"]) {
        if (planted === schedule.code[i] || (planted === "DUP1" && schedule.code[i] === "P")) continue;
        const code = schedule.code.with(i, planted);
        expect(() => {
          prove(task, { ...schedule, code });
        }, code.join(" ")).to.throw();
      }
    }
  });

  it("refuses sums that may wrap around and differences that may fall below zero", () => {
    const bounds = { x: P - 1n, y: P - 1n };
    expect(() =>
      proveBounds(parse("a = x + y\nb = p - x\nc = b + y\nd = 2p - c\ne = c * a"), bounds),
    ).not.to.throw();
    expect(() => proveBounds(parse("a = x + y\nb = a + x"), bounds)).to.throw("b may wrap around");
    expect(() => proveBounds(parse("a = x + y\nb = p - a"), bounds)).to.throw("b may fall below zero");
    expect(() => proveBounds(parse("a = x + y\nb = a + a"), bounds)).to.throw("b may wrap around");
    expect(() => proveBounds(parse("a = x + z"), bounds)).to.throw("no bound for z");
  });

  it("reverses bytes", async () => {
    const reverse = await run(reverseBytes);
    await fc.assert(
      fc.asyncProperty(edge, async (value) => {
        const expected = ethers.toBigInt(ethers.getBytes(ethers.toBeHex(value, 32)).reverse());
        expect(await reverse(value)).to.equal(expected);
      }),
      { numRuns: 50 },
    );
  });

  for (const factor of [1n, -1n]) {
    it(`extracts digits that add up to ${factor} times the scalar, modulo L`, async () => {
      const extract = await run((asm) => {
        digits(asm, factor);
      });
      await fc.assert(
        fc.asyncProperty(edge, async (scalar) => {
          const found = columns(await extract(scalar));
          // Tooth r of column c has the weight 2^(32·r + c); a digit is 1 or -1.
          let sum = 0n;
          found.forEach((byte, c) => {
            for (let r = 0; r < 8; r++)
              sum += (byte >> r) & 1 ? 1n << BigInt(32 * r + c) : -(1n << BigInt(32 * r + c));
          });
          expect((((sum - factor * scalar) % L) + L) % L).to.equal(0n);
        }),
        { numRuns: 100 },
      );
    });
  }

  it("tabulates sums of teeth with every sign", () => {
    const table = Buffer.from(combTable(BASE));
    const teeth = Array.from({ length: 8 }, (_, r) => multiply(BASE, 1n << BigInt(32 * r)));
    for (const entry of [0, 1, 64, 85, 127]) {
      const sum = teeth
        .map(([x, y], r): Point => (r === 7 || (entry >> r) & 1 ? [x, y] : [modP(-x), y]))
        .reduce((total, tooth) => add(total, tooth));
      const words = [0, 1, 2].map((i) =>
        BigInt("0x" + table.subarray((127 - entry) * 96 + 32 * i).toString("hex", 0, 32)),
      );
      const [difference = 0n, total = 0n, product = 0n] = words;
      expect([modP(total - difference), modP(total + difference)]).to.deep.equal([...sum]);
      expect(modP(product * 121666n)).to.equal(modP(-121665n * sum[0] * sum[1]));
    }
  });
});

/** The 32 columns of extracted digits, lowest first, in the order in which the comb takes them. */
function columns(extracted: bigint): number[] {
  const taken: number[] = [];
  for (let pass = 0; pass < 4; pass++) {
    for (let column = 0; column < 8; column++) {
      taken.push(Number((extracted >> BigInt(8 * (31 - (4 * column + pass)))) & 0xffn));
    }
  }
  return taken.reverse();
}

function multiply(point: Point, scalar: bigint): Point {
  let sum: Point = [0n, 1n];
  for (let power = point, rest = scalar; rest > 0n; rest >>= 1n, power = add(power, power)) {
    if (rest & 1n) sum = add(sum, power);
  }
  return sum;
}

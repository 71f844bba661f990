import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { network } from "hardhat";
import * as noble from "@noble/ed25519";
import { add, invert, modP, type Point } from "../../../scripts/ed25519/table.ts";
import { fromLittleEndian, littleEndian, torsion } from "./signatures.ts";

const { ethers } = await network.create();
const harness = await ethers.deployContract("Ed25519Harness");
const P = 2n ** 255n - 19n;
const word = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
const scalar = fc.bigInt({ min: 0n, max: noble.Point.CURVE().n - 1n });
const point = fc.tuple(scalar, fc.nat(7)).map(([n, part]): Point => {
  const { x, y } = noble.Point.BASE.multiply(n, false).add(torsion(part)).toAffine();
  return [x, y];
});
const runs = { numRuns: 60 };

describe("Edwards25519", () => {
  it("doubles and adds like affine points over BigInt, for all points, and keeps T = X·Y/Z", async () => {
    await fc.assert(
      fc.asyncProperty(point, point, fc.integer({ min: 1, max: 4 }), async (p, q, n) => {
        const { x, y, z, t } = await harness.doubleAndAdd(p[0], p[1], n, q[0], q[1]);
        let expected = p;
        for (let i = 0; i < n; i++) expected = add(expected, expected);
        expected = add(expected, q);
        const inverse = invert(z);
        expect([modP(x * inverse), modP(y * inverse)]).to.deep.equal([...expected]);
        expect(modP(t * z)).to.equal(modP(x * y));
        for (const value of [x, y, z, t]) expect(value < P).to.equal(true);
      }),
      runs,
    );
  });

  it("decodes exactly what noble decodes strictly, to the same point", async () => {
    const nearTheEnds = fc
      .bigInt({ min: 0n, max: 40n })
      .chain((n) => fc.constantFrom(n, P - n, P + n, 2n ** 255n + n, 2n ** 256n - 1n - n));
    await fc.assert(
      fc.asyncProperty(fc.oneof(word, nearTheEnds), async (value) => {
        const encoded = littleEndian(value);
        const { ok, x, y } = await harness.decode(encoded);
        let expected: { x: bigint; y: bigint } | undefined;
        try {
          expected = noble.Point.fromBytes(encoded).toAffine();
        } catch {
          expected = undefined; // no canonical encoding of a point
        }
        expect(ok).to.equal(expected !== undefined);
        if (expected !== undefined) expect({ x, y }).to.deep.equal(expected);
      }),
      { numRuns: 300 },
    );
  });

  it("inverts modulo p, and reverses bytes", async () => {
    await fc.assert(
      fc.asyncProperty(word, async (value) => {
        expect(await harness.invert(value)).to.equal(invert(value));
        const reversed = ethers.toBigInt(ethers.getBytes(ethers.toBeHex(value, 32)).reverse());
        expect(await harness.reverse(value)).to.equal(reversed);
      }),
      runs,
    );
    expect(await harness.invert(0)).to.equal(0n);
  });

  it("reduces the digest of R ‖ A ‖ M modulo L", async () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    await fc.assert(
      fc.asyncProperty(bytes(32), bytes(32), fc.uint8Array({ maxLength: 200 }), async (r, key, message) => {
        const digest = fromLittleEndian(noble.hash(Uint8Array.from([...r, ...key, ...message])));
        expect(await harness.challenge(r, key, message)).to.equal(digest % noble.Point.CURVE().n);
      }),
      runs,
    );
  });

  it("halves challenges: e·k = ±h modulo L, with e and h short", async () => {
    const L = noble.Point.CURVE().n;
    const root = 2n ** 126n;
    const edges = fc.constantFrom(
      0n,
      1n,
      2n,
      L - 1n,
      L - 2n,
      root,
      2n * root - 1n,
      2n * root,
      2n * root + 1n,
      L / 2n,
      L / 3n,
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(scalar, edges), async (k) => {
        const { e, h, isNegative } = await harness.halve(k);
        expect(e > 0n && e <= 2n ** 126n && h < 2n ** 127n).to.equal(true);
        expect((e * k - (isNegative ? -h : h)) % L).to.equal(0n);
      }),
      { numRuns: 300 },
    );
  });

  it("has its constants right where assembly needs them as literals", () => {
    const text = (name: string) =>
      readFileSync(new URL(`../../../contracts/crypto/${name}.sol`, import.meta.url), "utf8");
    const literal = (name: string, constant: string) =>
      BigInt(new RegExp(`constant ${constant} = (0x[0-9a-f]+);`).exec(text(name))?.[1] ?? "0");
    const { d, n, Gx, Gy } = noble.Point.CURVE();
    for (const name of ["Edwards25519", "Ed25519", "Ed25519TableCode"])
      expect(literal(name, "P"), name).to.equal(P);
    for (const name of ["Edwards25519", "Ed25519TableCode"]) expect(literal(name, "D"), name).to.equal(d);
    expect(literal("Edwards25519", "D2")).to.equal((2n * d) % P);
    expect(literal("Edwards25519", "L")).to.equal(n);
    expect([literal("Edwards25519", "BASE_X"), literal("Edwards25519", "BASE_Y")]).to.deep.equal([Gx, Gy]);
    expect((literal("Edwards25519", "SQRT_MINUS_ONE") ** 2n + 1n) % P).to.equal(0n);
    expect(literal("Edwards25519", "ROOT_EXPONENT")).to.equal((P - 5n) / 8n);
    expect(literal("Ed25519", "TWICE_P")).to.equal(2n * P);
    expect((literal("Ed25519TableCode", "HALF") * 2n) % P).to.equal(1n);
    const { x, y } = noble.Point.BASE.multiply(2n ** 127n).toAffine();
    expect([literal("Ed25519", "UPPER_X"), literal("Ed25519", "UPPER_Y")]).to.deep.equal([x, y]);
  });
});

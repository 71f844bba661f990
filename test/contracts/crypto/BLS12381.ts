import { expect } from "chai";
import { network } from "hardhat";
import { aggregate, provePossession, publicKeyOf, sign, verify } from "../../../relayer/domain/bls.ts";

const { ethers } = await network.create();
const SIZE = 7;
const THRESHOLD = 4;

const sets = await ethers.deployContract("BLS12381KeySets");
const single = await ethers.deployContract("BLS12381Verifier");
const quorum = await ethers.deployContract("BLS12381SetVerifier", [await sets.getAddress()]);

const MAGIC = quorum.interface.getFunction("verify").selector;
const REFUSED = "0xffffffff";
const digest = ethers.getBytes(ethers.id("a digest"));
const secrets = Array.from({ length: SIZE }, (_, i) => ethers.getBytes(ethers.toBeHex(1000 + i, 32)));
const keys = secrets.map(publicKeyOf);
const signatures = secrets.map((secret) => sign(digest, secret));
const proofOf = async (key: Uint8Array, secret: Uint8Array) =>
  provePossession(ethers.getBytes(await sets.proofDigest(key)), secret);

for (const [i, key] of keys.entries())
  await sets.prove(key, await proofOf(key, secrets[i] ?? new Uint8Array()));
const id = await sets.createSet.staticCall(keys);
await sets.createSet(keys);
const setKey = ethers.concat([id, ethers.toBeHex(THRESHOLD, 1)]);

const at = <T>(items: readonly T[], i: number): T => items[i] ?? expect.fail(`nothing at ${i}`);
const members = (bitmap: number) => keys.map((_, i) => i).filter((i) => bitmap & (1 << i));
const sumOf = (bitmap: number) => aggregate(members(bitmap).map((i) => at(signatures, i)));
const vote = (bitmap: number | bigint, sum: Uint8Array) => ethers.concat([ethers.toBeHex(bitmap, 32), sum]);

describe("BLS12381Verifier", () => {
  it("accepts what noble signs and nothing else", async () => {
    expect(await single.verify(at(keys, 0), digest, at(signatures, 0))).to.equal(MAGIC);
    expect(await single.verify(at(keys, 1), digest, at(signatures, 0))).to.equal(REFUSED);
    expect(await single.verify(at(keys, 0), ethers.id("another"), at(signatures, 0))).to.equal(REFUSED);
    expect(await single.verify(at(keys, 0), digest, at(signatures, 1))).to.equal(REFUSED);
  });

  it("refuses malformed points without using up the gas", async () => {
    const off = Uint8Array.from(at(signatures, 0));
    off[127] = at([...off], 127) ^ 1;
    const padded = Uint8Array.from(at(signatures, 0));
    padded[0] = 1;
    const cases = [
      [at(keys, 0), off],
      [at(keys, 0), padded],
      [at(keys, 0), new Uint8Array(128)],
      [at(keys, 0), at(signatures, 0).slice(1)],
      [at(keys, 0), new Uint8Array([...at(signatures, 0), 0])],
      [new Uint8Array(256), at(signatures, 0)],
      [new Uint8Array(256), new Uint8Array(128)],
      [new Uint8Array(256).fill(255), at(signatures, 0)],
      [new Uint8Array(), new Uint8Array()],
    ] as const;
    for (const [key, signature] of cases) {
      const gasLimit = 21_000n + 40n * 384n + 150_000n;
      expect(await single.verify(key, digest, signature, { gasLimit })).to.equal(REFUSED);
      expect(verify(signature, digest, [key])).to.equal(false);
    }
  });

  it("admits keys of the subgroup of prime order only", async () => {
    expect(await single.isValidKey(at(keys, 0))).to.equal(true);
    expect(await single.isValidKey(new Uint8Array(256))).to.equal(false);
    expect(await single.isValidKey(at(keys, 0).slice(1))).to.equal(false);
    const outside = await outsideSubgroup();
    expect(await single.isValidKey(outside)).to.equal(false);
  });

  it("reverts for want of gas rather than call a valid signature invalid", async () => {
    for (let gasLimit = 40_000n; gasLimit < 175_000n; gasLimit += 5_000n) {
      const answer = await single
        .verify(at(keys, 0), digest, at(signatures, 0), { gasLimit })
        .catch(() => "reverted");
      expect(answer).to.be.oneOf([MAGIC, "reverted"]);
    }
  });
});

/** A point of the curve over Fp² that is not of prime order: nearly every point is such. */
async function outsideSubgroup(): Promise<Uint8Array> {
  const { bls12_381 } = await import("@noble/curves/bls12-381.js");
  const { Fp2 } = bls12_381.fields;
  for (let c0 = 1n; ; c0++) {
    const x = { c0, c1: 0n };
    const right = Fp2.add(Fp2.mul(Fp2.sqr(x), x), { c0: 4n, c1: 4n });
    let y: { c0: bigint; c1: bigint };
    try {
      y = Fp2.sqrt(right);
    } catch {
      continue; // not a square
    }
    return ethers.getBytes(ethers.concat([x.c0, x.c1, y.c0, y.c1].map((value) => ethers.toBeHex(value, 64))));
  }
}

describe("BLS12381KeySets", () => {
  it("refuses a proof by another key, for another registry, or as a plain signature", async () => {
    const secret = ethers.getBytes(ethers.toBeHex(77, 32));
    const key = publicKeyOf(secret);
    const other = ethers.getBytes(ethers.toBeHex(78, 32));
    const proof = ethers.getBytes(await sets.proofDigest(key));
    for (const bad of [provePossession(proof, other), provePossession(digest, secret), sign(proof, secret)]) {
      await expect(sets.prove(key, bad))
        .to.be.revertedWithCustomError(sets, "InvalidProof")
        .withArgs(ethers.keccak256(key));
    }
    expect(await sets.isProven(ethers.keccak256(key))).to.equal(false);
  });

  it("refuses sets that are empty or too large, or have keys unproven or twice", async () => {
    const stranger = publicKeyOf(ethers.getBytes(ethers.toBeHex(99, 32)));
    await expect(sets.createSet([])).to.be.revertedWithCustomError(sets, "InvalidSize").withArgs(0, 126);
    const many = new Array<Uint8Array>(127).fill(at(keys, 0));
    await expect(sets.createSet(many)).to.be.revertedWithCustomError(sets, "InvalidSize").withArgs(127, 126);
    await expect(sets.createSet([at(keys, 0), stranger])).to.be.revertedWithCustomError(sets, "KeyNotProven");
    await expect(sets.createSet([at(keys, 0), at(keys, 0)])).to.be.revertedWithCustomError(
      sets,
      "DuplicateKey",
    );
  });

  it("takes a set of the greatest size, and lets its last member sign", async () => {
    const many = Array.from({ length: 126 }, (_, i) => ethers.getBytes(ethers.toBeHex(2000 + i, 32)));
    const theirKeys = many.map(publicKeyOf);
    for (const [i, key] of theirKeys.entries()) await sets.prove(key, await proofOf(key, at(many, i)));
    const largest = await sets.createSet.staticCall(theirKeys);
    await sets.createSet(theirKeys);
    const key = ethers.concat([largest, "0x01"]);
    expect(await quorum.verify(key, digest, vote(1n << 125n, sign(digest, at(many, 125))))).to.equal(MAGIC);
    expect(await quorum.verify(key, digest, vote(1n << 126n, sign(digest, at(many, 125))))).to.equal(REFUSED);
    const everyone = aggregate(many.map((secret) => sign(digest, secret)));
    expect(await quorum.verify(key, digest, vote((1n << 126n) - 1n, everyone))).to.equal(MAGIC);
  });

  it("gives the same members in the same order the same id, and does nothing the second time", async () => {
    expect(await sets.createSet.staticCall(keys)).to.equal(id);
    await expect(sets.createSet(keys)).not.to.emit(sets, "SetCreated");
    expect(await sets.createSet.staticCall([...keys].reverse())).not.to.equal(id);
  });
});

describe("BLS12381SetVerifier", () => {
  it("accepts exactly the sums whose bitmap tells their signers, from the threshold on", async () => {
    for (let bitmap = 1; bitmap < 1 << SIZE; bitmap += 3) {
      const expected = members(bitmap).length >= THRESHOLD ? MAGIC : REFUSED;
      expect(await quorum.verify(setKey, digest, vote(bitmap, sumOf(bitmap))), `bitmap ${bitmap}`).to.equal(
        expected,
      );
      expect(await quorum.verify(setKey, digest, vote(bitmap ^ 0b1000001, sumOf(bitmap)))).to.equal(REFUSED);
    }
  });

  it("accepts all of them", async () => {
    const everyone = (1 << SIZE) - 1;
    expect(await quorum.verify(setKey, digest, vote(everyone, sumOf(everyone)))).to.equal(MAGIC);
  });

  it("refuses bits beyond the set, which would read as the neutral element", async () => {
    const three = 0b0000111;
    for (const beyond of [1n << BigInt(SIZE), 1n << 128n, 1n << 255n]) {
      expect(await quorum.verify(setKey, digest, vote(BigInt(three) | beyond, sumOf(three)))).to.equal(
        REFUSED,
      );
    }
  });

  it("refuses sets that do not exist, a threshold of 0 or beyond the set, and malformed input", async () => {
    const everyone = (1 << SIZE) - 1;
    const valid = vote(everyone, sumOf(everyone));
    const nobody = ethers.concat([vote(0, new Uint8Array(128))]);
    for (const [key, signature] of [
      [ethers.concat([ethers.id("no set"), "0x01"]), valid],
      [ethers.concat([ethers.id("no set"), "0x00"]), nobody],
      [ethers.concat([id, "0x00"]), nobody],
      [ethers.concat([id, ethers.toBeHex(SIZE + 1, 1)]), valid],
      [id, valid],
      [ethers.concat([setKey, "0x00"]), valid],
      ["0x", valid],
      [setKey, "0x"],
      [setKey, ethers.dataSlice(valid, 1)],
      [setKey, ethers.concat([valid, "0x00"])],
    ] as const) {
      expect(await quorum.verify(key, digest, signature)).to.equal(REFUSED);
    }
    expect(await quorum.isValidKey(setKey)).to.equal(true);
    expect(await quorum.isValidKey(ethers.concat([id, "0x00"]))).to.equal(false);
    expect(await quorum.isValidKey(ethers.concat([id, ethers.toBeHex(SIZE + 1, 1)]))).to.equal(false);
    expect(await quorum.isValidKey(id)).to.equal(false);
  });
});

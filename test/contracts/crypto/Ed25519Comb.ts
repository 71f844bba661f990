import { expect } from "chai";
import * as noble from "@noble/ed25519";
import { isValidPublicKey, sign, verify, withHint } from "../../../relayer/domain/ed25519.ts";
import { deployCombs } from "./combs.ts";
import { mixedKey, signer, signMixed } from "./signatures.ts";
import { cctvVectors, RFC_8032 } from "./vectors.ts";

const { ethers, networkHelpers, registry, verifier, batch, harness, register, plant } = await deployCombs();
const MAGIC = verifier.interface.getFunction("verify").selector;
const REFUSED = "0xffffffff";
const P = 2n ** 255n - 19n;
const digest = ethers.getBytes(ethers.id("a digest"));
const signers = [11, 12, 13, 14, 15].map(signer);
const first = signer(11);
for (const owner of signers) await register(owner);
const hinted = signers.map(({ secretKey }) => withHint(sign(digest, secretKey)));
const valid = withHint(sign(digest, first.secretKey));
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));

/** A 96-byte signature with another x. */
const withX = (x: bigint) => ethers.concat([valid.slice(0, 64), ethers.toBeHex(x, 32)]);

describe("Ed25519CombVerifier", () => {
  it("accepts a valid signature of a registered key", async () => {
    expect(await verifier.verify(first.key, digest, valid)).to.equal(MAGIC);
    expect(await verifier.isValidKey(first.key)).to.equal(true);
  });

  it("refuses another digest, key or signature", async () => {
    const second = signer(12);
    expect(await verifier.verify(first.key, ethers.id("another"), valid)).to.equal(REFUSED);
    expect(await verifier.verify(second.key, digest, valid)).to.equal(REFUSED);
    expect(await verifier.verify(first.key, digest, hinted[1] ?? "0x")).to.equal(REFUSED);
  });

  it("refuses every hint but R's own x", async () => {
    const x = ethers.toBigInt(valid.slice(64));
    for (const wrong of [P - x, x + P, x + 1n, x ^ 2n, 0n, 1n, P, P - 1n, 2n ** 256n - 1n]) {
      expect(await verifier.verify(first.key, digest, withX(wrong))).to.equal(REFUSED);
    }
  });

  it("refuses an S of L or more", async () => {
    const L = noble.Point.CURVE().n;
    const s = BigInt("0x" + Buffer.from(valid.slice(32, 64)).reverse().toString("hex"));
    for (const large of [s + L, L, 2n ** 256n - 1n]) {
      const encoded = ethers.getBytes(ethers.toBeHex(large, 32)).reverse();
      const forged = ethers.concat([valid.slice(0, 32), encoded, valid.slice(64)]);
      expect(await verifier.verify(first.key, digest, forged)).to.equal(REFUSED);
    }
  });

  it("refuses keys that are not registered, and keys and signatures of other lengths", async () => {
    for (const key of [
      signer(99).key,
      new Uint8Array(32),
      new Uint8Array(),
      first.key.slice(1),
      new Uint8Array(33),
    ]) {
      expect(await verifier.verify(key, digest, valid)).to.equal(REFUSED);
      expect(await verifier.isValidKey(key)).to.equal(false);
    }
    for (const length of [0, 32, 64, 95]) {
      expect(await verifier.verify(first.key, digest, valid.slice(0, length))).to.equal(REFUSED);
    }
    expect(await verifier.verify(first.key, digest, ethers.concat([valid, "0x00"]))).to.equal(REFUSED);
  });

  it("refuses calldata that is cut off or points beyond its end, at the cost of a refusal", async () => {
    const data = verifier.interface.encodeFunctionData("verify", [first.key, digest, valid]);
    const word = (i: number, value: bigint) =>
      ethers.concat([
        ethers.dataSlice(data, 0, 4 + 32 * i),
        ethers.toBeHex(value, 32),
        ethers.dataSlice(data, 36 + 32 * i),
      ]);
    const far = [2n ** 256n - 1n, 2n ** 256n - 4n, 2n ** 255n, 2n ** 64n, 10_000n];
    const cases = [
      ...[5, 36, 100, 131, 164, 200, 260, 291].map((length) => ethers.dataSlice(data, 0, length)),
      ...far.flatMap((offset) => [word(0, offset), word(2, offset)]),
    ];
    for (const malformed of cases) {
      const answer = await ethers.provider.call({ to: verifier, data: malformed, gasLimit: 90_000n });
      expect(ethers.dataSlice(answer, 0, 4), malformed).to.equal(REFUSED);
    }
    const ignored = await ethers.provider.call({ to: verifier, data: data + "00".repeat(40) });
    expect(ethers.dataSlice(ignored, 0, 4)).to.equal(MAGIC);
  });

  it("refuses where the table's place holds code without its mark, and what another key's table makes of it", async () => {
    const owner = signer(77);
    const address = await registry.tableAddress(owner.key);
    const signature = withHint(sign(digest, owner.secretKey));
    await plant(owner.key);
    expect(await verifier.verify(owner.key, digest, signature)).to.equal(MAGIC);
    const code = await ethers.provider.getCode(address);
    await networkHelpers.setCode(address, "0x00" + code.slice(4));
    expect(await verifier.verify(owner.key, digest, signature)).to.equal(REFUSED);
    await networkHelpers.setCode(
      address,
      await ethers.provider.getCode(await registry.tableAddress(first.key)),
    );
    expect(await verifier.verify(owner.key, digest, signature)).to.equal(REFUSED);
  });

  it("answers an unknown selector by reverting", async () => {
    const answer = ethers.provider.call({ to: verifier, data: "0x12345678" }).catch(() => "reverted");
    expect(await answer).to.equal("reverted");
  });
});

describe("both paths for registered keys", () => {
  for (const [, key, message, signature] of RFC_8032) {
    it(`accept RFC 8032's signature of ${message.length / 2} bytes`, async () => {
      await plant(bytes(key));
      expect(await harness.verifyRegistered(verifier, bytes(message), bytes(signature), bytes(key))).to.equal(
        true,
      );
    });
  }

  const vectors = cctvVectors();
  if (vectors === undefined) {
    it("answer the 914 CCTV vectors like noble: needs ../shared/vectors/ed25519/cctv.json");
  } else {
    it(`answer the ${vectors.length} CCTV vectors like noble`, async () => {
      const keys = new Set(vectors.map(({ key }) => key).filter((key) => isValidPublicKey(bytes(key))));
      for (const key of keys) await plant(bytes(key));
      for (const vector of vectors) {
        const [key, message, signature] = [bytes(vector.key), Buffer.from(vector.msg), bytes(vector.sig)];
        const expected = noble.verify(signature, message, key, { zip215: false });
        const answer = await harness.verifyRegistered(verifier, message, signature, key);
        expect(answer, `vector ${vector.number}`).to.equal(expected);
      }
    });
  }

  it("accept components of small order in the key and in R, like noble, every one of the 64 combinations", async () => {
    const combinations = Array.from({ length: 64 }, (_, i) => [i >> 3, i & 7] as const);
    for (const [inKey, inR] of combinations) {
      const owner = mixedKey(40, inKey);
      if (inR === 0) await plant(owner.key);
      const signature = signMixed(digest, owner, inR);
      expect(noble.verify(signature, digest, owner.key, { zip215: false })).to.equal(true);
      expect(verify(signature, digest, owner.key)).to.equal(true);
      expect(await harness.verify(digest, signature, owner.key)).to.equal(true);
      expect(await verifier.verify(owner.key, digest, withHint(signature))).to.equal(MAGIC);
      expect(await batch.verifyAll(digest, owner.key, withHint(signature))).to.equal(true);
    }
  });
});

describe("Ed25519CombBatchVerifier", () => {
  const keysOf = (n: number) => ethers.concat(signers.slice(0, n).map(({ key }) => key));
  const signaturesOf = (n: number) => ethers.concat(hinted.slice(0, n));

  for (const n of [1, 2, 3, 4, 5]) {
    it(`accepts ${n} valid signatures and refuses them when one of them is not`, async () => {
      expect(await batch.verifyAll(digest, keysOf(n), signaturesOf(n))).to.equal(true);
      for (let i = 0; i < n; i++) {
        for (const place of [0, 32, 64 + 31]) {
          const forged = ethers.getBytes(signaturesOf(n));
          forged[96 * i + place] = (forged[96 * i + place] ?? 0) ^ 2;
          expect(await batch.verifyAll(digest, keysOf(n), forged), `${i} at ${place}`).to.equal(false);
        }
      }
      expect(await batch.verifyAll(ethers.id("another"), keysOf(n), signaturesOf(n))).to.equal(false);
    });
  }

  it("refuses keys that are not registered, in either place of a pair", async () => {
    const stranger = signer(98);
    const signature = withHint(sign(digest, stranger.secretKey));
    for (const [keys, signatures] of [
      [stranger.key, signature],
      [ethers.concat([stranger.key, first.key]), ethers.concat([signature, valid])],
      [ethers.concat([first.key, stranger.key]), ethers.concat([valid, signature])],
    ] as const) {
      expect(await batch.verifyAll(digest, keys, signatures)).to.equal(false);
    }
  });

  it("refuses no signatures at all, and lengths that do not fit together", async () => {
    const cases = [
      ["0x", "0x"],
      [keysOf(2), signaturesOf(1)],
      [keysOf(1), signaturesOf(2)],
      [keysOf(2), ethers.dataSlice(signaturesOf(2), 0, 191)],
      [ethers.dataSlice(keysOf(2), 0, 63), signaturesOf(2)],
      [ethers.dataSlice(keysOf(1), 0, 31), ethers.dataSlice(signaturesOf(1), 0, 93)],
    ] as const;
    for (const [keys, signatures] of cases)
      expect(await batch.verifyAll(digest, keys, signatures)).to.equal(false);
  });

  it("refuses calldata that is cut off or points beyond its end, at the cost of a refusal", async () => {
    const data = batch.interface.encodeFunctionData("verifyAll", [digest, keysOf(2), signaturesOf(2)]);
    const word = (i: number, value: bigint) =>
      ethers.concat([
        ethers.dataSlice(data, 0, 4 + 32 * i),
        ethers.toBeHex(value, 32),
        ethers.dataSlice(data, 36 + 32 * i),
      ]);
    const far = [2n ** 256n - 1n, 2n ** 256n - 4n, 2n ** 255n, 2n ** 64n, 10_000n];
    const cases = [
      ...[4, 40, 100, 150, 200, 300, 400, 419].map((length) => ethers.dataSlice(data, 0, length)),
      ...far.flatMap((value) => [1, 2, 3].map((i) => word(i, value))),
    ];
    const accepted = await ethers.provider.call({ to: batch, data });
    expect(ethers.toBigInt(accepted)).to.equal(1n);
    for (const malformed of cases) {
      const answer = await ethers.provider.call({ to: batch, data: malformed, gasLimit: 60_000n });
      expect(ethers.toBigInt(answer), malformed).to.equal(0n);
    }
  });
});

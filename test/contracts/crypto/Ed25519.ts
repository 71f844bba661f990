import { expect } from "chai";
import { network } from "hardhat";
import * as noble from "@noble/ed25519";
import { isValidPublicKey, publicKeyOf, sign, verify } from "../../../relayer/domain/ed25519.ts";
import { cctvVectors, RFC_8032 } from "./vectors.ts";

const { ethers } = await network.create();
const harness = await ethers.deployContract("Ed25519Harness");
const verifier = await ethers.deployContract("Ed25519Verifier");

const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const MAGIC = verifier.interface.getFunction("verify").selector;
const REFUSED = "0xffffffff";
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (data: Uint8Array) => "0x" + Buffer.from(data).toString("hex");

/** The one answer that the contract, the TypeScript module and noble's strict mode give; fails when they differ. */
async function agreed(signature: Uint8Array, message: Uint8Array, key: Uint8Array): Promise<boolean> {
  const contract = await harness.verify(message, signature, hex(key));
  expect(verify(signature, message, key), "TypeScript").to.equal(contract);
  expect(noble.verify(signature, message, key, { zip215: false }), "noble").to.equal(contract);
  expect(await harness.isValidPublicKey(hex(key)), "key").to.equal(isValidPublicKey(key));
  return contract;
}

describe("Ed25519", () => {
  for (const [secret, key, message, signature] of RFC_8032) {
    it(`accepts RFC 8032's signature of ${message.length / 2} bytes and makes it`, async () => {
      expect(hex(publicKeyOf(bytes(secret)))).to.equal("0x" + key);
      expect(hex(sign(bytes(message), bytes(secret)))).to.equal("0x" + signature);
      expect(await agreed(bytes(signature), bytes(message), bytes(key))).to.equal(true);
    });
  }

  const vectors = cctvVectors();
  if (vectors === undefined) {
    it("answers the 914 CCTV vectors like noble: needs ../shared/vectors/ed25519/cctv.json");
  } else {
    it(`answers the ${vectors.length} CCTV vectors like noble`, async () => {
      let accepted = 0;
      for (const vector of vectors) {
        if (await agreed(bytes(vector.sig), Buffer.from(vector.msg), bytes(vector.key))) accepted++;
      }
      expect(accepted).to.be.within(1, vectors.length - 1);
    });
  }

  it("refuses one flipped bit in signature, message or key", async () => {
    const secret = new Uint8Array(32).fill(7);
    const key = publicKeyOf(secret);
    const message = Buffer.from("a message of some thirty bytes.");
    const signature = sign(message, secret);
    const flip = (data: Uint8Array, bit: number) =>
      data.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
    expect(await agreed(signature, message, key)).to.equal(true);
    for (const bit of [0, 100, 255, 256, 400, 511])
      expect(await agreed(flip(signature, bit), message, key)).to.equal(false);
    for (const bit of [0, 77, 247]) expect(await agreed(signature, flip(message, bit), key)).to.equal(false);
    for (const bit of [0, 128, 255]) expect(await agreed(signature, message, flip(key, bit))).to.equal(false);
  });

  it("refuses S + L, which the equation alone would accept", async () => {
    const secret = new Uint8Array(32).fill(9);
    const message = Buffer.from("malleable");
    const signature = sign(message, secret);
    const s = BigInt(hex(signature.slice(32).reverse())) + L;
    const forged = new Uint8Array([
      ...signature.slice(0, 32),
      ...bytes(s.toString(16).padStart(64, "0")).reverse(),
    ]);
    expect(await agreed(forged, message, publicKeyOf(secret))).to.equal(false);
  });

  it("refuses signatures of any length but 64", async () => {
    const secret = new Uint8Array(32).fill(1);
    const message = new Uint8Array(3);
    const signature = sign(message, secret);
    for (const malformed of [signature.slice(0, 63), new Uint8Array(), new Uint8Array([...signature, 0])]) {
      expect(await harness.verify(message, malformed, hex(publicKeyOf(secret)))).to.equal(false);
      expect(verify(malformed, message, publicKeyOf(secret))).to.equal(false);
    }
  });
});

describe("Ed25519Verifier", () => {
  const secret = new Uint8Array(32).fill(3);
  const key = publicKeyOf(secret);
  const digest = new Uint8Array(32).fill(0xd1);
  const signature = sign(digest, secret);

  it("answers the magic value of ERC-7913 for a valid signature", async () => {
    expect(await verifier.verify(key, digest, signature)).to.equal(MAGIC);
    expect(await verifier.isValidKey(key)).to.equal(true);
  });

  it("answers 0xffffffff for another hash, key or signature", async () => {
    expect(await verifier.verify(key, new Uint8Array(32), signature)).to.equal(REFUSED);
    expect(await verifier.verify(publicKeyOf(digest), digest, signature)).to.equal(REFUSED);
    expect(await verifier.verify(key, digest, sign(digest, digest))).to.equal(REFUSED);
  });

  it("answers 0xffffffff for malformed input and never reverts", async () => {
    for (const badKey of [new Uint8Array(), key.slice(1), new Uint8Array([...key, 0]), new Uint8Array(32)]) {
      expect(await verifier.verify(badKey, digest, signature)).to.equal(REFUSED);
      expect(await verifier.isValidKey(badKey)).to.equal(false);
    }
    for (const bad of [
      new Uint8Array(),
      signature.slice(1),
      new Uint8Array([...signature, 0]),
      new Uint8Array(64).fill(255),
    ]) {
      expect(await verifier.verify(key, digest, bad)).to.equal(REFUSED);
    }
  });
});

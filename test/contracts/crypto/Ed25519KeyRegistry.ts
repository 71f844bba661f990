import { expect } from "chai";
import * as noble from "@noble/ed25519";
import { sign } from "../../../relayer/domain/ed25519.ts";
import { deployCombs, tableCode } from "./combs.ts";
import { littleEndian, mixedKey, signer, signMixed, torsion } from "./signatures.ts";

const { ethers, registry, verifier, register } = await deployCombs();
const P = 2n ** 255n - 19n;

describe("Ed25519KeyRegistry", () => {
  it("builds the table that TypeScript works out, for ordinary keys and for keys of mixed order", async () => {
    for (const owner of [signer(1), signer(2)]) {
      await register(owner);
      expect(await ethers.provider.getCode(await registry.tableAddress(owner.key))).to.equal(
        tableCode(owner.key),
      );
    }
    for (const part of [1, 4]) {
      const owner = mixedKey(3, part);
      const proof = signMixed(ethers.getBytes(await registry.proofDigest(owner.key)), owner, 3);
      await registry.register(owner.key, proof);
      expect(await ethers.provider.getCode(await registry.tableAddress(owner.key))).to.equal(
        tableCode(owner.key),
      );
    }
  });

  it("tells of the key and its table, and knows it from then on", async () => {
    const owner = signer(4);
    const table = await registry.tableAddress(owner.key);
    expect(await registry.isRegistered(owner.key)).to.equal(false);
    const proof = sign(ethers.getBytes(await registry.proofDigest(owner.key)), owner.secretKey);
    await expect(registry.register(owner.key, proof))
      .to.emit(registry, "KeyRegistered")
      .withArgs(owner.key, table);
    expect(await registry.isRegistered(owner.key)).to.equal(true);
    expect(await verifier.isValidKey(owner.key)).to.equal(true);
    await expect(registry.register(owner.key, proof))
      .to.be.revertedWithCustomError(registry, "AlreadyRegistered")
      .withArgs(owner.key, table);
  });

  it("refuses keys that are not canonical, not on the curve or of small order", async () => {
    const smallOrder = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => torsion(n).toBytes());
    const notCanonical = [
      littleEndian(P),
      littleEndian(P + 1n),
      littleEndian(P + 3n),
      littleEndian(2n ** 255n + 1n),
    ];
    const offCurve = [littleEndian(2n), littleEndian(7n)];
    for (const key of offCurve) expect(() => noble.Point.fromBytes(key)).to.throw();
    for (const key of [...smallOrder, ...notCanonical, ...offCurve]) {
      await expect(registry.register(key, new Uint8Array(64)))
        .to.be.revertedWithCustomError(registry, "InvalidKey")
        .withArgs(key);
    }
  });

  it("refuses a proof by another key, of another digest, for another chain's registry, or of another length", async () => {
    const owner = signer(5);
    const digest = ethers.getBytes(await registry.proofDigest(owner.key));
    const proof = sign(digest, owner.secretKey);
    const otherRegistry = await ethers.deployContract("Ed25519KeyRegistry");
    const elsewhere = ethers.getBytes(await otherRegistry.proofDigest(owner.key));
    for (const bad of [
      sign(digest, signer(6).secretKey),
      sign(elsewhere, owner.secretKey),
      proof.slice(1),
      new Uint8Array([...proof, 0]),
      new Uint8Array(),
    ]) {
      await expect(registry.register(owner.key, bad))
        .to.be.revertedWithCustomError(registry, "InvalidProof")
        .withArgs(owner.key);
    }
    expect(await registry.isRegistered(owner.key)).to.equal(false);
  });

  it("makes tables that nobody can run", async () => {
    const owner = signer(7);
    await register(owner);
    const call = ethers.provider.call({ to: await registry.tableAddress(owner.key), gasLimit: 100_000n });
    expect(await call.catch(() => "reverted")).to.equal("reverted");
  });
});

import { createHash } from "node:crypto";
import { expect } from "chai";
import { network } from "hardhat";
import { SHA_512 } from "./vectors.ts";

const { ethers } = await network.create();
const harness = await ethers.deployContract("Ed25519Harness");

async function digest(message: Uint8Array): Promise<string> {
  const [hi, lo] = await harness.sha512(message);
  return hi.slice(2) + lo.slice(2);
}

describe("SHA512", () => {
  for (const [message, expected] of SHA_512) {
    it(`gives NIST's digest of ${JSON.stringify(message.slice(0, 20))} (${message.length} bytes)`, async () => {
      expect(await digest(Buffer.from(message))).to.equal(expected);
    });
  }

  it("hashes many blocks, read where they lie", async () => {
    const long = Buffer.alloc(20_000, "a");
    expect(await digest(long)).to.equal(createHash("sha512").update(long).digest("hex"));
  });

  it("agrees with node:crypto on every length around the ends of blocks", async () => {
    const lengths = [
      1, 63, 64, 95, 96, 110, 111, 112, 113, 127, 128, 129, 238, 239, 240, 255, 256, 257, 384, 1000,
    ];
    for (const length of lengths) {
      const message = createHash("shake256", { outputLength: length }).update(String(length)).digest();
      expect(await digest(message), `${length} bytes`).to.equal(
        createHash("sha512").update(message).digest("hex"),
      );
    }
  });
});

import { expect } from "chai";
import { aggregate, provePossession, publicKeyOf, sign as signBls } from "../../../relayer/domain/bls.ts";
import { sign, withHint } from "../../../relayer/domain/ed25519.ts";
import { deployCombs } from "./combs.ts";
import { signer } from "./signatures.ts";

const { ethers, registry, verifier, register } = await deployCombs();
const digest = ethers.getBytes(ethers.id("a digest"));

/** One signer in OpenZeppelin's form, a verifier's address and a key, with its signature of the digest. */
type Party = { readonly signer: string; readonly signature: string };

async function ed25519(): Promise<Party> {
  const owner = signer(21);
  const stateless = await ethers.deployContract("Ed25519Verifier");
  return {
    signer: ethers.concat([await stateless.getAddress(), owner.key]),
    signature: ethers.hexlify(sign(digest, owner.secretKey)),
  };
}

async function registered(): Promise<Party> {
  const owner = signer(22);
  if (!(await registry.isRegistered(owner.key))) await register(owner);
  return {
    signer: ethers.concat([await verifier.getAddress(), owner.key]),
    signature: ethers.hexlify(withHint(sign(digest, owner.secretKey))),
  };
}

async function bls(): Promise<Party> {
  const secret = ethers.getBytes(ethers.toBeHex(5, 32));
  const contract = await ethers.deployContract("BLS12381Verifier");
  return {
    signer: ethers.concat([await contract.getAddress(), publicKeyOf(secret)]),
    signature: ethers.hexlify(signBls(digest, secret)),
  };
}

async function blsSet(): Promise<Party> {
  const secrets = [6, 7, 8].map((n) => ethers.getBytes(ethers.toBeHex(n, 32)));
  const keys = secrets.map(publicKeyOf);
  const sets = await ethers.deployContract("BLS12381KeySets");
  for (const [i, key] of keys.entries()) {
    const proofDigest = ethers.getBytes(await sets.proofDigest(key));
    await sets.prove(key, provePossession(proofDigest, secrets[i] ?? new Uint8Array()));
  }
  const id = await sets.createSet.staticCall(keys);
  await sets.createSet(keys);
  const contract = await ethers.deployContract("BLS12381SetVerifier", [await sets.getAddress()]);
  const sum = aggregate(
    [secrets[0], secrets[2]].map((secret) => signBls(digest, secret ?? new Uint8Array())),
  );
  return {
    signer: ethers.concat([await contract.getAddress(), id, "0x02"]),
    signature: ethers.concat([ethers.toBeHex(0b101, 32), sum]),
  };
}

describe("OpenZeppelin's ERC-7913 users", () => {
  for (const make of [ed25519, registered, bls, blsSet]) {
    it(`SignatureChecker takes the verifier of ${make.name}`, async () => {
      const party = await make();
      const checker = await ethers.deployContract("MultiSigner", [[party.signer], 1]);
      expect(await checker.isValidNow(party.signer, digest, party.signature)).to.equal(true);
      expect(await checker.isValidNow(party.signer, ethers.id("another"), party.signature)).to.equal(false);
    });
  }

  it("MultiSignerERC7913 takes all of them together", async () => {
    const parties = [await ed25519(), await registered(), await bls(), await blsSet()];
    const order = ({ signer: id }: Party) => ethers.keccak256(id);
    const sorted = parties.sort((a, b) => (order(a) < order(b) ? -1 : 1));
    const multiSigner = await ethers.deployContract("MultiSigner", [sorted.map((party) => party.signer), 3]);
    const encode = (chosen: readonly Party[]) =>
      ethers.AbiCoder.defaultAbiCoder().encode(
        ["bytes[]", "bytes[]"],
        [chosen.map((party) => party.signer), chosen.map((party) => party.signature)],
      );
    expect(await multiSigner.isValid(digest, encode(sorted))).to.equal(true);
    expect(await multiSigner.isValid(digest, encode(sorted.slice(0, 2)))).to.equal(false);
    expect(await multiSigner.isValid(ethers.id("another"), encode(sorted))).to.equal(false);
  });
});

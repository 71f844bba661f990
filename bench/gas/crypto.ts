import { network } from "hardhat";
import * as bls from "../../relayer/domain/bls.ts";
import { publicKeyOf, sign, withHint } from "../../relayer/domain/ed25519.ts";

/**
 * Gas of signature verification, in the names of the figures: execution gas of a transaction, beyond 21,000 and
 * calldata, the called contract being warm and everything else (a key's table, a set's keys) cold.
 *
 * @module
 */

/** Gas and sizes by name. Names that begin with `peer.` are other people's ways to do the same. */
export type Figures = Record<string, number>;

const QUORUM = 13;
/** Validators in the set of the BLS figures, and how many of them sign in `bls.verify100`. */
const SET_SIZE = 100;
const SET_QUORUM = 67;

type Connection = Awaited<ReturnType<typeof network.create>>;
type Ethers = Connection["ethers"];
type Call = { to: string | null; data: string };

/** Measures everything. */
export async function measureCrypto(): Promise<Figures> {
  const { ethers } = await network.create();
  return {
    ...(await measureHash(ethers)),
    ...(await measureEd25519(ethers)),
    ...(await measureBls(ethers)),
    ...(await measureEcdsa(ethers)),
  };
}

/** Bytes of code of every contract in `contracts/crypto`. */
export async function measureCodeSizes(): Promise<Figures> {
  const { ethers } = await network.create();
  const sizes: Figures = {};
  const size = async (name: string, ...args: unknown[]) => {
    const contract = await ethers.deployContract(name, args);
    sizes[name] = ethers.dataLength((await contract.getDeployedCode()) ?? "0x");
    return contract.getAddress();
  };
  await size("Ed25519Verifier");
  const registry = await size("Ed25519KeyRegistry");
  await size("Ed25519CombVerifier", registry);
  await size("Ed25519CombBatchVerifier", registry);
  await size("BLS12381Verifier");
  await size("BLS12381SetVerifier", await size("BLS12381KeySets"));
  return sizes;
}

/** Execution gas of a call, made as a transaction. */
async function gasOf(ethers: Ethers, call: Call): Promise<number> {
  const [sender] = await ethers.getSigners();
  if (sender === undefined) throw new Error("no account");
  const receipt = await (await sender.sendTransaction({ ...call, gasLimit: 2n ** 24n })).wait();
  if (receipt?.status !== 1) throw new Error("the call failed");
  const bytes = ethers.getBytes(call.data);
  const calldata = bytes.reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0);
  return Number(receipt.gasUsed) - 21_000 - calldata;
}

/** Gas of a call whose answer must be `expected`, so that nothing is measured that did not do its work. */
async function gasOfAnswer(ethers: Ethers, call: Call, expected: string): Promise<number> {
  const answer = await ethers.provider.call(call);
  if (!answer.startsWith(expected)) throw new Error(`answer ${answer} instead of ${expected}`);
  return gasOf(ethers, call);
}

async function measureHash(ethers: Ethers): Promise<Figures> {
  const harness = await ethers.deployContract("Ed25519Harness");
  const { data } = await harness.sha512.populateTransaction(new Uint8Array(96).fill(0xab));
  return { "sha512.bytes96": await gasOf(ethers, { to: await harness.getAddress(), data }) };
}

async function measureEd25519(ethers: Ethers): Promise<Figures> {
  const registry = await ethers.deployContract("Ed25519KeyRegistry");
  const registryAddress = await registry.getAddress();
  const comb = await ethers.deployContract("Ed25519CombVerifier", [registryAddress]);
  const single = await ethers.getContractAt("IEd25519CombVerifier", await comb.getAddress());
  const combs = await ethers.deployContract("Ed25519CombBatchVerifier", [registryAddress]);
  const batch = await ethers.getContractAt("IEd25519BatchVerifier", await combs.getAddress());
  const stateless = await ethers.deployContract("Ed25519Verifier");

  const digest = ethers.getBytes(ethers.id("a digest"));
  const secrets = Array.from({ length: QUORUM }, (_, i) => ethers.getBytes(ethers.id(`signer ${i}`)));
  const keys = secrets.map(publicKeyOf);
  const signatures = secrets.map((secret) => sign(digest, secret));
  const hinted = signatures.map(withHint);
  const [key = new Uint8Array(), signature = new Uint8Array()] = [keys[0], signatures[0]];

  let register = 0;
  for (const [i, owner] of keys.entries()) {
    const proof = sign(ethers.getBytes(await registry.proofDigest(owner)), secrets[i] ?? new Uint8Array());
    const { data } = await registry.register.populateTransaction(owner, proof);
    register = Math.max(register, await gasOf(ethers, { to: registryAddress, data }));
  }
  const magic = single.interface.getFunction("verify").selector;
  const verify = single.interface.encodeFunctionData("verify", [key, digest, hinted[0] ?? "0x"]);
  const plain = single.interface.encodeFunctionData("verify", [key, digest, signature]);
  const batchAddress = await combs.getAddress();
  const singleAddress = await comb.getAddress();
  const several = (n: number) => ({
    to: batchAddress,
    data: batch.interface.encodeFunctionData("verifyAll", [
      digest,
      ethers.concat(keys.slice(0, n)),
      ethers.concat(hinted.slice(0, n)),
    ]),
  });
  const yes = ethers.toBeHex(1, 32);
  const signers = keys.map((owner) => ethers.concat([singleAddress, owner]));
  return {
    "ed25519.verify1": await gasOfAnswer(ethers, { to: singleAddress, data: verify }, magic),
    "ed25519.verify2": await gasOfAnswer(ethers, several(2), yes),
    "ed25519.verify13": await gasOfAnswer(ethers, several(QUORUM), yes),
    "ed25519.register": register,
    "ed25519.verifyUnregistered": await gasOfAnswer(
      ethers,
      { to: await stateless.getAddress(), data: plain },
      magic,
    ),
    "peer.openzeppelin.multiSigner.ed25519.verify13": await multiSignerGas(ethers, digest, signers, hinted),
  };
}

async function measureBls(ethers: Ethers): Promise<Figures> {
  const sets = await ethers.deployContract("BLS12381KeySets");
  const verifier = await ethers.deployContract("BLS12381SetVerifier", [await sets.getAddress()]);
  const digest = ethers.getBytes(ethers.id("a digest"));
  const secrets = Array.from({ length: SET_SIZE }, (_, i) => ethers.getBytes(ethers.toBeHex(1 + i, 32)));
  const keys = secrets.map(bls.publicKeyOf);
  for (const [i, key] of keys.entries()) {
    const proofDigest = ethers.getBytes(await sets.proofDigest(key));
    await sets.prove(key, bls.provePossession(proofDigest, secrets[i] ?? new Uint8Array()));
  }
  const create = await sets.createSet.populateTransaction(keys);
  const id = await sets.createSet.staticCall(keys);
  const createSet = await gasOf(ethers, { to: await sets.getAddress(), data: create.data });
  const verify = async (n: number) => {
    const bitmap = ethers.toBeHex((1n << BigInt(n)) - 1n, 32);
    const sum = bls.aggregate(secrets.slice(0, n).map((secret) => bls.sign(digest, secret)));
    const { data } = await verifier.verify.populateTransaction(
      ethers.concat([id, ethers.toBeHex(n, 1)]),
      digest,
      ethers.concat([bitmap, sum]),
    );
    const magic = verifier.interface.getFunction("verify").selector;
    return gasOfAnswer(ethers, { to: await verifier.getAddress(), data }, magic);
  };
  return {
    "bls.verify1": await verify(1),
    "bls.verify13": await verify(QUORUM),
    "bls.verify100": await verify(SET_QUORUM),
    "bls.verify50of100": await verify(SET_SIZE / 2),
    "bls.verify100of100": await verify(SET_SIZE),
    "bls.createSet100": createSet,
  };
}

async function measureEcdsa(ethers: Ethers): Promise<Figures> {
  const digest = ethers.id("a digest");
  const wallets = Array.from({ length: QUORUM }, (_, i) => new ethers.Wallet(ethers.id(`wallet ${i}`)));
  const signatures = wallets.map((wallet) => wallet.signingKey.sign(digest).serialized);
  const addresses = wallets.map(({ address }) => address);
  const loop = await ethers.deployContract("EcrecoverLoop");
  const loopGas = async (n: number) => {
    const { data } = await loop.verifyAll.populateTransaction(
      digest,
      addresses.slice(0, n),
      ethers.concat(signatures.slice(0, n)),
    );
    return gasOfAnswer(ethers, { to: await loop.getAddress(), data }, ethers.toBeHex(1, 32));
  };
  return {
    "peer.ecrecover.verify1": await loopGas(1),
    "peer.ecrecover.verify13": await loopGas(QUORUM),
    "peer.openzeppelin.multiSigner.ecdsa.verify13": await multiSignerGas(
      ethers,
      digest,
      addresses,
      signatures,
    ),
  };
}

/** Gas of OpenZeppelin's MultiSignerERC7913 with these signers, all of whom sign. */
async function multiSignerGas(
  ethers: Ethers,
  digest: Uint8Array | string,
  signers: readonly string[],
  signatures: readonly (Uint8Array | string)[],
): Promise<number> {
  const multiSigner = await ethers.deployContract("MultiSigner", [signers, signers.length]);
  // It wants signers in the order of their hashes.
  const sorted = signers
    .map((signer, i) => ({ signer, signature: signatures[i] ?? "0x", hash: ethers.keccak256(signer) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1));
  const encoded = ethers.AbiCoder.defaultAbiCoder().encode(
    ["bytes[]", "bytes[]"],
    [sorted.map(({ signer }) => signer), sorted.map(({ signature }) => signature)],
  );
  const { data } = await multiSigner.isValid.populateTransaction(digest, encoded);
  return gasOfAnswer(ethers, { to: await multiSigner.getAddress(), data }, ethers.toBeHex(1, 32));
}

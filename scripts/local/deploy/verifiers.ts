import type { JsonRpcSigner } from "ethers";
import type { SigningKey } from "../../../relayer/bridge/ports.ts";
import { type Address, hash } from "../../../relayer/domain/ids.ts";
import { BLS12381KeySets__factory } from "../../../types/ethers-contracts/factories/crypto/BLS12381KeySets__factory.ts";
import { BLS12381SetVerifier__factory } from "../../../types/ethers-contracts/factories/crypto/BLS12381SetVerifier__factory.ts";
import { BLS12381Verifier__factory } from "../../../types/ethers-contracts/factories/crypto/BLS12381Verifier__factory.ts";
import { Ed25519CombBatchVerifier__factory } from "../../../types/ethers-contracts/factories/crypto/Ed25519CombBatchVerifier__factory.ts";
import { Ed25519CombVerifier__factory } from "../../../types/ethers-contracts/factories/crypto/Ed25519CombVerifier__factory.ts";
import { Ed25519KeyRegistry__factory } from "../../../types/ethers-contracts/factories/crypto/Ed25519KeyRegistry__factory.ts";
import { Ed25519Verifier__factory } from "../../../types/ethers-contracts/factories/crypto/Ed25519Verifier__factory.ts";
import { deployed } from "./account.ts";

/** The contracts of one chain that check signatures. */
export type SignatureContracts = {
  readonly keys: Address;
  readonly batch: Address;
  readonly comb: Address;
  readonly ed25519: Address;
  readonly keySets: Address;
  readonly bls: Address;
  readonly blsSets: Address;
};

/** Those of them that check quorums, as Inboxes are told. */
export function quorumVerifiers({ keys, batch, ed25519, blsSets }: SignatureContracts) {
  return { keys, batch, single: ed25519, bls: blsSets };
}

/** Deploys what checks signatures, and gives each validator's key its table. */
export async function deploySignatureContracts(
  signer: JsonRpcSigner,
  validators: readonly SigningKey[],
): Promise<SignatureContracts> {
  const keys = await deployed(new Ed25519KeyRegistry__factory(signer).deploy());
  const keySets = await deployed(new BLS12381KeySets__factory(signer).deploy());
  const contracts = {
    keys,
    keySets,
    batch: await deployed(new Ed25519CombBatchVerifier__factory(signer).deploy(keys)),
    comb: await deployed(new Ed25519CombVerifier__factory(signer).deploy(keys)),
    ed25519: await deployed(new Ed25519Verifier__factory(signer).deploy()),
    bls: await deployed(new BLS12381Verifier__factory(signer).deploy()),
    blsSets: await deployed(new BLS12381SetVerifier__factory(signer).deploy(keySets)),
  };
  const registry = Ed25519KeyRegistry__factory.connect(keys, signer);
  for (const validator of validators) {
    const digest = hash.parse(await registry.proofDigest(validator.publicKey));
    await (await registry.register(validator.publicKey, await validator.sign(digest))).wait();
  }
  return contracts;
}

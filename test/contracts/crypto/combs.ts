import { network } from "hardhat";
import * as noble from "@noble/ed25519";
import { sign } from "../../../relayer/domain/ed25519.ts";
import { combTable } from "../../../scripts/ed25519/table.ts";

/** The code of a key's table, worked out in TypeScript. */
export function tableCode(key: Uint8Array): string {
  const { x, y } = noble.Point.fromBytes(key);
  return "0xfe" + Buffer.from(combTable([x, y])).toString("hex");
}

/** Deploys the registry and the verifiers that use it. */
export async function deployCombs() {
  const connection = await network.create();
  const { ethers, networkHelpers } = connection;
  const registry = await ethers.deployContract("Ed25519KeyRegistry");
  const single = await ethers.deployContract("Ed25519CombVerifier", [await registry.getAddress()]);
  const several = await ethers.deployContract("Ed25519CombBatchVerifier", [await registry.getAddress()]);
  const verifier = await ethers.getContractAt("IEd25519CombVerifier", await single.getAddress());
  const batch = await ethers.getContractAt("IEd25519BatchVerifier", await several.getAddress());
  const harness = await ethers.deployContract("Ed25519Harness");

  /** Registers a key as its owner would. */
  async function register({ secretKey, key }: { secretKey: Uint8Array; key: Uint8Array }): Promise<void> {
    const digest = ethers.getBytes(await registry.proofDigest(key));
    await registry.register(key, sign(digest, secretKey));
  }

  /** Puts a table where the registry would: for keys whose secret nobody knows. */
  async function plant(key: Uint8Array): Promise<void> {
    await networkHelpers.setCode(await registry.tableAddress(key), tableCode(key));
  }

  return { ethers, networkHelpers, registry, verifier, batch, harness, register, plant };
}

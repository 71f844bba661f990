import { AbiCoder, dataLength, dataSlice, Interface } from "ethers";
import type { DeploymentChain } from "../../domain/deployment-file.ts";
import type { Address } from "../../domain/ids.ts";
import type { ContractName } from "../core/layout.ts";
import { qualifiedName, readArtifact } from "./artifacts.ts";
import type { SeenCreation } from "./chain-reader.ts";
import type { HardhatSession } from "./hardhat.ts";

/** The explorers that sources can be handed to. */
export type ExplorerKind = "etherscan" | "blockscout";

/** A contract whose source is to be shown. */
export type ToShow = {
  readonly kind: ExplorerKind;
  readonly contract: ContractName;
  readonly address: Address;
  /** What its constructor was told stands here. */
  readonly creation: SeenCreation | undefined;
};

/** The kind of explorer that a chain has; undefined without one. */
export function explorerOf({ explorer }: DeploymentChain): ExplorerKind | undefined {
  return explorer?.kind;
}

/** Hands a contract's source to the explorer of the chain, and waits until it is shown. @throws Error with the explorer's own words */
export async function showSource(
  { hre }: HardhatSession,
  { kind, contract, address, creation }: ToShow,
): Promise<void> {
  if (creation === undefined) throw new Error("the transaction that created it is not known");
  const { verifyContract } = await import("@nomicfoundation/hardhat-verify/verify");
  const constructorArgs = [...argumentsOf(contract, creation.initCode)];
  await quietly(() =>
    verifyContract({ address, constructorArgs, contract: qualifiedName(contract), provider: kind }, hre),
  );
}

/** Hardhat tells of what it does on standard output, which is the command's own. */
async function quietly(work: () => Promise<unknown>): Promise<void> {
  const { log } = console;
  console.log = () => undefined;
  try {
    await work();
  } finally {
    console.log = log;
  }
}

/** What the constructor was told, decoded from behind the code. */
function argumentsOf(contract: ContractName, initCode: string): readonly unknown[] {
  const { abi, bytecode } = readArtifact(contract);
  const { inputs } = new Interface(JSON.stringify(abi)).deploy;
  const encoded = dataSlice(initCode, Math.min(dataLength(bytecode), dataLength(initCode)));
  return plain(AbiCoder.defaultAbiCoder().decode(inputs, encoded).toArray(true));
}

/** Results of ethers as the lists that they stand for. */
function plain(values: readonly unknown[]): readonly unknown[] {
  return values.map((value) => (Array.isArray(value) ? plain(value as unknown[]) : value));
}

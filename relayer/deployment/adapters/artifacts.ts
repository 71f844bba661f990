import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ConfigurationError, explain } from "../../domain/errors.ts";
import { bytes } from "../../domain/ids.ts";
import type { ContractName } from "../core/layout.ts";

const ARTIFACTS = join(import.meta.dirname, "../../../artifacts");

/** The folder of `contracts` that holds the source of each. */
const FOLDERS: Readonly<Record<ContractName, string>> = {
  Ed25519KeyRegistry: "crypto",
  Ed25519CombBatchVerifier: "crypto",
  Ed25519CombVerifier: "crypto",
  Ed25519Verifier: "crypto",
  BLS12381KeySets: "crypto",
  BLS12381Verifier: "crypto",
  BLS12381SetVerifier: "crypto",
  Timelock: "bridge",
  Outbox: "bridge",
  Inbox: "bridge",
  LaneWitness: "bridge",
  ValidatorRegistry: "bridge",
  Slashing: "bridge",
  AttestedPoints: "bridge",
  Escrow: "escrow",
  BridgedToken: "bridge",
  LockingTokenBridge: "bridge",
  NativeTokenBridge: "bridge",
  MintingTokenBridge: "bridge",
};

const artifactSchema = z.object({
  abi: z.array(z.record(z.string(), z.unknown())),
  bytecode: bytes,
  deployedBytecode: bytes,
  immutableReferences: z.record(z.string(), z.array(z.object({ start: z.number(), length: z.number() }))),
});

/** What the compiler made of a contract. */
export type Artifact = z.infer<typeof artifactSchema>;

/** Where a contract's source is, as compilers and explorers name it. */
export function qualifiedName(contract: ContractName): string {
  return `${sourceOf(contract)}:${contract}`;
}

/** Reads what the compiler made. @throws ConfigurationError `NOT_COMPILED` */
export function readArtifact(contract: ContractName): Artifact {
  const file = join(ARTIFACTS, sourceOf(contract), `${contract}.json`);
  try {
    return artifactSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    throw new ConfigurationError(
      "NOT_COMPILED",
      `The compiled contract ${contract} cannot be read: ${explain(error)}. Nothing was sent. Deploying takes a checkout with its contracts compiled: run "npm run build" there.`,
      { contract },
      error,
    );
  }
}

/** Whether its constructor keeps generated code instead of the compiler's, so that only running it tells what will stand there. */
export function isGenerated(contract: ContractName): boolean {
  return contract === "Ed25519CombBatchVerifier" || contract === "Ed25519CombVerifier";
}

function sourceOf(contract: ContractName): string {
  return `contracts/${FOLDERS[contract]}/${contract}.sol`;
}

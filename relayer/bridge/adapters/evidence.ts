import { AbiCoder, getBytes, hexlify, keccak256 } from "ethers";
import { Slashing__factory } from "../../../types/ethers-contracts/factories/bridge/Slashing__factory.ts";
import { withHint } from "../../domain/ed25519.ts";
import { type Address, bytes, hash, type Hash } from "../../domain/ids.ts";
import type { Evidence } from "../core/case.ts";
import { OFFENCES, type SignedAccumulator } from "../core/slashing.ts";

const abi = AbiCoder.defaultAbiCoder();
const slashing = Slashing__factory.createInterface();

/** Evidence of a false proof. */
export type FalseProofEvidence = Evidence & { readonly offence: "FalseProof" };

/** What a reporter commits to: `ISlashing.commitmentOf` over keccak256(abi.encode(offence, evidence)). */
export function commitmentTo(evidence: Evidence, reporter: Address, salt: Hash): Hash {
  const [input] = slashing.getFunction(`submit${evidence.offence}`).inputs;
  if (input === undefined) throw new Error(`the contract takes no evidence of ${evidence.offence}`);
  const content = evidence.offence === "DoubleSigning" ? doubleSigning(evidence) : falseProof(evidence);
  const evidenceHash = keccak256(abi.encode(["uint8", input], [OFFENCES.indexOf(evidence.offence), content]));
  return hash.parse(keccak256(abi.encode(["bytes32", "address", "bytes32"], [evidenceHash, reporter, salt])));
}

/** The calldata that shows the evidence to the contract `Slashing`. */
export function submissionOf(evidence: Evidence, salt: Hash): string {
  return evidence.offence === "DoubleSigning"
    ? slashing.encodeFunctionData("submitDoubleSigning", [doubleSigning(evidence), salt])
    : slashing.encodeFunctionData("submitFalseProof", [falseProof(evidence), salt]);
}

function doubleSigning({ content }: Evidence & { readonly offence: "DoubleSigning" }) {
  return { ...content, first: hinted(content.first), second: hinted(content.second) };
}

function falseProof({ content }: FalseProofEvidence) {
  return { ...content, signed: hinted(content.signed) };
}

/** With the hint for registered keys, at a third of the gas. It is a function of the signature, so a commitment does not change. */
export function hinted({ signature, ...statement }: SignedAccumulator): SignedAccumulator {
  return { ...statement, signature: bytes.parse(hexlify(withHint(getBytes(signature)))) };
}

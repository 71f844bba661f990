import { AbiCoder, getBytes, hexlify, type Interface, keccak256 } from "ethers";
import { Slashing__factory } from "../../../types/ethers-contracts/factories/bridge/Slashing__factory.ts";
import { withHint } from "../../domain/ed25519.ts";
import { type Address, bytes, hash, type Hash } from "../../domain/ids.ts";
import type { Evidence } from "../core/case.ts";
import { encodeSet } from "../../domain/validator-set.ts";
import { OFFENCES, type SignedAccumulator } from "../core/slashing.ts";

const abi = AbiCoder.defaultAbiCoder();
const slashing = Slashing__factory.createInterface();

/** Evidence of a false proof. */
export type FalseProofEvidence = Evidence & { readonly offence: "FalseProof" };

/** The methods that take evidence, and then the salt of the commitment to it. */
const METHODS = {
  DoubleSigning: slashing.getFunction("submitDoubleSigning"),
  FalseProof: slashing.getFunction("submitFalseProof"),
  ExtendedDowntime: slashing.getFunction("claimDowntime"),
} as const;

/** keccak256(abi.encode(offence, evidence)): by which the contract names evidence. */
export function evidenceHashOf(evidence: Evidence): Hash {
  const method = METHODS[evidence.offence];
  const [input] = method.inputs;
  if (input === undefined) throw new Error(`the contract's ${method.name} takes no evidence`);
  const values = [OFFENCES.indexOf(evidence.offence), encode(evidence)];
  return hash.parse(keccak256(abi.encode(["uint8", input], values)));
}

/** What a reporter commits to: `ISlashing.commitmentOf`. */
export function commitmentTo(evidence: Evidence, reporter: Address, salt: Hash): Hash {
  const values = [evidenceHashOf(evidence), reporter, salt];
  return hash.parse(keccak256(abi.encode(["bytes32", "address", "bytes32"], values)));
}

/** The calldata that shows the evidence to the contract `Slashing`. */
export function submissionOf(evidence: Evidence, salt: Hash): string {
  const contract: Interface = slashing; // one that takes any of its methods
  return contract.encodeFunctionData(METHODS[evidence.offence], [encode(evidence), salt]);
}

/** The evidence as the contract takes it. */
function encode({ offence, content }: Evidence): object {
  switch (offence) {
    case "DoubleSigning":
      return { ...content, first: hinted(content.first), second: hinted(content.second) };
    case "FalseProof":
      return { ...content, signed: hinted(content.signed) };
    case "ExtendedDowntime":
      return { ...content, set: encodeSet(content.set) };
  }
}

/** With the hint for registered keys, at a third of the gas. It is a function of the signature, so a commitment does not change. */
export function hinted({ signature, ...statement }: SignedAccumulator): SignedAccumulator {
  return { ...statement, signature: bytes.parse(hexlify(withHint(getBytes(signature)))) };
}

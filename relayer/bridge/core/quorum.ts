import { AbiCoder, keccak256, ZeroHash } from "ethers";
import type { ValidatorSet } from "../../domain/bridge.ts";
import { hash, type Hash, type PublicKey, type Signature } from "../../domain/ids.ts";

const abi = AbiCoder.defaultAbiCoder();

/** The most members that a set may have: `QuorumLib.MAX_VALIDATORS`. */
export const MAX_VALIDATORS = 128;

/** The hash by which contracts remember a set: `QuorumLib.hash`. */
export function setHash({ epoch, threshold, validators }: ValidatorSet): Hash {
  return hash.parse(
    keccak256(abi.encode(["tuple(uint64,uint16,bytes32[])"], [[epoch, threshold, validators]])),
  );
}

/**
 * Why a set may not guard value, or undefined when it may: the rule of `QuorumLib.requireValid`, but for the keys'
 * own validity, which `domain/ed25519.ts` tells.
 */
export function setProblem({ threshold, validators }: ValidatorSet): string | undefined {
  if (validators.length > MAX_VALIDATORS)
    return `it has ${validators.length} members, and ${MAX_VALIDATORS} is the most`;
  if (threshold < 2 || threshold > validators.length || 2 * threshold <= validators.length)
    return `a threshold of ${threshold} is not at least 2, above half of and at most the ${validators.length} members`;
  const unsorted = validators.findIndex((key, i) => key <= (validators[i - 1] ?? ZeroHash));
  if (unsorted >= 0) return `its keys are not strictly ascending at index ${unsorted}`;
  return undefined;
}

/** A member's signature as `Inbox.deliver` takes it. */
export type MemberSignature = { readonly index: number; readonly signature: Signature };

/**
 * The signatures for a delivery, indices ascending and exactly as many as the threshold asks for, or undefined while there
 * are too few. Signatures of others than members do not count.
 */
export function assembleQuorum(
  { threshold, validators }: ValidatorSet,
  signatures: ReadonlyMap<PublicKey, Signature>,
): readonly MemberSignature[] | undefined {
  const members = validators.flatMap((key, index) => {
    const signature = signatures.get(key);
    return signature === undefined ? [] : [{ index, signature }];
  });
  return members.length < threshold ? undefined : members.slice(0, threshold);
}

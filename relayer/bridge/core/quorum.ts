import { concat, getBytes, ZeroHash } from "ethers";
import type { Ed25519Set, Quorum, ValidatorSet } from "../../domain/bridge.ts";
import { withHint } from "../../domain/ed25519.ts";
import { bytes, type PublicKey, type Signature } from "../../domain/ids.ts";

/** The most members that a set may have: `QuorumLib.MAX_VALIDATORS`. */
export const MAX_VALIDATORS = 128;

/** The longest overlap of two sets in seconds: `QuorumLib.MAX_OVERLAP`. */
export const MAX_OVERLAP = 2 * 24 * 3600;

/**
 * Why a set may not guard value, or undefined when it may: the rule of `QuorumLib.requireValid`, but for the keys'
 * own validity, which `domain/ed25519.ts` tells.
 *
 * @param now Unix seconds
 * @param count N; of a BLS12381 set only its key set knows it
 */
export function setProblem(
  set: ValidatorSet,
  now: bigint,
  count: number = set.members.length,
): string | undefined {
  const { threshold, expiresAt, overlap } = set;
  if (count > MAX_VALIDATORS) return `it has ${count} members, and ${MAX_VALIDATORS} is the most`;
  if (threshold < 2 || threshold > count || 2 * threshold <= count)
    return `a threshold of ${threshold} is not at least 2, above half of and at most the ${count} members`;
  if (expiresAt <= now) return `it expired at ${expiresAt} (Unix seconds)`;
  if (overlap > MAX_OVERLAP) return `its overlap of ${overlap} seconds is longer than ${MAX_OVERLAP}`;
  if (set.scheme === "BLS12381") return undefined;
  const unsorted = set.members.findIndex((key, i) => key <= (set.members[i - 1] ?? ZeroHash));
  return unsorted < 0 ? undefined : `its keys are not strictly ascending at index ${unsorted}`;
}

/**
 * The quorum of an Ed25519 set, or undefined while there are too few signatures. Those of others than members do not count.
 *
 * @param signatures valid ones, over the digest in question
 * @param most how many signers to name: for a delivery exactly as many as the threshold asks for
 */
export function assembleQuorum(
  set: Ed25519Set,
  signatures: ReadonlyMap<PublicKey, Signature>,
  most: number = set.threshold,
): Quorum | undefined {
  const signed = set.members.flatMap((key, index) => {
    const signature = signatures.get(key);
    return signature === undefined ? [] : [{ index, signature }];
  });
  if (signed.length < set.threshold) return undefined;
  const chosen = signed.slice(0, most);
  return {
    set,
    signers: chosen.reduce((bitmap, { index }) => bitmap | (1n << BigInt(index)), 0n),
    signature: bytes.parse(concat(chosen.map(({ signature }) => withHint(getBytes(signature))))),
  };
}

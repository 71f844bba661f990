import { AbiCoder, keccak256 } from "ethers";
import type { ValidatorSet } from "./bridge.ts";
import { hash, type Hash, publicKey } from "./ids.ts";

const abi = AbiCoder.defaultAbiCoder();

/** The contracts' numbers of `Scheme`. */
export const schemeCodes = { Ed25519: 0, BLS12381: 1 } as const;

/** A set as the contracts take it in calldata. */
export function encodeSet({ epoch, expiresAt, overlap, threshold, scheme, members }: ValidatorSet) {
  return { epoch, expiresAt, overlap, threshold, scheme: schemeCodes[scheme], members: [...members] };
}

/** A set as the contracts give it. */
export type EncodedSet = {
  readonly epoch: bigint;
  readonly expiresAt: bigint;
  readonly overlap: bigint;
  readonly threshold: bigint;
  readonly scheme: bigint;
  readonly members: readonly string[];
};

/** A validator set as the contracts give it. */
export function decodeSet({
  epoch,
  expiresAt,
  overlap,
  threshold,
  scheme,
  members,
}: EncodedSet): ValidatorSet {
  const common = { epoch, expiresAt, overlap: Number(overlap), threshold: Number(threshold) };
  return Number(scheme) === schemeCodes.Ed25519
    ? { ...common, scheme: "Ed25519", members: members.map((key) => publicKey.parse(key)) }
    : { ...common, scheme: "BLS12381", members: [hash.parse(members[0])] };
}

/** The hash by which contracts remember a set: `QuorumLib.hash`. */
export function setHash(set: ValidatorSet): Hash {
  const { epoch, expiresAt, overlap, threshold, scheme, members } = encodeSet(set);
  const tuple = [epoch, expiresAt, overlap, threshold, scheme, members];
  return hash.parse(keccak256(abi.encode(["tuple(uint64,uint64,uint32,uint16,uint8,bytes32[])"], [tuple])));
}

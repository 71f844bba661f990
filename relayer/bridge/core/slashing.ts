import { AbiCoder, getBytes, id as keccakOfText, keccak256 } from "ethers";
import { verify as verifyBls } from "../../domain/bls.ts";
import type { Ed25519Set, Statement } from "../../domain/bridge.ts";
import { verify as verifyEd25519 } from "../../domain/ed25519.ts";
import {
  type Address,
  type Bytes,
  type ChainId,
  hash,
  type Hash,
  type LaneId,
  type PublicKey,
} from "../../domain/ids.ts";
import { digestOf } from "../../domain/attestation.ts";
import { laneFrom } from "../../domain/message.ts";

/**
 * What the contract `Slashing` answers to evidence, worked out beforehand: a reporter learns here whether evidence holds before it
 * commits to it, and a test holds the two to the same answers. Amounts are in the smallest unit of the bond's token, times in Unix
 * seconds.
 *
 * @module
 */

const abi = AbiCoder.defaultAbiCoder();
const ENVELOPE_TYPEHASH = keccakOfText(
  "dchat.Envelope/1(bytes32 attestationDigest,bytes32 innerSignatureHash)",
);
const BPS = 10_000n;
/** All of something, where shares are counted: 10^18. */
export const ONE = 10n ** 18n;

/** The offences in the order of the contract's enum. */
export const OFFENCES = ["DoubleSigning", "InvalidSignature", "FalseProof", "ExtendedDowntime"] as const;
export type Offence = (typeof OFFENCES)[number];

/** One place of a lane, as one Inbox sees it: honest validators sign one accumulator for it. */
export type Place = Pick<Statement, "domain" | "lane" | "nonce">;
/** What was signed for a place, and the signature in one of the forms of `SlashingTypes.Signed`. */
export type SignedAccumulator = Pick<Statement, "accumulator" | "epoch"> & { readonly signature: Bytes };
export type DoubleSigning = {
  readonly key: PublicKey;
  readonly place: Place;
  readonly first: SignedAccumulator;
  readonly second: SignedAccumulator;
};
export type InvalidSignature = Pick<Statement, "accumulator" | "epoch"> & {
  readonly key: PublicKey;
  readonly place: Place;
  readonly inner: Bytes;
  readonly blsKey: Bytes;
  readonly envelope: Bytes;
};
export type FalseProof = {
  readonly key: PublicKey;
  readonly place: Place;
  readonly originChainId: ChainId;
  readonly outbox: Address;
  readonly signed: SignedAccumulator;
};

/** A validator that is missing in more than half of {@link DOWNTIME_WINDOW} recorded points. */
export type Downtime = {
  readonly key: PublicKey;
  /** The index of the window's first point. */
  readonly from: number;
  /** The validator's place in the set. */
  readonly index: number;
  /** The set of the epoch. */
  readonly set: Ed25519Set;
};

/** How many recorded points a claim of downtime is about: `Downtimes.DOWNTIME_WINDOW`. */
export const DOWNTIME_WINDOW = 100;

/** What the contracts know. */
export type SlashingState = {
  readonly now: bigint;
  readonly homeChainId: ChainId;
  readonly evidenceWindow: bigint;
  /** The chain of the Inbox with this domain. */
  destinationOf(domain: Hash): ChainId | undefined;
  /** Whether lanes from this Outbox, or this registry, are known. */
  isSource(chainId: ChainId, outbox: Address): boolean;
  stakeAt(key: PublicKey, epoch: bigint): bigint;
  expiresAt(epoch: bigint): bigint;
  bondOf(key: PublicKey): bigint;
  blsKeyOf(key: PublicKey): Bytes | undefined;
  /** The keys of a set of BLS keys, in order; none for one that does not exist. */
  keySet(id: Hash): readonly Bytes[];
  isUsed(key: PublicKey, offence: Offence, place: Place): boolean;
  /** acc(nonce) of a lane, the zero hash where it has not come so far, undefined where nobody has shown it. */
  truth(lane: LaneId, nonce: bigint, signature: Bytes): Hash | undefined;
};

/** What the contracts know of a window of recorded points. */
export type DowntimeState = Pick<
  SlashingState,
  "now" | "evidenceWindow" | "stakeAt" | "expiresAt" | "bondOf"
> & {
  /** Points before this one count no more for the validator: they were claimed. */
  readonly claimableFrom: number;
  /** In how many of the window's points the validator is missing, or why that cannot be told yet. */
  readonly missing: number | "GraceNotOver" | "PointsNotRecorded";
};

/** Why evidence is refused: the name of the contract's error. */
export type Refusal =
  | "SameAccumulator"
  | "UnknownDomain"
  | "UnknownSource"
  | "WrongLane"
  | "NotMember"
  | "EvidenceExpired"
  | "UnknownSignatureForm"
  | "NotValidatorsBlsKey"
  | "SignatureNotValid"
  | "InnerSignatureIsValid"
  | "StatementIsTrue"
  | "FactMissing"
  | "EvidenceUsed"
  | "NotAtIndex"
  | "PointsClaimed"
  | "PointsNotRecorded"
  | "GraceNotOver"
  | "LiveEnough";

/** What becomes of a validator. `pending`: only after the time for a veto. */
export type Verdict = {
  readonly kind: "punished" | "pending";
  readonly offence: Offence;
  /** The epoch whose stake the penalty is a share of. */
  readonly epoch: bigint;
  /** What is taken of the bond, at most what is left of it. */
  readonly penalty: bigint;
  readonly isTombstoned: boolean;
  readonly isJailed: boolean;
};
export type Judgement = Verdict | { readonly kind: "refused"; readonly reason: Refusal };

const PENALTY_BPS: Record<Offence, bigint> = {
  DoubleSigning: 500n,
  InvalidSignature: 100n,
  FalseProof: BPS,
  ExtendedDowntime: 100n,
};

/** The 32 bytes that a validator signs to stand by an inner signature, whatever that is worth. */
export function envelopeDigest(attestationDigest: Hash, innerSignature: Bytes): Hash {
  const encoded = abi.encode(
    ["bytes32", "bytes32", "bytes32"],
    [ENVELOPE_TYPEHASH, attestationDigest, keccak256(innerSignature)],
  );
  return hash.parse(keccak256(encoded));
}

/** The id under which a place's offences are kept. */
export function placeIdOf({ domain, lane, nonce }: Place): Hash {
  return hash.parse(keccak256(abi.encode(["bytes32", "bytes32", "uint64"], [domain, lane, nonce])));
}

/** What an offence costs a validator with this stake in the epoch and this bond now. */
export function verdictOf(offence: Offence, epoch: bigint, stake: bigint, bond: bigint): Verdict {
  const share = (stake * PENALTY_BPS[offence]) / BPS;
  const isTombstoned = offence === "DoubleSigning" || offence === "FalseProof";
  return {
    kind: offence === "ExtendedDowntime" ? "pending" : "punished",
    offence,
    epoch,
    penalty: share < bond ? share : bond,
    isTombstoned,
    isJailed: !isTombstoned,
  };
}

/** Two signatures for one place with different accumulators. */
export function judgeDoubleSigning(evidence: DoubleSigning, state: SlashingState): Judgement {
  const { key, place, first, second } = evidence;
  const [earlier, later] = first.epoch > second.epoch ? [second, first] : [first, second];
  if (earlier.accumulator === later.accumulator) return refused("SameAccumulator");
  if (state.destinationOf(place.domain) === undefined) return refused("UnknownDomain");
  const problem =
    answerProblem(key, later.epoch, state) ??
    (state.stakeAt(key, earlier.epoch) === 0n ? "NotMember" : undefined) ??
    signatureProblem(key, digestOf({ ...place, ...earlier }), earlier.signature, state) ??
    signatureProblem(key, digestOf({ ...place, ...later }), later.signature, state);
  return problem === undefined ? judged("DoubleSigning", key, place, later.epoch, state) : refused(problem);
}

/** An envelope around a signature that does not verify. */
export function judgeInvalidSignature(evidence: InvalidSignature, state: SlashingState): Judgement {
  const { key, place, epoch, inner } = evidence;
  if (state.destinationOf(place.domain) === undefined) return refused("UnknownDomain");
  const digest = digestOf({ ...place, ...evidence });
  const problem =
    answerProblem(key, epoch, state) ??
    ed25519Problem(key, envelopeDigest(digest, inner), evidence.envelope) ??
    innerProblem(evidence, digest, state);
  return problem === undefined ? judged("InvalidSignature", key, place, epoch, state) : refused(problem);
}

/** A signature for a place whose true accumulator is another. */
export function judgeFalseProof(evidence: FalseProof, state: SlashingState): Judgement {
  const { key, place, originChainId, outbox, signed } = evidence;
  if (!state.isSource(originChainId, outbox)) return refused("UnknownSource");
  const destination = state.destinationOf(place.domain);
  if (destination === undefined) return refused("UnknownDomain");
  if (laneFrom(originChainId, outbox, destination).id !== place.lane) return refused("WrongLane");
  const problem =
    answerProblem(key, signed.epoch, state) ??
    signatureProblem(key, digestOf({ ...place, ...signed }), signed.signature, state);
  if (problem !== undefined) return refused(problem);
  const truth = state.truth(place.lane, place.nonce, signed.signature);
  if (truth === undefined) return refused("FactMissing");
  if (truth === signed.accumulator) return refused("StatementIsTrue");
  const judgement = judged("FalseProof", key, place, signed.epoch, state);
  // What a quorum carried home may be a lie: it can be vetoed.
  const isPending = judgement.kind === "punished" && originChainId !== state.homeChainId;
  return isPending ? { ...judgement, kind: "pending" } : judgement;
}

/** A validator of an Ed25519 set that is missing in a window of recorded points. */
export function judgeDowntime({ key, from, index, set }: Downtime, state: DowntimeState): Judgement {
  const problem = answerProblem(key, set.epoch, state);
  if (problem !== undefined) return refused(problem);
  if (set.members[index] !== key) return refused("NotAtIndex");
  if (from < state.claimableFrom) return refused("PointsClaimed");
  if (typeof state.missing === "string") return refused(state.missing);
  if (2 * state.missing <= DOWNTIME_WINDOW) return refused("LiveEnough");
  return verdictOf("ExtendedDowntime", set.epoch, state.stakeAt(key, set.epoch), state.bondOf(key));
}

/** A validator that was punished at a place: its stake and all stake in the epoch, what it has paid, and its bond now. */
export type Colluder = {
  readonly stake: bigint;
  readonly totalStake: bigint;
  readonly paid: bigint;
  readonly bond: bigint;
};

/** What colluders at one place still owe: three times their common share of the stake, at most all of it. */
export function judgeCollusion(colluders: readonly Colluder[]): {
  readonly share: bigint;
  readonly taken: readonly bigint[];
} {
  const share = colluders.reduce((sum, { stake, totalStake }) => sum + (stake * ONE) / totalStake, 0n);
  const penalty = least(ONE, 3n * share);
  const taken = colluders.map(({ stake, paid, bond }) => {
    const owed = (stake * penalty) / ONE - paid;
    return owed > 0n ? least(owed, bond) : 0n;
  });
  return { share, taken };
}

function judged(
  offence: Offence,
  key: PublicKey,
  place: Place,
  epoch: bigint,
  state: SlashingState,
): Judgement {
  if (state.isUsed(key, offence, place)) return refused("EvidenceUsed");
  return verdictOf(offence, epoch, state.stakeAt(key, epoch), state.bondOf(key));
}

function answerProblem(
  key: PublicKey,
  epoch: bigint,
  state: Pick<SlashingState, "now" | "evidenceWindow" | "stakeAt" | "expiresAt">,
): Refusal | undefined {
  if (state.stakeAt(key, epoch) === 0n) return "NotMember";
  return state.now > state.expiresAt(epoch) + state.evidenceWindow ? "EvidenceExpired" : undefined;
}

/** A signature of 193 bytes is an aggregate: the id of a key set, an index in it, a bitmap and the sum of the signatures. */
function signatureProblem(
  key: PublicKey,
  digest: Hash,
  signature: Bytes,
  state: SlashingState,
): Refusal | undefined {
  const data = getBytes(signature);
  if (data.length !== 193) return ed25519Problem(key, digest, signature);
  const keys = state.keySet(hash.parse(signature.slice(0, 66)));
  const index = data[32] ?? 0;
  const own = state.blsKeyOf(key);
  if (own === undefined || keys[index] !== own) return "NotValidatorsBlsKey";
  const bitmap = BigInt("0x" + signature.slice(68, 132));
  const signers = keys.filter((_, i) => (bitmap >> BigInt(i)) & 1n).map((signer) => getBytes(signer));
  const isSigner = (bitmap >> BigInt(index)) & 1n && bitmap >> BigInt(keys.length) === 0n;
  const isValid = isSigner && verifyBls(data.slice(65), getBytes(digest), signers);
  return isValid ? undefined : "SignatureNotValid";
}

/** The 32 bytes that may follow a signature are a hint, which saves gas and says nothing. */
function ed25519Problem(key: PublicKey, digest: Hash, signature: Bytes): Refusal | undefined {
  const data = getBytes(signature);
  if (data.length !== 64 && data.length !== 96) return "UnknownSignatureForm";
  const isValid = verifyEd25519(data.slice(0, 64), getBytes(digest), getBytes(key));
  return isValid ? undefined : "SignatureNotValid";
}

function innerProblem(
  { key, inner, blsKey }: InvalidSignature,
  digest: Hash,
  state: SlashingState,
): Refusal | undefined {
  const data = getBytes(inner);
  if (data.length === 64)
    return verifyEd25519(data, getBytes(digest), getBytes(key)) ? "InnerSignatureIsValid" : undefined;
  if (data.length !== 128) return "UnknownSignatureForm";
  if (blsKey !== state.blsKeyOf(key)) return "NotValidatorsBlsKey";
  return verifyBls(data, getBytes(digest), [getBytes(blsKey)]) ? "InnerSignatureIsValid" : undefined;
}

const refused = (reason: Refusal): Judgement => ({ kind: "refused", reason });
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

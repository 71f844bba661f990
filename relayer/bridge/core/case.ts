import type { Address, Hash, PublicKey } from "../../domain/ids.ts";
import type { DoubleSigning, FalseProof, Judgement, Offence, Place, Refusal } from "./slashing.ts";

/**
 * How far a report has come. `seen`: the evidence is recorded. `committed`: the contract holds a commitment to it. `submitted`: the
 * contract has punished for it, or for equivalent evidence, in a block that is not final yet. `settled`: in one that is. `refused`:
 * the contract never will.
 */
export const CASE_STATES = ["seen", "committed", "submitted", "settled", "refused"] as const;
/** {@link CASE_STATES} */
export type CaseState = (typeof CASE_STATES)[number];

/** What is submitted to the contract, by its offence. */
export type Evidence =
  | { readonly offence: "DoubleSigning"; readonly content: DoubleSigning }
  | { readonly offence: "FalseProof"; readonly content: FalseProof };

/** An offence that is to be reported. There is one case for a validator's offence of one kind at one place. */
export type Case = {
  readonly id: number;
  readonly evidence: Evidence;
  /** What hides the evidence in the commitment to it; recorded before that is sent, so that it can be revealed in any case. */
  readonly salt: Hash;
  readonly state: CaseState;
};

/** What the contract logged about the punishment of an offence. `taken` is in the smallest unit of the bond's token. */
export type Punishment = {
  readonly reporter: Address;
  readonly taken: bigint;
  readonly transactionHash: Hash;
};

/** What the chain says about a case now. Times in Unix seconds. */
export type CaseFacts = {
  /** What the contract would answer to the evidence. */
  readonly judgement: Judgement;
  /** The punishment for the offence, once it is final. */
  readonly punishment: Punishment | undefined;
  /** When our commitment was made; 0 for none, or one that was used. */
  readonly committedAt: bigint;
  /** For how long a commitment is good. */
  readonly commitLife: bigint;
  /** Whether what the contract misses about the lane can be shown on the home chain. */
  readonly canProve: boolean;
  /** The time of the newest block. */
  readonly now: bigint;
};

/** What to do next about a case. */
export type Step =
  | { readonly kind: "prove" | "commit" | "submit" | "wait" }
  | { readonly kind: "settle"; readonly punishment: Punishment }
  | { readonly kind: "refuse"; readonly reason: Refusal };

/** Refusals for which the chain's present state, or a node that lags behind, may be the reason: the same evidence may hold later. */
const PASSING: readonly Refusal[] = ["UnknownDomain", "UnknownSource", "NotMember", "FactMissing"];

/**
 * Where a case stands and what to do next, by what the chain says alone. So it makes no difference when a process dies: the next one
 * finds the commitment or the punishment on the chain, or finds that there is none, and goes on there.
 */
export function nextStep({ judgement, punishment, canProve, committedAt, commitLife, now }: CaseFacts): {
  readonly state: CaseState;
  readonly step: Step;
} {
  if (punishment !== undefined) return { state: "settled", step: { kind: "settle", punishment } };
  const state = committedAt === 0n ? "seen" : "committed";
  if (judgement.kind === "refused") {
    const { reason } = judgement;
    if (reason === "EvidenceUsed") return { state: "submitted", step: { kind: "wait" } };
    if (reason === "FactMissing" && canProve) return { state, step: { kind: "prove" } };
    if (PASSING.includes(reason)) return { state, step: { kind: "wait" } };
    return { state: "refused", step: { kind: "refuse", reason } };
  }
  if (committedAt === 0n || now > committedAt + commitLife)
    return { state: "seen", step: { kind: "commit" } };
  // The contract wants a later block than the commitment's.
  return { state, step: { kind: now > committedAt ? "submit" : "wait" } };
}

/** Whose offence it is, of which kind, and where. */
export function subjectOf({ offence, content }: Evidence): {
  readonly offence: Offence;
  readonly validator: PublicKey;
  readonly place: Place;
} {
  return { offence, validator: content.key, place: content.place };
}

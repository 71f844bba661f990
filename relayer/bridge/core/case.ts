import type { OffencePlace, OffenceWindow } from "../../domain/events.ts";
import type { Address, Hash, PublicKey } from "../../domain/ids.ts";
import type { DoubleSigning, Downtime, FalseProof, Judgement, Offence, Refusal } from "./slashing.ts";

/**
 * How far a report has come. `seen`: the evidence is recorded. `committed`: the contract holds a commitment to it. `submitted`: the
 * contract has taken it, or equivalent evidence: it has punished in a block that is not final yet, or the slash waits for a veto.
 * `settled`: the punishment is final. `refused`: there never will be one.
 */
export const CASE_STATES = ["seen", "committed", "submitted", "settled", "refused"] as const;
/** {@link CASE_STATES} */
export type CaseState = (typeof CASE_STATES)[number];

/** What is submitted to the contract, by its offence. */
export type Evidence =
  | { readonly offence: "DoubleSigning"; readonly content: DoubleSigning }
  | { readonly offence: "FalseProof"; readonly content: FalseProof }
  | { readonly offence: "ExtendedDowntime"; readonly content: Downtime };

/** An offence that is to be reported. There is one case for a validator's offence of one kind at one place, or in one window. */
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

/** A slash that waits for a veto, by its number in the contract; anybody may execute it from `executableAt` on (Unix seconds). */
export type PendingSlash = { readonly id: bigint; readonly executableAt: bigint };

/** What became of evidence that the contract has taken, as far as it is known. */
export type Aftermath =
  | { readonly kind: "none" }
  | { readonly kind: "vetoed" }
  | ({ readonly kind: "pending" } & PendingSlash)
  /** @property isFinal whether a final block holds it */
  | { readonly kind: "punished"; readonly isFinal: boolean; readonly punishment: Punishment };

/** What the chain says about a case now. Times in Unix seconds. */
export type CaseFacts = {
  /** What the contract would answer to the evidence. */
  readonly judgement: Judgement;
  readonly aftermath: Aftermath;
  /** When our commitment was made; 0 for none, or one that was used. */
  readonly committedAt: bigint;
  /** For how long a commitment is good. */
  readonly commitLife: bigint;
  /** Whether what the contract misses about the lane can be shown to it from here. */
  readonly canProve: boolean;
  /** The time of the newest block. */
  readonly now: bigint;
};

/** What to do next about a case. */
export type Step =
  | { readonly kind: "prove" | "commit" | "submit" | "wait" }
  | { readonly kind: "execute"; readonly pending: PendingSlash }
  | { readonly kind: "settle"; readonly punishment: Punishment }
  | { readonly kind: "refuse"; readonly reason: Refusal | "Vetoed" };

/** Refusals for which the chain's present state, or a node that lags behind, may be the reason: the same evidence may hold later. */
const PASSING: readonly Refusal[] = [
  "UnknownDomain",
  "UnknownSource",
  "NotMember",
  "FactMissing",
  "GraceNotOver",
  "PointsNotRecorded",
];

/**
 * Where a case stands and what to do next, by what the chain says alone. So it makes no difference when a process dies: the next one
 * finds the commitment or the punishment on the chain, or finds that there is none, and goes on there.
 */
export function nextStep(facts: CaseFacts): { readonly state: CaseState; readonly step: Step } {
  const { judgement, aftermath, canProve, committedAt, commitLife, now } = facts;
  if (aftermath.kind !== "none") return afterwards(aftermath, now);
  const state = committedAt === 0n ? "seen" : "committed";
  if (judgement.kind === "refused") {
    const { reason } = judgement;
    // Taken, and what became of it is not to be seen yet.
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

function afterwards(
  aftermath: Exclude<Aftermath, { readonly kind: "none" }>,
  now: bigint,
): ReturnType<typeof nextStep> {
  switch (aftermath.kind) {
    case "vetoed":
      return { state: "refused", step: { kind: "refuse", reason: "Vetoed" } };
    case "pending": {
      const { id, executableAt } = aftermath;
      const isDue = now >= executableAt;
      const step = isDue
        ? { kind: "execute" as const, pending: { id, executableAt } }
        : { kind: "wait" as const };
      return { state: "submitted", step };
    }
    case "punished": {
      const { isFinal, punishment } = aftermath;
      return isFinal
        ? { state: "settled", step: { kind: "settle", punishment } }
        : { state: "submitted", step: { kind: "wait" } };
    }
  }
}

/** Whose offence it is, of which kind, and where. */
export function subjectOf({ offence, content }: Evidence): {
  readonly offence: Offence;
  readonly validator: PublicKey;
  readonly where: OffencePlace | OffenceWindow;
} {
  const where = "place" in content ? content.place : { epoch: content.set.epoch, firstPoint: content.from };
  return { offence, validator: content.key, where };
}

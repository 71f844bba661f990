import { address, bytes, type Hash, hash, type PublicKey } from "../../../relayer/domain/ids.ts";
import type { Attestation } from "../../../relayer/domain/bridge.ts";
import {
  type Aftermath,
  type Case,
  type CaseFacts,
  type CaseState,
  type Evidence,
  subjectOf,
} from "../../../relayer/bridge/core/case.ts";
import { placeIdOf, type SignedAccumulator } from "../../../relayer/bridge/core/slashing.ts";
import { compare, type Finding } from "../../../relayer/bridge/core/watch.ts";
import type { CaseCount, Compared, Reported, Reporter, WatchRecord } from "../../../relayer/bridge/ports.ts";
import { hashOf } from "./bridge.ts";

/** A {@link WatchRecord} in memory, which outlives the processes of a test. */
export class FakeWatchRecord implements WatchRecord {
  readonly cases: (Case & { readonly key: string; readonly reason?: string | undefined })[] = [];
  readonly #first = new Map<string, SignedAccumulator>();
  #unchecked: readonly Attestation[] = [];

  add(seen: Attestation): Promise<Finding["kind"]> {
    const where = `${seen.validator} ${placeIdOf(seen)}`;
    const finding = compare(this.#first.get(where), seen);
    if (finding.kind === "first") this.#first.set(where, { ...seen, signature: bytes.parse(seen.signature) });
    if (finding.kind === "double-signing")
      this.#open({ offence: "DoubleSigning", content: finding.evidence });
    if (finding.kind !== "known") this.#unchecked = [...this.#unchecked, seen];
    return Promise.resolve(finding.kind);
  }

  unchecked(limit: number): readonly Attestation[] {
    return this.#unchecked.slice(0, limit);
  }

  checked(compared: readonly Compared[]): void {
    for (const { signed, verdict } of compared) {
      if (verdict === "later") continue;
      this.#unchecked = this.#unchecked.filter((each) => each !== signed);
      if (typeof verdict === "object") this.#open({ offence: "FalseProof", content: verdict });
    }
  }

  open(): readonly Case[] {
    return this.cases.filter(({ state }) => state !== "settled" && state !== "refused");
  }

  note(id: number, state: CaseState, reason?: string): void {
    const [old] = this.cases.filter((each) => each.id === id);
    if (old !== undefined) this.cases[this.cases.indexOf(old)] = { ...old, state, reason };
  }

  counts(): readonly CaseCount[] {
    return [];
  }

  #open(evidence: Evidence): void {
    const key = subjectKey(evidence);
    if (this.cases.some((each) => each.key === key)) return;
    const id = this.cases.length + 1;
    this.cases.push({ id, key, evidence, salt: hashOf(`salt ${id}`), state: "seen" });
  }
}

/** The contract, as a reporter sees it: commitments by case, punishments by offence and place, and a clock of blocks. */
export class FakeReporter implements Reporter {
  readonly account = address.parse("0x00000000000000000000000000000000000000aa");
  readonly members = new Set<PublicKey>();
  readonly commitLife = 10n;
  now = 1n;
  /** Each punishment, with its block's time: how often, tells whether one was doubled. */
  readonly punished: { readonly key: string; readonly at: bigint }[] = [];
  /** Reveals that the contract turned down: too early, too late, or of nothing that was committed to. */
  unripe = 0;
  rewards = 0n;
  claimed = 0n;
  /** Thrown once by the next transaction, before or after it was done. */
  fault: "before" | "after" | undefined;
  readonly #committed = new Map<string, bigint>();

  stakeAt(key: PublicKey): Promise<bigint> {
    return Promise.resolve(this.members.has(key) ? 100n : 0n);
  }

  facts(subject: Case): Promise<CaseFacts> {
    const found = this.punished.find(({ key }) => key === caseKey(subject));
    const isFinal = found !== undefined && this.now > found.at;
    const punishment = { reporter: this.account, taken: 5n, transactionHash: hashOf("punishment") };
    const aftermath: Aftermath =
      found === undefined ? { kind: "none" } : { kind: "punished", isFinal, punishment };
    return Promise.resolve({
      judgement:
        found === undefined
          ? { kind: "punished", ...verdict }
          : { kind: "refused", reason: "EvidenceUsed" as const },
      aftermath,
      committedAt: this.#committed.get(commitment(subject)) ?? 0n,
      commitLife: this.commitLife,
      canProve: false,
      now: this.now,
    });
  }

  prove(): Promise<Reported> {
    return Promise.resolve({ turnedDown: "nothing to prove" });
  }

  commit(subject: Case): Promise<Reported> {
    return this.#transact(() => {
      this.#committed.set(commitment(subject), this.now);
      return done;
    });
  }

  submit(subject: Case): Promise<Reported> {
    return this.#transact(() => {
      const since = this.#committed.get(commitment(subject));
      if (since === undefined || this.now <= since || this.now > since + this.commitLife) {
        this.unripe++;
        return { turnedDown: "CommitmentNotRipe" };
      }
      this.#committed.delete(commitment(subject));
      this.#punish(caseKey(subject));
      this.rewards += 1n;
      return done;
    });
  }

  execute(): Promise<Reported> {
    return Promise.resolve({ turnedDown: "nothing is pending" });
  }

  claimReward(): Promise<bigint> {
    const amount = this.rewards;
    this.claimed += amount;
    this.rewards = 0n;
    return Promise.resolve(amount);
  }

  /** Somebody else reports the same offence. */
  punishByOthers(subject: Case): void {
    if (!this.punished.some(({ key }) => key === caseKey(subject))) this.#punish(caseKey(subject));
  }

  #punish(key: string): void {
    this.punished.push({ key, at: this.now });
  }

  #transact(act: () => Reported): Promise<Reported> {
    const { fault } = this;
    this.fault = undefined;
    if (fault === "before") return Promise.reject(new Error("killed before the transaction"));
    const result = act();
    this.now++;
    return fault === "after"
      ? Promise.reject(new Error("killed after the transaction"))
      : Promise.resolve(result);
  }
}

const done = { transactionHash: hash.parse(hashOf("transaction")) };
const verdict = {
  offence: "DoubleSigning",
  epoch: 1n,
  penalty: 5n,
  isTombstoned: true,
  isJailed: false,
} as const;
const caseKey = ({ evidence }: Case): string => subjectKey(evidence);
function subjectKey(evidence: Evidence): string {
  const { offence, validator, where } = subjectOf(evidence);
  const place = "lane" in where ? placeIdOf(where) : `${where.epoch} ${where.firstPoint}`;
  return `${offence} ${validator} ${place}`;
}
const commitment = (subject: Case): Hash => hashOf(`${caseKey(subject)} ${subject.salt}`);

import { getBytes } from "ethers";
import { digestOf, domainOf } from "../../../domain/attestation.ts";
import type { Quorum, Statement, ValidatorSet } from "../../../domain/bridge.ts";
import { verify } from "../../../domain/ed25519.ts";
import type { Hash, PublicKey } from "../../../domain/ids.ts";
import { emptyLane, fold, laneFrom, messageIdOf } from "../../../domain/message.ts";
import { setHash } from "../../../domain/validator-set.ts";
import type {
  Acceptance,
  Activation,
  ChainEvidence,
  Evidence,
  FormedEvidence,
  InboxCall,
  Outcome,
  Place,
} from "./evidence.ts";
import { byPlace, Places, upToHead, type Violation } from "./violation.ts";

/** R ‖ S ‖ x of an Ed25519 signature in calldata. */
const HINTED_BYTES = 96;
const SIGNATURE_BYTES = 64;

/** A valid signature that a chain shows, with what was signed. */
export type ShownSignature = {
  readonly validator: PublicKey;
  readonly statement: Statement;
  readonly place: Place;
};

/** What the quorums of all chains are worth. */
export type QuorumFindings = {
  readonly violations: readonly Violation[];
  readonly signatures: readonly ShownSignature[];
};

/**
 * Whether M distinct bonded members of the right set signed whatever was accepted: each quorum is taken from calldata and checked anew,
 * whatever the contract thought of it.
 */
export function judgeQuorums(evidence: Evidence): QuorumFindings {
  const places = new Places(evidence);
  const inboxes = evidence.chains.map((chain) => new InboxJudge(chain, evidence, places));
  return {
    violations: inboxes.flatMap((inbox) => inbox.run().map((text): Violation => ({ rule: "quorum", text }))),
    signatures: inboxes.flatMap(({ signatures }) => signatures),
  };
}

class InboxJudge {
  readonly signatures: ShownSignature[] = [];
  readonly #chain: ChainEvidence;
  readonly #evidence: Evidence;
  readonly #places: Places;
  readonly #domain: Hash;
  readonly #activations: readonly Activation[];
  /** The sets that the registry formed, by their hashes. */
  readonly #formed: ReadonlyMap<Hash, FormedEvidence>;

  constructor(chain: ChainEvidence, evidence: Evidence, places: Places) {
    this.#chain = chain;
    this.#evidence = evidence;
    this.#places = places;
    this.#domain = domainOf(chain.chainId, chain.inbox);
    this.#activations = upToHead(chain, chain.activations);
    this.#formed = new Map((evidence.home?.sets ?? []).map((formed) => [setHash(formed.set), formed]));
  }

  run(): readonly string[] {
    const acceptances = upToHead(this.#chain, this.#chain.acceptances);
    return [
      ...this.#activations.flatMap((activation, i) => this.#activationProblem(activation, i === 0) ?? []),
      ...acceptances.flatMap((acceptance) => this.#acceptanceProblem(acceptance, acceptances) ?? []),
      ...this.#unaccepted(acceptances),
    ];
  }

  /** A set is the one that the registry formed, and came by the word of the one before. */
  #activationProblem({ set, place }: Activation, isFirst: boolean): string | undefined {
    const hash = setHash(set);
    const subject = `The validator set of epoch ${set.epoch} was activated at ${this.#places.at(place)}`;
    if (this.#chain.recoveries.has(hash)) return undefined; // governance's, on view for 14 days
    if (!this.#formed.has(hash)) return `${subject}, but the registry formed no such set.`;
    if (isFirst) return undefined; // the contract was deployed with it
    const { home } = this.#evidence;
    const call = this.#chain.calls.get(place.transactionHash);
    if (call?.kind !== "rotate" || setHash(call.next) !== hash || home === undefined)
      return `${subject}, but the calldata of the transaction does not show by whose word.`;
    const lane = laneFrom(home.chainId, home.registry, this.#chain.chainId).id;
    const statement = { domain: this.#domain, lane, nonce: set.epoch, accumulator: hash };
    return told(subject, this.#quorumProblems(call.quorum, statement, place));
  }

  #acceptanceProblem(acceptance: Acceptance, all: readonly Acceptance[]): string | undefined {
    const { originChainId, nonce, epoch, signers, place } = acceptance;
    const subject = `The lane from ${this.#places.chain(originChainId)} was accepted up to nonce ${nonce} at ${this.#places.at(place)}`;
    const call = this.#chain.calls.get(place.transactionHash);
    if (call?.kind !== "deliver" || call.originChainId !== originChainId)
      return `${subject}, but the calldata of the transaction does not show by whose word: it is no delivery to the Inbox itself.`;
    const statement = this.#statement(call, acceptance, all);
    if (statement === undefined)
      return `${subject}, but nothing shows what the lane was before nonce ${call.firstNonce}.`;
    const { quorum } = call;
    const isOther = quorum.set.epoch !== epoch || quorum.signers !== signers;
    const problems = this.#quorumProblems(quorum, statement, place);
    return told(
      subject,
      isOther ? [...problems, "its log names another quorum than its calldata"] : problems,
    );
  }

  /** What the quorum of a delivery has to have signed: the point that its messages and the later ids fold to. */
  #statement(
    { originChainId, firstNonce, messages, later }: InboxCall & { readonly kind: "deliver" },
    { place }: Acceptance,
    all: readonly Acceptance[],
  ): Omit<Statement, "epoch"> | undefined {
    const origin = this.#evidence.chains.find(({ chainId }) => chainId === originChainId);
    if (origin === undefined) return undefined;
    const lane = laneFrom(originChainId, origin.outbox, this.#chain.chainId).id;
    const before = all.findLast(
      (each) =>
        each.originChainId === originChainId &&
        byPlace(each, { place }) < 0 &&
        each.nonce === firstNonce - 1n,
    );
    const deposit = origin.deposits.find(
      (each) => each.destinationChainId === this.#chain.chainId && each.nonce === firstNonce - 1n,
    );
    const base = firstNonce === 1n ? emptyLane : (before ?? deposit);
    if (base === undefined) return undefined;
    const ids = messages.map((message, i) =>
      messageIdOf(lane, { ...message, nonce: firstNonce + BigInt(i) }),
    );
    const accumulator = [...ids, ...later].reduce(fold, base.accumulator);
    const nonce = firstNonce - 1n + BigInt(messages.length + later.length);
    return { domain: this.#domain, lane, nonce, accumulator };
  }

  /** All that is wrong with the word of a quorum at a place. */
  #quorumProblems(
    { set, signers, signature }: Quorum,
    statement: Omit<Statement, "epoch">,
    place: Place,
  ): readonly string[] {
    if (set.scheme !== "Ed25519")
      return [`its set of epoch ${set.epoch} signs with ${set.scheme}, which this checker cannot check`];
    const named = set.members.filter((_, i) => ((signers >> BigInt(i)) & 1n) === 1n);
    const all = getBytes(signature);
    const digest = getBytes(digestOf({ ...statement, epoch: set.epoch }));
    const valid = named.filter((key, i) =>
      verify(all.slice(i * HINTED_BYTES, i * HINTED_BYTES + SIGNATURE_BYTES), digest, getBytes(key)),
    );
    for (const validator of valid)
      this.signatures.push({ validator, statement: { ...statement, epoch: set.epoch }, place });
    const invalid = named.filter((key) => !valid.includes(key));
    const problems = [this.#setProblem(set, place)];
    if (signers >> BigInt(set.members.length) !== 0n)
      problems.push(`it names signers beyond the ${set.members.length} members`);
    if (all.length !== named.length * HINTED_BYTES)
      problems.push(`it has ${all.length} bytes of signatures for ${named.length} signers`);
    if (invalid.length > 0) problems.push(`these signatures do not verify: ${invalid.join(", ")}`);
    const distinct = new Set(valid).size;
    if (distinct < set.threshold)
      problems.push(
        `${distinct} members signed, of ${set.members.length} of whom ${set.threshold} are needed`,
      );
    const stakes = this.#formed.get(setHash(set))?.stakes;
    const unbonded = stakes && valid.filter((key) => (stakes.get(key) ?? 0n) === 0n);
    if (unbonded !== undefined && unbonded.length > 0)
      problems.push(`these signers had no bond in epoch ${set.epoch}: ${unbonded.join(", ")}`);
    return problems.filter((problem) => problem !== undefined);
  }

  /** Whether a set was one to listen to at a place: known to the Inbox and the registry, and neither retired nor expired. */
  #setProblem(set: ValidatorSet, place: Place): string | undefined {
    const [hash, { epoch, expiresAt }] = [setHash(set), set];
    const { threshold, members } = set;
    if (threshold < 2 || threshold > members.length || 2 * threshold <= members.length)
      return `${threshold} of ${members.length} is no quorum`;
    const before = this.#activations.filter((each) => byPlace(each, { place }) < 0);
    const active = before.findLast((each) => each.set.epoch === epoch);
    if (active === undefined || setHash(active.set) !== hash)
      return `its set of epoch ${epoch} is none that the Inbox had activated`;
    const isRecovery = this.#chain.recoveries.has(hash);
    if (!isRecovery && !this.#formed.has(hash))
      return `its set of epoch ${epoch} is none that the registry formed`;
    if (BigInt(place.time) >= expiresAt)
      return `its set of epoch ${epoch} had expired at ${expiresAt} (Unix seconds)`;
    const current = before.at(-1);
    if (current === undefined || current === active) return undefined;
    const until =
      current.place.time + (this.#chain.recoveries.has(setHash(current.set)) ? 0 : current.set.overlap);
    if (current.set.epoch === epoch + 1n && place.time < until) return undefined;
    return `its set is stale: epoch ${epoch} had been retired by epoch ${current.set.epoch}`;
  }

  /** Outcomes that no quorum stands behind. Of each message only the first: the rest is a matter of `execution-once`. */
  #unaccepted(acceptances: readonly Acceptance[]): readonly string[] {
    const seen = new Set<string>();
    const isCovered = ({ originChainId, nonce, place }: Outcome) =>
      acceptances.some(
        (each) => each.originChainId === originChainId && each.nonce >= nonce && byPlace(each, { place }) < 0,
      );
    return upToHead(this.#chain, this.#chain.outcomes)
      .filter(({ id }) => !seen.has(id) && seen.add(id))
      .filter((outcome) => !isCovered(outcome))
      .map(
        ({ id, kind, place }) =>
          `Message ${id} was ${kind} at ${this.#places.at(place)} before any quorum had been accepted for it.`,
      );
  }
}

function told(subject: string, problems: readonly string[]): string | undefined {
  return problems.length === 0 ? undefined : `${subject}, but ${problems.join("; ")}.`;
}

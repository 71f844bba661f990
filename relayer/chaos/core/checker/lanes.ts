import type { LaneHead } from "../../../domain/bridge.ts";
import type { ChainId } from "../../../domain/ids.ts";
import { emptyLane, fold } from "../../../domain/message.ts";
import type { Acceptance, ChainEvidence, Deposit, Evidence, Outcome } from "./evidence.ts";
import { byPlace, Places, upToHead, type Violation } from "./violation.ts";

/** Every lane counts from 1 without gaps where it leaves and where it arrives, and is the same on both sides. */
export function inOrder(evidence: Evidence): readonly Violation[] {
  const places = new Places(evidence);
  return evidence.chains.flatMap((origin) =>
    evidence.chains
      .filter(({ chainId }) => chainId !== origin.chainId)
      .flatMap((destination) =>
        new LaneCheck(origin, destination, places)
          .run()
          .map((text): Violation => ({ rule: "lane-order", text })),
      ),
  );
}

/** The check of one lane. Each part says at most the first thing that is wrong: what follows from it would say nothing new. */
class LaneCheck {
  readonly #origin: ChainEvidence;
  readonly #destination: ChainEvidence;
  readonly #places: Places;
  readonly #name: string;
  readonly #deposits: readonly Deposit[];
  /** What the origin says that the lane's accumulator was after each message. */
  readonly #truth: ReadonlyMap<bigint, string>;

  constructor(origin: ChainEvidence, destination: ChainEvidence, places: Places) {
    this.#origin = origin;
    this.#destination = destination;
    this.#places = places;
    this.#name = `The lane from ${places.chain(origin.chainId)} to ${places.chain(destination.chainId)}`;
    this.#deposits = origin.deposits
      .filter((deposit) => deposit.destinationChainId === destination.chainId)
      .toSorted(byPlace);
    this.#truth = new Map(this.#deposits.map(({ nonce, accumulator }) => [nonce, accumulator]));
  }

  run(): readonly string[] {
    const acceptances = upToHead(this.#destination, this.#arriving(this.#destination.acceptances));
    const accepted = acceptances.at(-1);
    const sent = upToHead(this.#origin, this.#deposits).at(-1);
    return [
      this.#gapInDeposits(),
      this.#gapInAcceptances(acceptances),
      this.#disorderInOutcomes(),
      this.#otherState("sent", sent, this.#origin.sent.get(this.#destination.chainId)),
      this.#otherState("accepted", accepted, this.#destination.accepted.get(this.#origin.chainId)),
    ].filter((text) => text !== undefined);
  }

  #arriving<T extends { readonly originChainId: ChainId }>(logs: readonly T[]): readonly T[] {
    return logs.filter(({ originChainId }) => originChainId === this.#origin.chainId);
  }

  #gapInDeposits(): string | undefined {
    let head: LaneHead = emptyLane;
    for (const { nonce, id, accumulator, place } of this.#deposits) {
      if (nonce !== head.nonce + 1n)
        return `${this.#name} goes from nonce ${head.nonce} to ${nonce} in the logs of its origin, at ${this.#places.at(place)}.`;
      head = { nonce, accumulator: fold(head.accumulator, id) };
      if (accumulator !== head.accumulator)
        return `${this.#name} has at nonce ${nonce} an accumulator that its messages do not fold to: ${accumulator} instead of ${head.accumulator}, at ${this.#places.at(place)}.`;
    }
    return undefined;
  }

  #gapInAcceptances(acceptances: readonly Acceptance[]): string | undefined {
    let last = 0n;
    for (const { nonce, accumulator, place } of acceptances) {
      const where = `at ${this.#places.at(place)}`;
      const truth = this.#truth.get(nonce);
      if (truth === undefined)
        return `${this.#name} was accepted up to nonce ${nonce} ${where}, which its origin does not show.`;
      if (truth !== accumulator)
        return `${this.#name} was accepted up to nonce ${nonce} with accumulator ${accumulator} ${where}; its origin says ${truth}.`;
      const call = this.#destination.calls.get(place.transactionHash);
      const isNew = nonce > last;
      if (isNew && call?.kind === "deliver" && call.firstNonce !== last + 1n)
        return `${this.#name} was accepted from nonce ${call.firstNonce} on ${where}, after nonce ${last}.`;
      if (isNew) last = nonce;
    }
    return undefined;
  }

  /** Of each message only its first outcome: a retry comes whenever somebody makes it. */
  #disorderInOutcomes(): string | undefined {
    const seen = new Set<string>();
    const firsts = this.#arriving(this.#destination.outcomes)
      .toSorted(byPlace)
      .filter(({ id }) => !seen.has(id) && seen.add(id));
    let last: Outcome | undefined;
    for (const outcome of firsts) {
      const expected = (last?.nonce ?? 0n) + 1n;
      if (outcome.nonce !== expected)
        return `${this.#name} was executed out of order: message ${outcome.id} with nonce ${outcome.nonce} at ${this.#places.at(outcome.place)}, where ${expected} was due.`;
      last = outcome;
    }
    return undefined;
  }

  #otherState(how: "sent" | "accepted", logged: LaneHead | undefined, state: LaneHead | undefined) {
    const { nonce, accumulator } = logged ?? emptyLane;
    if (state === undefined || (state.nonce === nonce && state.accumulator === accumulator)) return undefined;
    return `${this.#name} was ${how} up to nonce ${nonce} (${accumulator}) by the contract's logs, and up to ${state.nonce} (${state.accumulator}) by its state.`;
  }
}

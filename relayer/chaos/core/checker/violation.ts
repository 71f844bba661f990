import type { ChainEvidence, Evidence, Place } from "./evidence.ts";

/** What the checker holds to be always so. */
export const RULES = {
  "execution-once": "no message is executed more than once",
  "execution-deposit": "what is executed was sent, for good and with the same fields",
  quorum: "what is executed has M distinct bonded signers of its epoch's set, whose signatures verify",
  "lane-order": "lanes have an order and no gaps, on both sides the same",
  conservation: "of every token as much is locked as is minted and on its way",
  "executed-in-time": "every message is executed within its time after healing",
  "no-conflict": "no validator has signed two things, by its records and by the chains",
  "failed-job-alerted": "every job that failed for good raised an alert",
  "alert-notified": "every alert that fired reached somebody",
} as const;

/** {@link RULES}, by name. */
export type RuleName = keyof typeof RULES;

/** Something that is not as it must be. */
export type Violation = {
  readonly rule: RuleName;
  /** One sentence that says what is wrong, with ids and places. */
  readonly text: string;
};

/** Says of each place in evidence where it is, in words. */
export class Places {
  readonly #names: ReadonlyMap<number, string>;

  constructor({ chains }: Pick<Evidence, "chains">) {
    this.#names = new Map(chains.map(({ chainId, name }) => [chainId, name]));
  }

  chain(chainId: number): string {
    return `chain ${this.#names.get(chainId) ?? String(chainId)}`;
  }

  at({ chainId, blockNumber, transactionHash, logIndex }: Place): string {
    return `${this.chain(chainId)}, block ${blockNumber}, transaction ${transactionHash}, log ${logIndex}`;
  }
}

/** The order in which a chain logged. */
export function byPlace(a: { readonly place: Place }, b: { readonly place: Place }): number {
  return a.place.blockNumber - b.place.blockNumber || a.place.logIndex - b.place.logIndex;
}

/** What was logged up to the block at which the chain's state was read, in order. */
export function upToHead<T extends { readonly place: Place }>(
  { head }: ChainEvidence,
  logs: readonly T[],
): readonly T[] {
  return logs.filter(({ place }) => place.blockNumber <= head).toSorted(byPlace);
}

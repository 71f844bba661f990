import type { Address, PublicKey } from "../../domain/ids.ts";

/** What an election asks of a validator: its operator, and whether it is eligible as far as it alone is concerned. */
export type Candidate = {
  readonly key: PublicKey;
  readonly operator: Address;
  readonly isEligible: boolean;
};

/**
 * The members of the next set: everybody eligible, but of no operator more than its seats and the cap. Ascending, as
 * `ValidatorRegistry.formSet` wants them. Among an operator's validators the choice is free; it is the lowest keys.
 *
 * @param seatsOf how many validators governance granted an operator
 * @param cap how many members one operator may have: `ValidatorRegistry.operatorCap` of the set's size
 */
export function elect(
  candidates: readonly Candidate[],
  seatsOf: ReadonlyMap<Address, number>,
  cap: number,
): readonly PublicKey[] {
  const counted = new Map<Address, number>();
  return candidates
    .filter(({ isEligible }) => isEligible)
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .filter(({ operator }) => {
      const count = counted.get(operator) ?? 0;
      if (count >= Math.min(cap, seatsOf.get(operator) ?? 0)) return false;
      counted.set(operator, count + 1);
      return true;
    })
    .map(({ key }) => key);
}

import { isOpen } from "./machine.ts";
import { type Escrow, State, type Terms, ZERO_ADDRESS, sameAddress } from "./types.ts";
import { dueAt } from "./windows.ts";

/** Something that somebody can do with an escrow now, and the second (Unix) from which it is too late, if there is one. */
export interface NextStep {
  readonly who: "buyer" | "seller" | "arbiter" | "anybody";
  readonly action: "deliver" | "release" | "refund" | "dispute" | "evidence" | "resolve" | "expire";
  readonly before?: bigint;
}

/** The name of a state, as the contract has it. */
export function stateName(state: State): keyof typeof State {
  const found = (Object.keys(State) as (keyof typeof State)[]).find((name) => State[name] === state);
  if (found === undefined) throw new RangeError(`not a state: ${state}`);
  return found;
}

/** What can be done at `now` (Unix seconds), and by whom; what moves the escrow on as planned comes first. */
export function nextSteps(terms: Terms, escrow: Escrow, now: bigint): readonly NextStep[] {
  if (!isOpen(escrow)) return []; // `dueAt` is zero then
  const givingIn: readonly NextStep[] = [
    { who: "buyer", action: "release" },
    { who: "seller", action: "refund" },
  ];
  const before = dueAt(terms, escrow);
  if (now >= before) return [{ who: "anybody", action: "expire" }, ...givingIn];
  const dispute = (who: "buyer" | "seller"): NextStep => ({ who, action: "dispute", before });
  switch (escrow.state) {
    case State.Locked:
      return [{ who: "seller", action: "deliver", before }, ...givingIn, dispute("buyer")];
    case State.AwaitingRelease:
      return [...givingIn, dispute("buyer"), dispute("seller")];
    case State.Disputed:
      return [...ruling(terms, before), ...givingIn];
    case State.None:
    case State.Released:
    case State.Refunded:
    case State.Expired:
      return [];
  }
}

function ruling({ arbiter }: Terms, before: bigint): readonly NextStep[] {
  const resolve: NextStep = { who: "arbiter", action: "resolve", before };
  return [
    ...(sameAddress(arbiter, ZERO_ADDRESS) ? [] : [resolve]),
    { who: "buyer", action: "evidence", before },
    { who: "seller", action: "evidence", before },
  ];
}

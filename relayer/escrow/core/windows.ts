import { type Escrow, Silence, State, type Terms } from "./types.ts";
import { WHOLE } from "./terms.ts";

/**
 * Deadlines, and what a time-out pays: WindowLib. Windows are half-open: before `dueAt` the parties may act, from
 * `dueAt` on anybody may push the time-out.
 */

/** Unix second from which the state can time out; zero for an escrow that is not open. */
export function dueAt(terms: Terms, escrow: Escrow): bigint {
  switch (escrow.state) {
    case State.Locked:
      return deliverBy(terms, escrow.milestone);
    case State.AwaitingRelease:
      return escrow.since + terms.rules.reviewFor;
    case State.Disputed:
      return terms.rules.arbiterBy;
    case State.None:
    case State.Released:
    case State.Refunded:
    case State.Expired:
      return 0n;
  }
}

/** The delivery deadline of a milestone. */
export function deliverBy(terms: Terms, milestone: bigint): bigint {
  return terms.milestones[Number(milestone)]?.deliverBy ?? terms.rules.deliverBy;
}

/** What the current milestone still pays: whatever the later ones do not need. */
export function milestoneDue(terms: Terms, { milestone, remaining }: Escrow): bigint {
  const later = terms.milestones.slice(Number(milestone) + 1).reduce((sum, { amount }) => sum + amount, 0n);
  return later < remaining ? remaining - later : 0n;
}

/** What a time-out pays, tips included. */
export function timeoutPays(
  terms: Terms,
  escrow: Escrow,
): { readonly toPayees: bigint; readonly toBuyer: bigint } {
  if (escrow.state === State.AwaitingRelease && terms.rules.onSilence === Silence.PaysSeller)
    return { toPayees: milestoneDue(terms, escrow), toBuyer: 0n };
  const toPayees = escrow.state === State.Disputed ? portion(escrow.remaining, terms.rules.defaultSplit) : 0n;
  return { toPayees, toBuyer: escrow.remaining - toPayees };
}

/** `share` basis points of `amount`, rounded down. */
export function portion(amount: bigint, share: bigint): bigint {
  return (amount * share) / WHOLE;
}

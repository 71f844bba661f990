import { NO_ESCROW } from "./machine.ts";
import { type Escrow, type Hex, State, type Terms, sameAddress } from "./types.ts";

/**
 * An escrow's state, rebuilt from nothing but the contract's events (IEscrowEvents.sol): one event after another, each
 * with the time of its block. Amounts are in the token's smallest unit. Events that are not here leave the state alone.
 */
export type EscrowEvent =
  | { readonly name: "Created" | "Delivered" | "Refunded" | "Disputed" | "Expired" }
  | { readonly name: "Released" | "PartiallyReleased"; readonly remaining: bigint }
  | { readonly name: "PartiallyRefunded" | "MilestoneExpired"; readonly remaining: bigint }
  | { readonly name: "Acted"; readonly party: Hex }
  | { readonly name: "Resolved"; readonly toPayees: bigint };

/** The escrow after an event. `terms` are those of its `Created` event. */
export function applyEvent(terms: Terms, escrow: Escrow, event: EscrowEvent, time: bigint): Escrow {
  switch (event.name) {
    case "Created":
      return { ...NO_ESCROW, state: State.Locked, since: time, remaining: terms.amount };
    case "Delivered":
      return bump({ ...escrow, state: State.AwaitingRelease, since: time }, 0n, 1n);
    case "Released":
      return event.remaining === 0n
        ? bump(closed(escrow, State.Released, time), 1n, 0n)
        : nextMilestone(escrow, event.remaining, time);
    case "PartiallyReleased":
      return bump(part(escrow, event.remaining, State.Released, time), 1n, 0n);
    case "Refunded":
      return bump(closed(escrow, State.Refunded, time), 0n, 1n);
    case "PartiallyRefunded":
      return bump(part(escrow, event.remaining, State.Refunded, time), 0n, 1n);
    case "Disputed":
      return bump({ ...escrow, state: State.Disputed, since: time }, 1n, 1n);
    case "Acted":
      return sameAddress(event.party, terms.buyer) ? bump(escrow, 1n, 0n) : bump(escrow, 0n, 1n);
    case "Resolved":
      return closed(escrow, event.toPayees === 0n ? State.Refunded : State.Released, time);
    case "MilestoneExpired":
      return nextMilestone(escrow, event.remaining, time);
    case "Expired":
      return closed(escrow, State.Expired, time);
  }
}

function closed(escrow: Escrow, state: State, time: bigint): Escrow {
  return { ...escrow, state, since: time, remaining: 0n };
}

function part(escrow: Escrow, remaining: bigint, whenEmpty: State, time: bigint): Escrow {
  return remaining === 0n ? closed(escrow, whenEmpty, time) : { ...escrow, remaining };
}

function nextMilestone(escrow: Escrow, remaining: bigint, time: bigint): Escrow {
  const next = { ...escrow, state: State.Locked, since: time, remaining, milestone: escrow.milestone + 1n };
  return bump(next, 1n, 1n);
}

function bump(escrow: Escrow, buyer: bigint, seller: bigint): Escrow {
  return {
    ...escrow,
    buyerSequence: escrow.buyerSequence + buyer,
    sellerSequence: escrow.sellerSequence + seller,
  };
}

import { accept, refuse, type EscrowError, type Result } from "./errors.ts";
import { single, split } from "./payouts.ts";
import {
  type Escrow,
  type EscrowId,
  type Hex,
  type Payment,
  State,
  type Terms,
  sameAddress,
  sellerOf,
} from "./types.ts";
import { validateTerms } from "./terms.ts";
import { dueAt, milestoneDue, portion, timeoutPays } from "./windows.ts";

/** The state machine of EscrowCore.sol: an operation either gives the next escrow and its payments, or an error. */

export type Command =
  | { readonly kind: "deliver" | "release" | "refund" | "dispute"; readonly actor: Hex }
  | { readonly kind: "submitEvidence" | "publishAgreement" | "expire"; readonly actor: Hex }
  | { readonly kind: "releasePartial" | "refundPartial"; readonly actor: Hex; readonly amount: bigint }
  | { readonly kind: "resolve"; readonly actor: Hex; readonly toBuyer: bigint };

export interface Step {
  readonly escrow: Escrow;
  readonly payments: readonly Payment[];
}

/** An escrow that does not exist yet. */
export const NO_ESCROW: Escrow = {
  state: State.None,
  milestone: 0n,
  since: 0n,
  buyerSequence: 0n,
  sellerSequence: 0n,
  remaining: 0n,
};

interface Situation {
  readonly id: EscrowId;
  readonly terms: Terms;
  readonly escrow: Escrow;
  readonly now: bigint;
}

export function isOpen({ state }: Escrow): boolean {
  return state === State.Locked || state === State.AwaitingRelease || state === State.Disputed;
}

/** A new escrow, unless the id is taken or the terms cannot be created now. `contract` is the escrow contract. */
export function create(situation: Situation, contract: Hex, actor: Hex): Result<Step> {
  const { id, terms, escrow, now } = situation;
  if (!sameAddress(actor, terms.buyer))
    return refuse({ code: "Unauthorized", actual: actor, expected: terms.buyer });
  if (escrow.state !== State.None) return refuse({ code: "AlreadyExists", id, actual: escrow.state });
  const valid = validateTerms(terms, contract, now);
  if (!valid.ok) return valid;
  return accept({
    escrow: { ...NO_ESCROW, state: State.Locked, since: now, remaining: terms.amount },
    payments: [],
  });
}

export function step(situation: Situation, command: Command): Result<Step> {
  if (!isOpen(situation.escrow))
    return refuse({ code: "NotOpen", id: situation.id, actual: situation.escrow.state });
  switch (command.kind) {
    case "deliver":
      return deliver(situation, command.actor);
    case "release":
      return release(situation, command.actor);
    case "releasePartial":
      return releasePartial(situation, command.actor, command.amount);
    case "refund":
      return refund(situation, command.actor);
    case "refundPartial":
      return refundPartial(situation, command.actor, command.amount);
    case "dispute":
      return dispute(situation, command.actor);
    case "submitEvidence":
      return submitEvidence(situation, command.actor);
    case "publishAgreement":
      return publishAgreement(situation, command.actor);
    case "resolve":
      return resolve(situation, command.actor, command.toBuyer);
    case "expire":
      return expire(situation, command.actor);
  }
}

function deliver(situation: Situation, actor: Hex): Result<Step> {
  const { escrow, now } = situation;
  const error =
    only(actor, sellerOf(situation.terms)) ?? inState(situation, State.Locked) ?? inWindow(situation);
  if (error !== undefined) return refuse(error);
  return accept({
    escrow: bumpSeller({ ...escrow, state: State.AwaitingRelease, since: now }),
    payments: [],
  });
}

function release({ terms, escrow, now }: Situation, actor: Hex): Result<Step> {
  const error = only(actor, terms.buyer);
  if (error !== undefined) return refuse(error);
  const amount = escrow.state === State.Disputed ? escrow.remaining : milestoneDue(terms, escrow);
  const rest = { ...escrow, remaining: escrow.remaining - amount };
  const next = rest.remaining === 0n ? bumpBuyer(closed(escrow, State.Released, now)) : advanced(rest, now);
  return accept({ escrow: next, payments: split(terms.payees, amount) });
}

function releasePartial(situation: Situation, actor: Hex, amount: bigint): Result<Step> {
  const error = only(actor, situation.terms.buyer) ?? partAllowed(situation, amount);
  if (error !== undefined) return refuse(error);
  const next = bumpBuyer(spent(situation, amount, State.Released));
  return accept({ escrow: next, payments: split(situation.terms.payees, amount) });
}

function refund({ terms, escrow, now }: Situation, actor: Hex): Result<Step> {
  const error = only(actor, sellerOf(terms));
  if (error !== undefined) return refuse(error);
  const next = bumpSeller(closed(escrow, State.Refunded, now));
  return accept({ escrow: next, payments: single(terms.buyer, escrow.remaining) });
}

function refundPartial(situation: Situation, actor: Hex, amount: bigint): Result<Step> {
  const error = only(actor, sellerOf(situation.terms)) ?? partAllowed(situation, amount);
  if (error !== undefined) return refuse(error);
  const next = bumpSeller(spent(situation, amount, State.Refunded));
  return accept({ escrow: next, payments: single(situation.terms.buyer, amount) });
}

function dispute(situation: Situation, actor: Hex): Result<Step> {
  const { terms, escrow, now } = situation;
  const locked =
    escrow.state === State.Locked ? only(actor, terms.buyer) : inState(situation, State.AwaitingRelease);
  const error = locked ?? party(terms, actor) ?? inWindow(situation);
  if (error !== undefined) return refuse(error);
  const next = bumpBuyer(bumpSeller({ ...escrow, state: State.Disputed, since: now }));
  return accept({ escrow: next, payments: [] });
}

function submitEvidence(situation: Situation, actor: Hex): Result<Step> {
  const error = inState(situation, State.Disputed) ?? inWindow(situation) ?? party(situation.terms, actor);
  if (error !== undefined) return refuse(error);
  return accept({ escrow: bumpActor(situation, actor), payments: [] });
}

function publishAgreement(situation: Situation, actor: Hex): Result<Step> {
  const error = party(situation.terms, actor);
  if (error !== undefined) return refuse(error);
  return accept({ escrow: bumpActor(situation, actor), payments: [] });
}

function resolve(situation: Situation, actor: Hex, toBuyer: bigint): Result<Step> {
  const { terms, escrow, now } = situation;
  const { remaining } = escrow;
  const error = only(actor, terms.arbiter) ?? inState(situation, State.Disputed) ?? inWindow(situation);
  if (error !== undefined) return refuse(error);
  if (toBuyer > remaining)
    return refuse({ code: "AmountOutOfRange", actual: toBuyer, min: 0n, max: remaining });
  const toPayees = remaining - toBuyer;
  return accept({
    escrow: closed(escrow, toPayees === 0n ? State.Refunded : State.Released, now),
    payments: [...single(terms.buyer, toBuyer), ...split(terms.payees, toPayees)],
  });
}

function expire({ terms, escrow, now }: Situation, caller: Hex): Result<Step> {
  const due = dueAt(terms, escrow);
  if (now < due) return refuse({ code: "NotDue", actual: now, dueAt: due });
  const { toPayees, toBuyer } = timeoutPays(terms, escrow);
  const payeesTip = portion(toPayees, terms.rules.tip);
  const buyerTip = portion(toBuyer, terms.rules.tip);
  const rest = { ...escrow, remaining: escrow.remaining - toPayees - toBuyer };
  return accept({
    escrow: rest.remaining === 0n ? closed(escrow, State.Expired, now) : advanced(rest, now),
    payments: [
      ...single(terms.buyer, toBuyer - buyerTip),
      ...split(terms.payees, toPayees - payeesTip),
      ...single(caller, payeesTip + buyerTip),
    ],
  });
}

function closed(escrow: Escrow, state: State, now: bigint): Escrow {
  return { ...escrow, state, since: now, remaining: 0n };
}

/** The next milestone, locked. */
function advanced(escrow: Escrow, now: bigint): Escrow {
  return bumpBuyer(
    bumpSeller({ ...escrow, state: State.Locked, since: now, milestone: escrow.milestone + 1n }),
  );
}

/** A part taken; an escrow that it empties is closed. */
function spent({ escrow, now }: Situation, amount: bigint, whenEmpty: State): Escrow {
  if (amount === escrow.remaining) return closed(escrow, whenEmpty, now);
  return { ...escrow, remaining: escrow.remaining - amount };
}

function bumpBuyer(escrow: Escrow): Escrow {
  return { ...escrow, buyerSequence: escrow.buyerSequence + 1n };
}

function bumpSeller(escrow: Escrow): Escrow {
  return { ...escrow, sellerSequence: escrow.sellerSequence + 1n };
}

function bumpActor({ terms, escrow }: Situation, actor: Hex): Escrow {
  return sameAddress(actor, terms.buyer) ? bumpBuyer(escrow) : bumpSeller(escrow);
}

function only(actual: Hex, expected: Hex): EscrowError | undefined {
  return sameAddress(actual, expected) ? undefined : { code: "Unauthorized", actual, expected };
}

function party(terms: Terms, actual: Hex): EscrowError | undefined {
  const seller = sellerOf(terms);
  if (sameAddress(actual, terms.buyer) || sameAddress(actual, seller)) return undefined;
  return { code: "NotParty", actual, buyer: terms.buyer, seller };
}

function inState({ id, escrow }: Situation, expected: State): EscrowError | undefined {
  return escrow.state === expected ? undefined : { code: "WrongState", id, actual: escrow.state, expected };
}

function inWindow({ terms, escrow, now }: Situation): EscrowError | undefined {
  const deadline = dueAt(terms, escrow);
  return now < deadline ? undefined : { code: "WindowClosed", actual: now, deadline };
}

function partAllowed({ id, escrow }: Situation, amount: bigint): EscrowError | undefined {
  if (escrow.state === State.Disputed)
    return { code: "WrongState", id, actual: State.Disputed, expected: State.AwaitingRelease };
  if (amount > 0n && amount <= escrow.remaining) return undefined;
  return { code: "AmountOutOfRange", actual: amount, min: 1n, max: escrow.remaining };
}

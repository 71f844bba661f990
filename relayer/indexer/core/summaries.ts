import { EscrowLedger, type EscrowLog, type KnownEscrow } from "../../escrow/core/ledger.ts";
import { isOpen } from "../../escrow/core/machine.ts";
import { stateName } from "../../escrow/core/next.ts";
import { sellerOf } from "../../escrow/core/types.ts";
import { dueAt } from "../../escrow/core/windows.ts";
import type { Address, Hash } from "../../domain/ids.ts";
import type { OutcomeFact, ValidatorFact } from "./facts.ts";

/**
 * What facts add up to. A summary is always worked out anew from all facts of its subject, in the order of the chain: so it does not
 * matter in what steps they came, and a reorganisation that takes some of them back leaves nothing of them in it.
 *
 * @module
 */

/** Where a validator stands. Amounts in the bond's smallest unit, times in Unix seconds. */
export type ValidatorSummary = {
  readonly operator: Address | null;
  readonly bond: bigint;
  /** 0 for one that is not in jail. */
  readonly jailedUntil: bigint;
  readonly isTombstoned: boolean;
  /** When it exited or was tombstoned; 0 before. */
  readonly exitedAt: bigint;
  readonly holds: bigint;
  readonly blsKeyHash: Hash | null;
  readonly joinedAt: bigint;
};

/** An escrow as far as lists are filtered and sorted by it. */
export type EscrowSummary = {
  readonly state: ReturnType<typeof stateName>;
  readonly buyer: string;
  readonly seller: string;
  readonly arbiter: string;
  readonly token: string;
  readonly amount: bigint;
  readonly remaining: bigint;
  readonly milestone: number;
  /** When the state began. */
  readonly since: bigint;
  /** From when on anybody may expire it; 0 for a closed one. */
  readonly dueAt: bigint;
  readonly buyerSequence: bigint;
  readonly sellerSequence: bigint;
};

/** Where a validator stands after these facts; undefined before it joined. */
export function summarizeValidator(facts: readonly ValidatorFact[]): ValidatorSummary | undefined {
  return facts.reduce<ValidatorSummary | undefined>((validator, fact) => {
    const time = BigInt(fact.blockTime);
    if (fact.name === "ValidatorJoined")
      return {
        operator: fact.account,
        bond: fact.bond ?? 0n,
        jailedUntil: 0n,
        isTombstoned: false,
        exitedAt: 0n,
        holds: 0n,
        blsKeyHash: fact.blsKeyHash ?? validator?.blsKeyHash ?? null,
        joinedAt: time,
      };
    return validator && { ...validator, ...change(validator, fact, time) };
  }, undefined);
}

function change(before: ValidatorSummary, fact: ValidatorFact, time: bigint): Partial<ValidatorSummary> {
  switch (fact.name) {
    case "ValidatorJoined":
      return {};
    case "BlsKeyAdded":
      return { blsKeyHash: fact.blsKeyHash };
    case "BondAdded":
      return { bond: fact.bond ?? before.bond };
    case "BondWithdrawn":
      return { bond: 0n };
    case "BondSlashed":
      return { bond: before.bond - (fact.amount ?? 0n) };
    case "ValidatorExited":
      return { exitedAt: time };
    case "ValidatorJailed":
      return { jailedUntil: fact.jailedUntil ?? 0n };
    case "ValidatorUnjailed":
      return { jailedUntil: 0n };
    case "ValidatorTombstoned":
      return { isTombstoned: true, exitedAt: time };
    case "BondHeld":
    case "BondReleased":
      return { holds: fact.holds ?? 0n };
  }
}

/** Where an escrow stands after these logs of it; undefined without its creation. */
export function summarizeEscrow(logs: readonly EscrowLog[]): EscrowSummary | undefined {
  const ledger = new EscrowLedger({ keepsClosed: true });
  for (const log of logs) ledger.apply(log);
  const [known] = ledger.all();
  return known && describe(known);
}

function describe({ terms, escrow }: KnownEscrow): EscrowSummary {
  return {
    state: stateName(escrow.state),
    buyer: terms.buyer,
    seller: sellerOf(terms),
    arbiter: terms.arbiter,
    token: terms.token,
    amount: terms.amount,
    remaining: escrow.remaining,
    milestone: Number(escrow.milestone),
    since: escrow.since,
    dueAt: isOpen(escrow) ? dueAt(terms, escrow) : 0n,
    buyerSequence: escrow.buyerSequence,
    sellerSequence: escrow.sellerSequence,
  };
}

/** What became of a message after these facts: the last word counts, for one that failed may be executed later. */
export function summarizeOutcome(facts: readonly OutcomeFact[]): OutcomeFact["kind"] | null {
  return facts.at(-1)?.kind ?? null;
}

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Command, NO_ESCROW, step } from "../../../../relayer/escrow/core/machine.ts";
import { type NextStep, nextSteps, stateName } from "../../../../relayer/escrow/core/next.ts";
import {
  type Escrow,
  type EscrowId,
  type Hex,
  Silence,
  State,
  type Terms,
  ZERO_ADDRESS,
} from "../../../../relayer/escrow/core/types.ts";
import { dueAt } from "../../../../relayer/escrow/core/windows.ts";
import { hashOf } from "../../support/bridge.ts";

const START = 1_000_000n;
const accounts: Readonly<Record<NextStep["who"], Hex>> = {
  buyer: "0x00000000000000000000000000000000000000b1",
  seller: "0x00000000000000000000000000000000000000c1",
  arbiter: "0x00000000000000000000000000000000000000a1",
  anybody: "0x00000000000000000000000000000000000000d1",
};
const terms: Terms = {
  buyer: accounts.buyer,
  token: ZERO_ADDRESS,
  arbiter: accounts.arbiter,
  amount: 100n,
  rules: {
    deliverBy: START + 100n,
    reviewFor: 50n,
    arbiterBy: START + 500n,
    defaultSplit: 5_000n,
    tip: 0n,
    onSilence: Silence.PaysSeller,
    salt: 0n,
  },
  metadata: hashOf("agreement"),
  milestones: [],
  payees: [{ account: accounts.seller, share: 10_000n }],
};
const id = hashOf("escrow") as unknown as EscrowId;

/** Everything that anybody could try. */
const attempts: readonly Omit<NextStep, "before">[] = (
  ["deliver", "release", "refund", "dispute", "evidence", "resolve", "expire"] as const
).flatMap((action) => (Object.keys(accounts) as NextStep["who"][]).map((who) => ({ who, action })));

function command({ who, action }: Omit<NextStep, "before">): Command {
  const actor = accounts[who];
  if (action === "evidence") return { kind: "submitEvidence", actor };
  return action === "resolve" ? { kind: "resolve", actor, toBuyer: 0n } : { kind: action, actor };
}

const keyOf = ({ who, action }: Omit<NextStep, "before">) => `${who} ${action}`;

describe("what can be done next", () => {
  for (const state of [State.Locked, State.AwaitingRelease, State.Disputed] as const) {
    const escrow: Escrow = { ...NO_ESCROW, state, since: START, remaining: 100n };
    for (const [when, shift] of [
      ["in the last second of its window", -1n],
      ["from the first second of its time-out on", 0n],
    ] as const)
      it(`is exactly what the contract allows: ${stateName(state)}, ${when}`, () => {
        const now = dueAt(terms, escrow) + shift;
        const allowed = attempts
          .filter((attempt) => step({ id, terms, escrow, now }, command(attempt)).ok)
          // Whatever anybody may do, the parties may do as well.
          .filter(({ who, action }) => action !== "expire" || who === "anybody");
        const told = nextSteps(terms, escrow, now);
        assert.deepEqual(told.map(keyOf).sort(), allowed.map(keyOf).sort());
        assert(told.every(({ before }) => before === undefined || before === dueAt(terms, escrow)));
      });
  }

  it("is nothing once it is closed, and no ruling without an arbiter", () => {
    assert.deepEqual(nextSteps(terms, { ...NO_ESCROW, state: State.Expired }, START), []);
    const disputed: Escrow = { ...NO_ESCROW, state: State.Disputed, since: START, remaining: 100n };
    const steps = nextSteps({ ...terms, arbiter: ZERO_ADDRESS }, disputed, START);
    assert(!steps.some(({ action }) => action === "resolve"));
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isOver, nextStep, raised, type Slot } from "../../../../relayer/platform/transactions/core.ts";
import { FINALITY, Model } from "../../support/nonce-model.ts";

const event = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("step" as const),
      killAt: fc.integer({ min: 0, max: 8 }),
      isOverdue: fc.boolean(),
    }),
  },
  fc.record({ kind: fc.constant("call" as const) }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("mine" as const) }) },
  fc.record({ kind: fc.constant("drop" as const), index: fc.nat(3) }),
  fc.record({
    kind: fc.constant("reorg" as const),
    depth: fc.integer({ min: 1, max: FINALITY }),
    keep: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("break" as const), index: fc.nat(5) }),
);

type Happening = typeof event extends fc.Arbitrary<infer T> ? T : never;

function happen(model: Model, what: Happening): void {
  const { world } = model;
  switch (what.kind) {
    case "step":
      model.step(what.killAt, what.isOverdue);
      break;
    case "call":
      model.wanted.add(++model.calls);
      break;
    case "mine":
      world.mine();
      break;
    case "drop": {
      const nonce = [...world.pool.keys()][what.index];
      if (nonce !== undefined) world.pool.delete(nonce);
      break;
    }
    case "reorg":
      world.reorg(what.depth, what.keep);
      break;
    case "break":
      world.broken.add(what.index);
      break;
  }
}

function check(model: Model): void {
  const { chain } = model.world;
  const calls = chain.map(({ call }) => call).filter((call) => call !== "filler");
  assert.equal(new Set(calls).size, calls.length, "a call is in the chain twice");
  for (const slot of model.journal.values())
    if (slot.state === "final")
      assert.equal(chain[slot.nonce]?.hash, slot.winner, "what is final is in the chain");
  for (const { hash, nonce } of [...chain, ...model.world.pool.values()])
    assert(
      model.journal.get(nonce)?.attempts.some((each) => each.hash === hash),
      "nothing is sent unrecorded",
    );
}

const property = (recordsLate: boolean) =>
  fc.property(fc.array(event, { maxLength: 120 }), (events) => {
    const model = new Model(recordsLate);
    for (const each of events) {
      happen(model, each);
      check(model);
    }
    // Quiet from here on: everything must come to its end.
    for (let round = 0; round < 400; round++) {
      model.step(Infinity, false);
      if (round % 3 === 0) model.world.mine();
    }
    check(model);
    for (const slot of model.journal.values()) assert(isOver(slot), `nonce ${slot.nonce} is ${slot.state}`);
    assert.deepEqual(
      [...model.journal.keys()].toSorted((a, b) => a - b),
      [...model.world.chain.keys()],
    );
    const done = new Set(model.world.chain.map(({ call }) => call));
    for (const call of model.wanted)
      assert(done.has(call) || model.world.broken.has(call), `call ${call} is lost`);
  });

describe("the states of a nonce", () => {
  it("lose no call, double none and leave no gap, whatever is killed, dropped, reorganised or replaced", () => {
    fc.assert(property(false), { numRuns: 1_000 });
  });

  it("are tested by a property that finds the fault it is there for: broadcast first, then record", () => {
    const { failed } = fc.check(property(true), { numRuns: 1_000, endOnFailure: true });
    assert(failed);
  });

  const slot: Slot = {
    nonce: 5,
    state: "broadcast",
    attempts: [{ hash: "0x1", purpose: "call", maxFeePerGas: 100n, maxPriorityFeePerGas: 10n }],
  };
  const view = {
    nextNonce: 5,
    finalNextNonce: undefined,
    included: undefined,
    finalBlock: 10,
    isKnown: true,
    callWorks: undefined,
    isOverdue: false,
  };
  const at = (blockNumber: number) => ({ ...view, nextNonce: 6, included: { hash: "0x1", blockNumber } });
  const cases: [string, Slot, Parameters<typeof nextStep>[1], ReturnType<typeof nextStep>][] = [
    ["waits in the pool", slot, view, { kind: "wait" }],
    [
      "is broadcast again when dropped",
      slot,
      { ...view, isKnown: false, callWorks: true },
      { kind: "broadcast" },
    ],
    [
      "is filled when dropped and useless",
      slot,
      { ...view, isKnown: false, callWorks: false },
      { kind: "fill" },
    ],
    ["is replaced when it waits too long", slot, { ...view, isOverdue: true }, { kind: "replace" }],
    ["is broadcast if only reserved", { ...slot, state: "reserved" }, view, { kind: "broadcast" }],
    ["is included in a young block", slot, at(11), { kind: "settle", state: "included", winner: "0x1" }],
    ["is final in an old one", slot, at(10), { kind: "settle", state: "final", winner: "0x1" }],
    [
      "is broadcast again after a reorg",
      { ...slot, state: "included", winner: "0x1" },
      { ...view, isKnown: false, callWorks: true },
      { kind: "broadcast" },
    ],
    ["is another's for now", slot, { ...view, nextNonce: 6, finalNextNonce: 5 }, { kind: "taken" }],
    [
      "is another's for good",
      slot,
      { ...view, nextNonce: 6, finalNextNonce: 6 },
      { kind: "settle", state: "abandoned" },
    ],
  ];
  for (const [what, given, seen, step] of cases)
    it(`a nonce ${what}`, () => {
      assert.deepEqual(nextStep(given, seen), step);
    });
});

describe("fees", () => {
  const fee = fc.bigInt({ min: 0n, max: 10n ** 15n });
  it("rise by an eighth at least, never beyond the limit, and the tip never beyond the fee", () => {
    fc.assert(
      fc.property(fee, fee, fee, fee, fee, (a, b, c, d, most) => {
        const [tip, maxFee] = a < b ? [a, b] : [b, a];
        const old = { maxFeePerGas: maxFee, maxPriorityFeePerGas: tip };
        const next = raised(old, { maxFeePerGas: c, maxPriorityFeePerGas: d }, most);
        if (next === undefined) return;
        assert(next.maxFeePerGas <= most);
        assert(next.maxPriorityFeePerGas <= next.maxFeePerGas);
        assert(next.maxFeePerGas * 8n >= old.maxFeePerGas * 9n);
        assert(next.maxPriorityFeePerGas * 8n >= old.maxPriorityFeePerGas * 9n);
      }),
    );
  });

  it("stay as they are where an eighth more is too dear", () => {
    const old = { maxFeePerGas: 100n, maxPriorityFeePerGas: 1n };
    assert.equal(raised(old, old, 112n), undefined);
    assert.deepEqual(
      raised(old, { maxFeePerGas: 1_000n, maxPriorityFeePerGas: 1n }, 150n)?.maxFeePerGas,
      150n,
    );
  });
});

/*
The TypeScript words are the contract's: ids, packed words, slots, and the numbers of states.
*/
import { expect } from "chai";
import fc from "fast-check";
import { EscrowHarness__factory } from "../../../types/ethers-contracts/factories/mocks/EscrowHarness__factory.ts";
import { escrowId, packTerms } from "../../../relayer/escrow/core/terms.ts";
import { Silence, State, type Escrow, type Rules, type Terms } from "../../../relayer/escrow/core/types.ts";
import {
  packMilestone,
  packPayee,
  packRules,
  packSlot,
  unpackMilestone,
  unpackPayee,
  unpackRules,
  unpackSlot,
} from "../../../relayer/escrow/core/words.ts";
import { idOf, makeTerms, world } from "./fixture.ts";

const SEED = 20_261_122;

const bits = (n: number) => fc.bigInt(0n, (1n << BigInt(n)) - 1n);
const hex = (bytes: number) =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((array) => `0x${Buffer.from(array).toString("hex")}`);

const rules: fc.Arbitrary<Rules> = fc.record({
  deliverBy: bits(40),
  reviewFor: bits(40),
  arbiterBy: bits(40),
  defaultSplit: bits(16),
  tip: bits(16),
  onSilence: fc.constantFrom(...Object.values(Silence)),
  salt: bits(96),
});
const milestone = fc.record({ amount: bits(128), deliverBy: bits(40) });
const payee = fc.record({ account: hex(20), share: bits(16) });
const terms: fc.Arbitrary<Terms> = fc.record({
  buyer: hex(20),
  token: hex(20),
  arbiter: hex(20),
  amount: bits(128),
  rules,
  metadata: hex(32),
  milestones: fc.array(milestone, { maxLength: 50 }),
  payees: fc.array(payee, { maxLength: 50 }),
});
const slot: fc.Arbitrary<Escrow> = fc.record({
  state: fc.constantFrom(...Object.values(State)),
  milestone: bits(8),
  since: bits(40),
  buyerSequence: bits(32),
  sellerSequence: bits(32),
  remaining: bits(128),
});

describe("Escrow: TypeScript words", () => {
  it("unpack to what was packed", () => {
    const roundTrips = <T>(arbitrary: fc.Arbitrary<T>, trip: (value: T) => T) => {
      const property = fc.property(arbitrary, (value) => {
        expect(trip(value)).to.deep.equal(value);
      });
      fc.assert(property, { seed: SEED });
    };
    roundTrips(rules, (value) => unpackRules(packRules(value)));
    roundTrips(milestone, (value) => unpackMilestone(packMilestone(value)));
    roundTrips(payee, (value) => unpackPayee(packPayee(value)));
    roundTrips(slot, (value) => unpackSlot(packSlot(value)));
  });

  it("refuse what does not fit", () => {
    const sound = {
      deliverBy: 1n,
      reviewFor: 1n,
      arbiterBy: 1n,
      defaultSplit: 1n,
      tip: 1n,
      onSilence: 0,
      salt: 1n,
    } as const;
    expect(() => packRules({ ...sound, deliverBy: 1n << 40n })).to.throw(RangeError);
    expect(() => packRules({ ...sound, tip: -1n })).to.throw(RangeError);
    expect(() => unpackRules(2n)).to.throw(RangeError);
    expect(() => unpackSlot(7n)).to.throw(RangeError);
  });

  it("give the contract's id for any terms", async () => {
    const w = await world();
    const harness = await new EscrowHarness__factory(w.deployer).deploy();
    const escrow = await harness.getAddress();
    const property = fc.asyncProperty(terms, async (value) => {
      const id = escrowId(value, { ...w.deployment, escrow });
      expect(await harness.toId(packTerms(value))).to.equal(id);
      expect(await harness.referenceId(packTerms(value))).to.equal(id);
    });
    await fc.assert(property, { numRuns: 40, seed: SEED });
  });

  it("read the contract's slots", async () => {
    const w = await world();
    const harness = await new EscrowHarness__factory(w.deployer).deploy();
    const property = fc.asyncProperty(slot, async (value) => {
      const view = await harness.unpack(packSlot(value));
      const { milestone: index, since, buyerSequence, sellerSequence, remaining } = view;
      const read = { milestone: index, since, buyerSequence, sellerSequence, remaining };
      expect({ ...read, state: Number(view.state) }).to.deep.equal(value);
    });
    await fc.assert(property, { numRuns: 40, seed: SEED });
  });

  it("agree with the contract about an escrow's id", async () => {
    const w = await world();
    expect(await w.escrow.idOf(packTerms(makeTerms(w)))).to.equal(idOf(w, makeTerms(w)));
  });
});

/*
expire
├── when the escrow is not open: NotOpen
├── before it is due: NotDue
├── Locked, deadline passed: everything to the buyer
├── AwaitingRelease, review over
│   ├── silence pays the seller: everything to the payees
│   ├── silence pays the buyer: everything to the buyer
│   └── with milestones: the current one to the payees, the next is locked
├── Disputed, arbiter silent: the default split
└── with a tip: it goes to the caller, off both sides
processExpirations
├── when there are too many items: BatchTooLarge
├── when there is too little gas for an item: InsufficientGas
└── processes what is due; skips what is not due, closed, unknown or twice there
expireFromBatch
└── when called by anybody but the contract: Unauthorized
*/
import { expect } from "chai";
import { packTerms } from "../../../relayer/escrow/core/terms.ts";
import { Silence, State } from "../../../relayer/escrow/core/types.ts";
import {
  AMOUNT,
  at,
  DAY,
  delivered,
  disputed,
  expectState,
  gains,
  locked,
  makeTerms,
  milestones,
  mined,
  world,
} from "./fixture.ts";

describe("Escrow: expire", () => {
  it("refuses an unknown and a closed escrow", async () => {
    const w = await world();
    const unknown = packTerms(makeTerms(w));
    await expect(w.escrow.expire(unknown)).to.be.revertedWithCustomError(w.escrow, "NotOpen");
    const { packed } = await locked(w);
    await w.escrow.connect(w.seller).refund(packed);
    await expect(w.escrow.expire(packed)).to.be.revertedWithCustomError(w.escrow, "NotOpen");
  });

  for (const [name, open] of Object.entries({
    Locked: locked,
    AwaitingRelease: delivered,
    Disputed: disputed,
  }))
    it(`refuses ${name} one second before it is due`, async () => {
      const w = await world();
      const { packed } = await open(w);
      const due = await w.escrow.dueAt(packed);
      await at(due - 1n);
      await expect(w.escrow.connect(w.keeper).expire(packed))
        .to.be.revertedWithCustomError(w.escrow, "NotDue")
        .withArgs(due - 1n, due);
    });

  const outcomes = [
    { name: "undelivered: to the buyer", open: locked, rules: {}, toPayees: 0n },
    { name: "silence pays the seller", open: delivered, rules: {}, toPayees: AMOUNT },
    {
      name: "silence pays the buyer",
      open: delivered,
      rules: { onSilence: Silence.PaysBuyer },
      toPayees: 0n,
    },
    { name: "arbiter silent: the default split", open: disputed, rules: {}, toPayees: 300_000n },
    {
      name: "arbiter silent: all to the payees",
      open: disputed,
      rules: { defaultSplit: 10_000n },
      toPayees: AMOUNT,
    },
    { name: "arbiter silent: all to the buyer", open: disputed, rules: { defaultSplit: 0n }, toPayees: 0n },
  ];
  for (const { name, open, rules, toPayees } of outcomes)
    it(name, async () => {
      const w = await world();
      const { packed, id } = await open(w, { rules });
      await at(await w.escrow.dueAt(packed));
      const deltas = await gains(w, [w.seller.address, w.buyer.address], async () => {
        await expect(w.escrow.connect(w.keeper).expire(packed))
          .to.emit(w.escrow, "Expired")
          .withArgs(id, toPayees, AMOUNT - toPayees);
      });
      expect(deltas).to.deep.equal([toPayees, AMOUNT - toPayees]);
      await expectState(w, id, State.Expired, 0n);
      expect(await w.escrow.dueAt(packed)).to.equal(0n);
    });

  it("pays the current milestone and locks the next; an undelivered one ends it", async () => {
    const w = await world();
    const { packed, id } = await delivered(w, { milestones: milestones(w) });
    await at(await w.escrow.dueAt(packed));
    await expect(w.escrow.connect(w.keeper).expire(packed))
      .to.emit(w.escrow, "MilestoneExpired")
      .withArgs(id, 0n, 200_000n, 800_000n);
    await expectState(w, id, State.Locked, 800_000n);
    expect(await w.escrow.dueAt(packed)).to.equal(w.start + 20n * DAY);
    const view = await w.escrow.escrowOf(id);
    expect([view.milestone, view.buyerSequence, view.sellerSequence]).to.deep.equal([1n, 1n, 2n]);
    await at(w.start + 20n * DAY);
    await expect(w.escrow.connect(w.keeper).expire(packed))
      .to.emit(w.escrow, "Expired")
      .withArgs(id, 0n, 800_000n);
  });

  it("tips the caller off both sides", async () => {
    const w = await world();
    const { packed, id } = await disputed(w, { rules: { tip: 100n, defaultSplit: 3_333n } });
    await at(await w.escrow.dueAt(packed));
    const deltas = await gains(w, [w.seller.address, w.buyer.address, w.keeper.address], async () => {
      await expect(w.escrow.connect(w.keeper).expire(packed))
        .to.emit(w.escrow, "Tipped")
        .withArgs(id, w.keeper.address, 10_000n);
    });
    expect(deltas).to.deep.equal([333_300n - 3_333n, 666_700n - 6_667n, 10_000n]);
  });
});

describe("Escrow: processExpirations", () => {
  it("refuses a batch that is too large", async () => {
    const w = await world();
    const batch = Array.from({ length: 101 }, () => packTerms(makeTerms(w)));
    await expect(w.escrow.processExpirations(batch))
      .to.be.revertedWithCustomError(w.escrow, "BatchTooLarge")
      .withArgs(101n, 100n);
  });

  it("refuses too little gas, so that nothing is skipped for want of it", async () => {
    const w = await world();
    const { packed } = await locked(w);
    await at(await w.escrow.dueAt(packed));
    await expect(
      w.escrow.connect(w.keeper).processExpirations([packed], { gasLimit: 500_000n }),
    ).to.be.revertedWithCustomError(w.escrow, "InsufficientGas");
  });

  it("processes what is due and skips the rest", async () => {
    const w = await world();
    const due = await locked(w, { rules: { deliverBy: w.start + 5n * DAY, salt: 10n } });
    const later = await locked(w, { rules: { salt: 11n } });
    const closed = await locked(w, { rules: { salt: 12n } });
    await w.escrow.connect(w.seller).refund(closed.packed);
    const unknown = packTerms(makeTerms(w, { rules: { salt: 13n } }));
    const alsoDue = await locked(w, { rules: { deliverBy: w.start + 5n * DAY, salt: 14n } });
    await at(w.start + 5n * DAY);
    const batch = [due.packed, later.packed, closed.packed, unknown, due.packed, alsoDue.packed];
    const sent = w.escrow.connect(w.keeper).processExpirations(batch);
    await mined(sent);
    const skipped = await w.escrow.queryFilter(w.escrow.filters.ExpirationSkipped());
    expect(skipped.map(({ args }) => args.index)).to.deep.equal([1n, 2n, 3n, 4n]);
    await expectState(w, due.id, State.Expired, 0n);
    await expectState(w, alsoDue.id, State.Expired, 0n);
    await expectState(w, later.id, State.Locked, AMOUNT);
  });

  it("says how many it has processed, and tips the sender", async () => {
    const w = await world();
    const { packed, terms } = await locked(w, { rules: { tip: 500n } });
    await at(terms.rules.deliverBy);
    const [gained] = await gains(w, [w.keeper.address], () =>
      w.escrow.connect(w.keeper).processExpirations([packed]),
    );
    expect(gained).to.equal(AMOUNT / 20n);
    expect(await w.escrow.processExpirations.staticCall([packed])).to.equal(0n);
    expect(await w.escrow.processExpirations.staticCall([])).to.equal(0n);
  });
});

describe("Escrow: expireFromBatch", () => {
  it("refuses everybody but the contract itself", async () => {
    const w = await world();
    const { packed } = await locked(w);
    await expect(w.escrow.connect(w.keeper).expireFromBatch(w.keeper.address, packed))
      .to.be.revertedWithCustomError(w.escrow, "Unauthorized")
      .withArgs(w.keeper.address, w.deployment.escrow);
  });
});

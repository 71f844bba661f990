/*
deliver
├── when there is no such escrow, or it is closed: NotOpen
├── when the sender is not the seller: Unauthorized
├── when it is delivered or disputed already: WrongState
├── from the milestone's deadline on: WindowClosed
└── before it: AwaitingRelease, emits Delivered, the seller's sequence grows
*/
import { expect } from "chai";
import { packTerms } from "../../../relayer/escrow/core/terms.ts";
import { State } from "../../../relayer/escrow/core/types.ts";
import {
  AMOUNT,
  at,
  DAY,
  delivered,
  disputed,
  expectState,
  locked,
  makeTerms,
  milestones,
  world,
} from "./fixture.ts";

describe("Escrow: deliver", () => {
  it("refuses an escrow that does not exist", async () => {
    const w = await world();
    await expect(w.escrow.connect(w.seller).deliver(packTerms(makeTerms(w)))).to.be.revertedWithCustomError(
      w.escrow,
      "NotOpen",
    );
  });

  it("refuses a closed escrow", async () => {
    const w = await world();
    const { packed, id } = await locked(w);
    await w.escrow.connect(w.buyer).release(packed);
    await expect(w.escrow.connect(w.seller).deliver(packed))
      .to.be.revertedWithCustomError(w.escrow, "NotOpen")
      .withArgs(id, State.Released);
  });

  it("refuses everybody but the seller", async () => {
    const w = await world();
    const { packed } = await locked(w);
    for (const account of [w.buyer, w.arbiter, w.stranger])
      await expect(w.escrow.connect(account).deliver(packed))
        .to.be.revertedWithCustomError(w.escrow, "Unauthorized")
        .withArgs(account.address, w.seller.address);
  });

  it("refuses a delivered and a disputed escrow", async () => {
    const w = await world();
    const first = await delivered(w);
    await expect(w.escrow.connect(w.seller).deliver(first.packed))
      .to.be.revertedWithCustomError(w.escrow, "WrongState")
      .withArgs(first.id, State.AwaitingRelease, State.Locked);
    const second = await disputed(w, { rules: { salt: 2n } });
    await expect(w.escrow.connect(w.seller).deliver(second.packed))
      .to.be.revertedWithCustomError(w.escrow, "WrongState")
      .withArgs(second.id, State.Disputed, State.Locked);
  });

  it("refuses a delivery at the deadline", async () => {
    const w = await world();
    const { packed, terms } = await locked(w);
    await at(terms.rules.deliverBy);
    await expect(w.escrow.connect(w.seller).deliver(packed))
      .to.be.revertedWithCustomError(w.escrow, "WindowClosed")
      .withArgs(terms.rules.deliverBy, terms.rules.deliverBy);
  });

  it("refuses a delivery at the milestone's deadline", async () => {
    const w = await world();
    const { packed } = await locked(w, { milestones: milestones(w) });
    await at(w.start + 10n * DAY);
    await expect(w.escrow.connect(w.seller).deliver(packed)).to.be.revertedWithCustomError(
      w.escrow,
      "WindowClosed",
    );
  });

  it("delivers in the last second", async () => {
    const w = await world();
    const { packed, terms, id } = await locked(w);
    await at(terms.rules.deliverBy - 1n);
    await expect(w.escrow.connect(w.seller).deliver(packed)).to.emit(w.escrow, "Delivered").withArgs(id, 0n);
    await expectState(w, id, State.AwaitingRelease, AMOUNT);
    const view = await w.escrow.escrowOf(id);
    expect([view.since, view.buyerSequence, view.sellerSequence]).to.deep.equal([
      terms.rules.deliverBy - 1n,
      0n,
      1n,
    ]);
    expect(await w.escrow.dueAt(packed)).to.equal(terms.rules.deliverBy - 1n + terms.rules.reviewFor);
  });
});

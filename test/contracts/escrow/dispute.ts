/*
fileDispute
├── when the escrow is not open: NotOpen
├── when it is disputed already: WrongState
├── from Locked
│   ├── by the seller, who can deliver instead: Unauthorized
│   ├── by the buyer before the deadline: Disputed
│   └── by the buyer at the deadline: WindowClosed
└── from AwaitingRelease
    ├── by neither party: NotParty
    ├── by either party before the review ends: Disputed
    └── by either party when it has ended: WindowClosed
fileDisputeWithEvidence: also emits Evidence, unless the URI is empty
submitEvidence
├── when there is no dispute: WrongState
├── from the arbiter's deadline on: WindowClosed
├── by neither party: NotParty
└── by either party: emits Evidence
publishAgreement
├── by neither party: NotParty
└── by either party: emits MetaEvidence
*/
import { expect } from "chai";
import { State } from "../../../relayer/escrow/core/types.ts";
import { AMOUNT, at, delivered, disputed, expectState, locked, world } from "./fixture.ts";

describe("Escrow: fileDispute", () => {
  it("refuses a closed escrow", async () => {
    const w = await world();
    const { packed } = await locked(w);
    await w.escrow.connect(w.seller).refund(packed);
    await expect(w.escrow.connect(w.buyer).fileDispute(packed)).to.be.revertedWithCustomError(
      w.escrow,
      "NotOpen",
    );
  });

  it("refuses a second dispute", async () => {
    const w = await world();
    const { packed, id } = await disputed(w);
    await expect(w.escrow.connect(w.buyer).fileDispute(packed))
      .to.be.revertedWithCustomError(w.escrow, "WrongState")
      .withArgs(id, State.Disputed, State.AwaitingRelease);
  });

  it("refuses the seller of a locked escrow", async () => {
    const w = await world();
    const { packed } = await locked(w);
    await expect(w.escrow.connect(w.seller).fileDispute(packed))
      .to.be.revertedWithCustomError(w.escrow, "Unauthorized")
      .withArgs(w.seller.address, w.buyer.address);
  });

  it("lets the buyer of a locked escrow dispute until its last second", async () => {
    const w = await world();
    const { packed, id, terms } = await locked(w);
    await at(terms.rules.deliverBy - 1n);
    const sent = w.escrow.connect(w.buyer).fileDispute(packed);
    await expect(sent).to.emit(w.escrow, "Disputed").withArgs(id, w.buyer.address);
    await expect(sent)
      .to.emit(w.escrow, "Dispute")
      .withArgs(w.arbiter.address, BigInt(id), BigInt(id), BigInt(id));
    await expectState(w, id, State.Disputed, AMOUNT);
    const view = await w.escrow.escrowOf(id);
    expect([view.buyerSequence, view.sellerSequence]).to.deep.equal([1n, 1n]);
    expect(await w.escrow.dueAt(packed)).to.equal(terms.rules.arbiterBy);
  });

  it("refuses the buyer at the delivery deadline", async () => {
    const w = await world();
    const { packed, terms } = await locked(w);
    await at(terms.rules.deliverBy);
    await expect(w.escrow.connect(w.buyer).fileDispute(packed)).to.be.revertedWithCustomError(
      w.escrow,
      "WindowClosed",
    );
  });

  it("refuses everybody else during the review", async () => {
    const w = await world();
    const { packed } = await delivered(w);
    await expect(w.escrow.connect(w.stranger).fileDispute(packed))
      .to.be.revertedWithCustomError(w.escrow, "NotParty")
      .withArgs(w.stranger.address, w.buyer.address, w.seller.address);
  });

  for (const party of ["buyer", "seller"] as const) {
    it(`lets the ${party} dispute in the last second of the review`, async () => {
      const w = await world();
      const { packed, id } = await delivered(w);
      await at((await w.escrow.dueAt(packed)) - 1n);
      await w.escrow.connect(w[party]).fileDispute(packed);
      await expectState(w, id, State.Disputed, AMOUNT);
    });

    it(`refuses the ${party} when the review has ended`, async () => {
      const w = await world();
      const { packed } = await delivered(w);
      const due = await w.escrow.dueAt(packed);
      await at(due);
      await expect(w.escrow.connect(w[party]).fileDispute(packed))
        .to.be.revertedWithCustomError(w.escrow, "WindowClosed")
        .withArgs(due, due);
    });
  }
});

describe("Escrow: fileDisputeWithEvidence", () => {
  it("emits the evidence", async () => {
    const w = await world();
    const { packed, id } = await locked(w);
    await expect(w.escrow.connect(w.buyer).fileDisputeWithEvidence(packed, "ipfs://photo"))
      .to.emit(w.escrow, "Evidence")
      .withArgs(w.arbiter.address, BigInt(id), w.buyer.address, "ipfs://photo");
    await expectState(w, id, State.Disputed, AMOUNT);
  });

  it("emits no evidence if there is none", async () => {
    const w = await world();
    const { packed } = await locked(w);
    await expect(w.escrow.connect(w.buyer).fileDisputeWithEvidence(packed, "")).not.to.emit(
      w.escrow,
      "Evidence",
    );
  });
});

describe("Escrow: submitEvidence", () => {
  it("refuses without a dispute", async () => {
    const w = await world();
    const { packed } = await locked(w);
    await expect(w.escrow.connect(w.buyer).submitEvidence(packed, "x")).to.be.revertedWithCustomError(
      w.escrow,
      "WrongState",
    );
  });

  it("refuses at the arbiter's deadline", async () => {
    const w = await world();
    const { packed, terms } = await disputed(w);
    await at(terms.rules.arbiterBy);
    await expect(w.escrow.connect(w.buyer).submitEvidence(packed, "x")).to.be.revertedWithCustomError(
      w.escrow,
      "WindowClosed",
    );
  });

  it("refuses everybody else", async () => {
    const w = await world();
    const { packed } = await disputed(w);
    await expect(w.escrow.connect(w.arbiter).submitEvidence(packed, "x")).to.be.revertedWithCustomError(
      w.escrow,
      "NotParty",
    );
  });

  it("emits what either party submits", async () => {
    const w = await world();
    const { packed, id } = await disputed(w);
    for (const party of [w.buyer, w.seller])
      await expect(w.escrow.connect(party).submitEvidence(packed, "ipfs://letter"))
        .to.emit(w.escrow, "Evidence")
        .withArgs(w.arbiter.address, BigInt(id), party.address, "ipfs://letter");
  });
});

describe("Escrow: publishAgreement", () => {
  it("refuses everybody else", async () => {
    const w = await world();
    const { packed } = await locked(w);
    await expect(w.escrow.connect(w.stranger).publishAgreement(packed, "x")).to.be.revertedWithCustomError(
      w.escrow,
      "NotParty",
    );
  });

  it("emits what either party publishes", async () => {
    const w = await world();
    const { packed, id } = await locked(w);
    for (const party of [w.buyer, w.seller])
      await expect(w.escrow.connect(party).publishAgreement(packed, "ipfs://agreement"))
        .to.emit(w.escrow, "MetaEvidence")
        .withArgs(BigInt(id), "ipfs://agreement");
  });
});

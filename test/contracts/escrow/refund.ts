/*
refund
├── when the escrow is not open: NotOpen
├── when the sender is not the seller: Unauthorized
└── from every open state: pays the buyer everything, Refunded
refundPartial
├── when the sender is not the seller: Unauthorized
├── in a dispute: WrongState
├── when the amount is zero or above what remains: AmountOutOfRange
├── a part: pays it, the state stays
└── the whole: Refunded
*/
import { expect } from "chai";
import { State } from "../../../relayer/escrow/core/types.ts";
import { AMOUNT, delivered, disputed, expectState, gains, locked, payees, world } from "./fixture.ts";

describe("Escrow: refund", () => {
  it("refuses a closed escrow", async () => {
    const w = await world();
    const { packed, id } = await locked(w);
    await w.escrow.connect(w.seller).refund(packed);
    await expect(w.escrow.connect(w.seller).refund(packed))
      .to.be.revertedWithCustomError(w.escrow, "NotOpen")
      .withArgs(id, State.Refunded);
  });

  it("refuses everybody but the seller, other payees included", async () => {
    const w = await world();
    const { packed } = await locked(w, {
      payees: payees([w.seller.address, 9_000n], [w.payee1.address, 1_000n]),
    });
    for (const account of [w.buyer, w.arbiter, w.payee1])
      await expect(w.escrow.connect(account).refund(packed))
        .to.be.revertedWithCustomError(w.escrow, "Unauthorized")
        .withArgs(account.address, w.seller.address);
  });

  for (const [name, open] of Object.entries({
    Locked: locked,
    AwaitingRelease: delivered,
    Disputed: disputed,
  }))
    it(`pays the buyer everything from ${name}`, async () => {
      const w = await world();
      const { packed, id } = await open(w);
      const [gained] = await gains(w, [w.buyer.address], async () => {
        await expect(w.escrow.connect(w.seller).refund(packed))
          .to.emit(w.escrow, "Refunded")
          .withArgs(id, AMOUNT);
      });
      expect(gained).to.equal(AMOUNT);
      await expectState(w, id, State.Refunded, 0n);
    });
});

describe("Escrow: refundPartial", () => {
  it("refuses everybody but the seller", async () => {
    const w = await world();
    const { packed } = await locked(w);
    await expect(w.escrow.connect(w.buyer).refundPartial(packed, 1n)).to.be.revertedWithCustomError(
      w.escrow,
      "Unauthorized",
    );
  });

  it("refuses in a dispute", async () => {
    const w = await world();
    const { packed } = await disputed(w);
    await expect(w.escrow.connect(w.seller).refundPartial(packed, 1n)).to.be.revertedWithCustomError(
      w.escrow,
      "WrongState",
    );
  });

  it("refuses nothing, and more than remains", async () => {
    const w = await world();
    const { packed } = await locked(w);
    for (const amount of [0n, AMOUNT + 1n])
      await expect(w.escrow.connect(w.seller).refundPartial(packed, amount))
        .to.be.revertedWithCustomError(w.escrow, "AmountOutOfRange")
        .withArgs(amount, 1n, AMOUNT);
  });

  it("pays a part and stays where it is", async () => {
    const w = await world();
    const { packed, id } = await delivered(w);
    const [gained] = await gains(w, [w.buyer.address], async () => {
      await expect(w.escrow.connect(w.seller).refundPartial(packed, 400_000n))
        .to.emit(w.escrow, "PartiallyRefunded")
        .withArgs(id, 400_000n, 600_000n);
    });
    expect(gained).to.equal(400_000n);
    await expectState(w, id, State.AwaitingRelease, 600_000n);
  });

  it("closes with the whole", async () => {
    const w = await world();
    const { packed, id } = await locked(w);
    await w.escrow.connect(w.seller).refundPartial(packed, AMOUNT);
    await expectState(w, id, State.Refunded, 0n);
  });
});

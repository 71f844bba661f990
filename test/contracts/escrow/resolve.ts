/*
resolve
├── when the sender is not the arbiter: Unauthorized
├── when there is no dispute: WrongState
├── from the arbiter's deadline on: WindowClosed
├── when more goes to the buyer than remains: AmountOutOfRange
├── all to the buyer: Refunded
├── nothing to the buyer: Released
├── a part to each: Released, each is paid
└── when there is no arbiter: nobody can rule, the default split decides
*/
import { expect } from "chai";
import { State, ZERO_ADDRESS } from "../../../relayer/escrow/core/types.ts";
import { AMOUNT, at, delivered, disputed, expectState, gains, payees, world } from "./fixture.ts";

describe("Escrow: resolve", () => {
  it("refuses everybody but the arbiter", async () => {
    const w = await world();
    const { packed } = await disputed(w);
    for (const account of [w.buyer, w.seller, w.stranger])
      await expect(w.escrow.connect(account).resolve(packed, 0n))
        .to.be.revertedWithCustomError(w.escrow, "Unauthorized")
        .withArgs(account.address, w.arbiter.address);
  });

  it("refuses without a dispute", async () => {
    const w = await world();
    const { packed, id } = await delivered(w);
    await expect(w.escrow.connect(w.arbiter).resolve(packed, 0n))
      .to.be.revertedWithCustomError(w.escrow, "WrongState")
      .withArgs(id, State.AwaitingRelease, State.Disputed);
  });

  it("refuses at the arbiter's deadline", async () => {
    const w = await world();
    const { packed, terms } = await disputed(w);
    await at(terms.rules.arbiterBy);
    await expect(w.escrow.connect(w.arbiter).resolve(packed, 0n)).to.be.revertedWithCustomError(
      w.escrow,
      "WindowClosed",
    );
  });

  it("refuses more than remains", async () => {
    const w = await world();
    const { packed } = await disputed(w);
    await expect(w.escrow.connect(w.arbiter).resolve(packed, AMOUNT + 1n))
      .to.be.revertedWithCustomError(w.escrow, "AmountOutOfRange")
      .withArgs(AMOUNT + 1n, 0n, AMOUNT);
  });

  for (const [toBuyer, state] of [
    [AMOUNT, State.Refunded],
    [0n, State.Released],
    [250_001n, State.Released],
    [AMOUNT - 1n, State.Released],
  ] as const)
    it(`gives the buyer ${toBuyer} and the payees the rest`, async () => {
      const w = await world();
      const two = payees([w.seller.address, 5_000n], [w.payee1.address, 5_000n]);
      const { packed, id, terms } = await disputed(w, { payees: two });
      await at(terms.rules.arbiterBy - 1n);
      const [buyer, seller, other] = await gains(
        w,
        [w.buyer.address, w.seller.address, w.payee1.address],
        async () => {
          await expect(w.escrow.connect(w.arbiter).resolve(packed, toBuyer))
            .to.emit(w.escrow, "Resolved")
            .withArgs(id, AMOUNT - toBuyer, toBuyer);
        },
      );
      const half = (AMOUNT - toBuyer) / 2n;
      expect([buyer, seller, other]).to.deep.equal([toBuyer, half, AMOUNT - toBuyer - half]);
      await expectState(w, id, state, 0n);
    });

  it("lets nobody rule if there is no arbiter; the default split decides", async () => {
    const w = await world();
    const { packed, terms, id } = await disputed(w, { arbiter: ZERO_ADDRESS });
    await expect(w.escrow.connect(w.stranger).resolve(packed, 0n)).to.be.revertedWithCustomError(
      w.escrow,
      "Unauthorized",
    );
    await at(terms.rules.arbiterBy);
    await expect(w.escrow.connect(w.stranger).expire(packed))
      .to.emit(w.escrow, "Expired")
      .withArgs(id, 300_000n, 700_000n);
  });
});

/*
release
├── when the escrow is not open: NotOpen
├── when the sender is not the buyer: Unauthorized
├── without milestones: pays everything, Released
│   ├── from Locked, from AwaitingRelease, and even after the review has ended
│   └── to several payees: by shares, the dust to the last
├── with milestones: pays the current one; the next is locked; the last one closes
│   └── after partial releases: pays what is left of the milestone, which may be nothing
└── in a dispute: pays everything, whatever the milestones
releasePartial
├── when the sender is not the buyer: Unauthorized
├── in a dispute: WrongState
├── when the amount is zero or above what remains: AmountOutOfRange
├── a part: pays it, the state stays
└── the whole: Released
*/
import { expect } from "chai";
import { getAddress } from "ethers";
import { split } from "../../../relayer/escrow/core/payouts.ts";
import { State, ZERO_ADDRESS } from "../../../relayer/escrow/core/types.ts";
import {
  AMOUNT,
  at,
  delivered,
  disputed,
  ethers,
  expectState,
  gains,
  locked,
  milestones,
  payees,
  world,
} from "./fixture.ts";

describe("Escrow: release", () => {
  it("refuses a closed escrow", async () => {
    const w = await world();
    const { packed, id } = await locked(w);
    await w.escrow.connect(w.buyer).release(packed);
    await expect(w.escrow.connect(w.buyer).release(packed))
      .to.be.revertedWithCustomError(w.escrow, "NotOpen")
      .withArgs(id, State.Released);
  });

  it("refuses everybody but the buyer", async () => {
    const w = await world();
    const { packed } = await delivered(w);
    for (const account of [w.seller, w.arbiter, w.stranger])
      await expect(w.escrow.connect(account).release(packed))
        .to.be.revertedWithCustomError(w.escrow, "Unauthorized")
        .withArgs(account.address, w.buyer.address);
  });

  it("pays everything from Locked", async () => {
    const w = await world();
    const { packed, id } = await locked(w);
    const [gained] = await gains(w, [w.seller.address], async () => {
      await expect(w.escrow.connect(w.buyer).release(packed))
        .to.emit(w.escrow, "Released")
        .withArgs(id, 0n, AMOUNT, 0n);
    });
    expect(gained).to.equal(AMOUNT);
    await expectState(w, id, State.Released, 0n);
  });

  it("pays everything from AwaitingRelease, even after the review", async () => {
    const w = await world();
    const { packed, id, terms } = await delivered(w);
    await at(terms.rules.arbiterBy);
    const [gained] = await gains(w, [w.seller.address], () => w.escrow.connect(w.buyer).release(packed));
    expect(gained).to.equal(AMOUNT);
    await expectState(w, id, State.Released, 0n);
  });

  it("pays native currency", async () => {
    const w = await world();
    const { packed } = await delivered(w, { token: ZERO_ADDRESS });
    await expect(w.escrow.connect(w.buyer).release(packed)).to.changeEtherBalances(
      ethers,
      [w.escrow, w.seller],
      [-AMOUNT, AMOUNT],
    );
  });

  it("splits by shares, the dust to the last", async () => {
    const w = await world();
    const three = payees([w.seller.address, 3_333n], [w.payee1.address, 3_333n], [w.payee2.address, 3_334n]);
    const { packed } = await locked(w, { amount: 101n, payees: three });
    const deltas = await gains(
      w,
      three.map(({ account }) => account),
      () => w.escrow.connect(w.buyer).release(packed),
    );
    // 101 * 3333 / 10000 = 33.66…, twice; the rest is 35.
    expect(deltas).to.deep.equal([33n, 33n, 35n]);
  });

  it("splits without loss for every number of payees and the smallest amounts, as the TypeScript core does", async () => {
    const w = await world();
    for (let count = 1; count <= 50; count += 7) {
      const others = Array.from(
        { length: count - 1 },
        (_, i) => [ethers.toBeHex(i + 1_000, 20), 7n + BigInt(i)] as const,
      );
      const rest = others.reduce((left, [, share]) => left - share, 10_000n);
      const all = payees([w.seller.address, rest], ...others);
      for (const amount of [1n, 9_999n]) {
        const { packed } = await locked(w, { amount, payees: all, rules: { salt: BigInt(count) } });
        const holders = all.map(({ account }) => getAddress(account));
        const deltas = await gains(w, holders, () => w.escrow.connect(w.buyer).release(packed));
        const paid = new Map(split(all, amount).map((payment) => [getAddress(payment.to), payment.amount]));
        expect(deltas).to.deep.equal(holders.map((holder) => paid.get(holder) ?? 0n));
        expect(deltas.reduce((sum, delta) => sum + delta, 0n)).to.equal(amount);
      }
    }
  });

  it("pays milestone after milestone", async () => {
    const w = await world();
    const { packed, id } = await locked(w, { milestones: milestones(w) });
    await w.escrow.connect(w.seller).deliver(packed);
    await expect(w.escrow.connect(w.buyer).release(packed))
      .to.emit(w.escrow, "Released")
      .withArgs(id, 0n, 200_000n, 800_000n);
    await expectState(w, id, State.Locked, 800_000n);
    const view = await w.escrow.escrowOf(id);
    expect([view.milestone, view.buyerSequence, view.sellerSequence]).to.deep.equal([1n, 1n, 2n]);

    await w.escrow.connect(w.buyer).releasePartial(packed, 300_000n);
    await expect(w.escrow.connect(w.buyer).release(packed))
      .to.emit(w.escrow, "Released")
      .withArgs(id, 1n, 0n, 500_000n);
    await expect(w.escrow.connect(w.buyer).release(packed))
      .to.emit(w.escrow, "Released")
      .withArgs(id, 2n, 500_000n, 0n);
    await expectState(w, id, State.Released, 0n);
    expect(await w.token.balanceOf(w.seller)).to.equal(AMOUNT);
  });

  it("takes refunds off the current milestone first", async () => {
    const w = await world();
    const { packed, id } = await locked(w, { milestones: milestones(w) });
    await w.escrow.connect(w.seller).refundPartial(packed, 150_000n);
    await expect(w.escrow.connect(w.buyer).release(packed))
      .to.emit(w.escrow, "Released")
      .withArgs(id, 0n, 50_000n, 800_000n);
  });

  it("pays everything in a dispute", async () => {
    const w = await world();
    const { packed, id } = await disputed(w, { milestones: milestones(w) });
    await w.escrow.connect(w.buyer).release(packed);
    await expectState(w, id, State.Released, 0n);
    expect(await w.token.balanceOf(w.seller)).to.equal(AMOUNT);
  });
});

describe("Escrow: releasePartial", () => {
  it("refuses everybody but the buyer", async () => {
    const w = await world();
    const { packed } = await locked(w);
    await expect(w.escrow.connect(w.seller).releasePartial(packed, 1n)).to.be.revertedWithCustomError(
      w.escrow,
      "Unauthorized",
    );
  });

  it("refuses in a dispute", async () => {
    const w = await world();
    const { packed, id } = await disputed(w);
    await expect(w.escrow.connect(w.buyer).releasePartial(packed, 1n))
      .to.be.revertedWithCustomError(w.escrow, "WrongState")
      .withArgs(id, State.Disputed, State.AwaitingRelease);
  });

  it("refuses nothing, and more than remains", async () => {
    const w = await world();
    const { packed } = await locked(w);
    for (const amount of [0n, AMOUNT + 1n, 2n ** 128n, 2n ** 256n - 1n])
      await expect(w.escrow.connect(w.buyer).releasePartial(packed, amount))
        .to.be.revertedWithCustomError(w.escrow, "AmountOutOfRange")
        .withArgs(amount, 1n, AMOUNT);
  });

  it("pays a part and stays where it is", async () => {
    const w = await world();
    const { packed, id } = await delivered(w);
    const since = (await w.escrow.escrowOf(id)).since;
    const [gained] = await gains(w, [w.seller.address], async () => {
      await expect(w.escrow.connect(w.buyer).releasePartial(packed, 1n))
        .to.emit(w.escrow, "PartiallyReleased")
        .withArgs(id, 1n, AMOUNT - 1n);
    });
    expect(gained).to.equal(1n);
    await expectState(w, id, State.AwaitingRelease, AMOUNT - 1n);
    expect((await w.escrow.escrowOf(id)).since).to.equal(since);
  });

  it("closes with the whole", async () => {
    const w = await world();
    const { packed, id } = await locked(w);
    await w.escrow.connect(w.buyer).releasePartial(packed, AMOUNT);
    await expectState(w, id, State.Released, 0n);
  });
});

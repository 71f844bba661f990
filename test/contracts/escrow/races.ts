/*
Who comes second, and who comes uninvited.

a second release, refund, ruling, time-out or claim; more than the amount in parts: refused
a stranger with the buyer's terms, or with the buyer's left-over approval: refused
one wei, refunded or published, to spoil somebody's window or payment: in vain
native currency by force, and stray tokens: change nothing
a dispute and a time-out in one block, in either order, at every edge of the window: one of them succeeds
a ruling and the default split, a release and a refund: likewise
*/
import { expect } from "chai";
import { packTerms } from "../../../relayer/escrow/core/terms.ts";
import { State, ZERO_ADDRESS } from "../../../relayer/escrow/core/types.ts";
import {
  AMOUNT,
  at,
  DAY,
  delivered,
  disputed,
  ethers,
  expectState,
  locked,
  makeTerms,
  networkHelpers,
  NO_PERMIT,
  signCreate,
  world,
} from "./fixture.ts";

describe("Escrow: twice, and too much", () => {
  it("closes for good: nothing works on a closed escrow", async () => {
    const w = await world();
    const { packed, terms } = await disputed(w);
    await w.escrow.connect(w.arbiter).resolve(packed, 1n);
    await at(terms.rules.arbiterBy + 1n);
    const { escrow } = w;
    const again = [
      () => escrow.connect(w.seller).deliver(packed),
      () => escrow.connect(w.buyer).release(packed),
      () => escrow.connect(w.buyer).releasePartial(packed, 1n),
      () => escrow.connect(w.seller).refund(packed),
      () => escrow.connect(w.seller).refundPartial(packed, 1n),
      () => escrow.connect(w.buyer).fileDispute(packed),
      () => escrow.connect(w.buyer).submitEvidence(packed, "x"),
      () => escrow.connect(w.buyer).publishAgreement(packed, "x"),
      () => escrow.connect(w.arbiter).resolve(packed, 1n),
      () => escrow.connect(w.keeper).expire(packed),
    ];
    for (const act of again) await expect(act()).to.be.revertedWithCustomError(escrow, "NotOpen");
  });

  it("pays no more than the amount in parts", async () => {
    const w = await world();
    const { packed } = await locked(w);
    await w.escrow.connect(w.buyer).releasePartial(packed, AMOUNT - 1n);
    await expect(w.escrow.connect(w.seller).refundPartial(packed, 2n)).to.be.revertedWithCustomError(
      w.escrow,
      "AmountOutOfRange",
    );
    await w.escrow.connect(w.seller).refundPartial(packed, 1n);
    expect(await w.token.balanceOf(w.escrow)).to.equal(0n);
  });
});

describe("Escrow: strangers", () => {
  it("cannot create with the buyer's terms or a left-over approval, even beside a signature for others", async () => {
    const w = await world();
    const terms = makeTerms(w);
    const stolen = makeTerms(w, { payees: [{ account: w.stranger.address, share: 10_000n }] });
    const { escrow } = w;
    expect(await w.token.allowance(w.buyer, escrow)).to.be.greaterThan(AMOUNT);
    for (const packed of [packTerms(terms), packTerms(stolen)]) {
      await expect(escrow.connect(w.stranger).create(packed)).to.be.revertedWithCustomError(
        escrow,
        "Unauthorized",
      );
      await expect(
        escrow.connect(w.stranger).createWithPermit(packed, NO_PERMIT),
      ).to.be.revertedWithCustomError(escrow, "Unauthorized");
    }
    const proof = await signCreate(w, w.buyer, terms);
    await expect(
      escrow.connect(w.stranger).createFor(packTerms(stolen), NO_PERMIT, proof),
    ).to.be.revertedWithCustomError(escrow, "InvalidSignature");
    await expect(
      escrow.connect(w.stranger).createWithAuthorization(packTerms(stolen), 0n, 2n ** 40n, "0x"),
    ).to.revert(ethers);
  });

  it("cannot move a window or a payment with one wei", async () => {
    const w = await world();
    const { packed, id } = await delivered(w);
    const due = await w.escrow.dueAt(packed);
    await w.escrow.connect(w.seller).refundPartial(packed, 1n);
    await w.escrow.connect(w.seller).publishAgreement(packed, "x");
    expect(await w.escrow.dueAt(packed)).to.equal(due);
    await w.token.connect(w.buyer).transfer(w.escrow, 1n);
    await w.escrow.connect(w.buyer).release(packed);
    await expectState(w, id, State.Released, 0n);
  });

  it("change nothing with forced native currency and stray tokens", async () => {
    const w = await world();
    await networkHelpers.setBalance(w.deployment.escrow, 10n ** 18n);
    await w.token.connect(w.buyer).transfer(w.escrow, 12_345n);
    const native = await locked(w, { token: ZERO_ADDRESS });
    const token = await locked(w);
    await expect(w.escrow.connect(w.buyer).release(native.packed)).to.changeEtherBalances(
      ethers,
      [w.seller],
      [AMOUNT],
    );
    await w.escrow.connect(w.buyer).release(token.packed);
    expect(await w.token.balanceOf(w.escrow)).to.equal(12_345n);
    await expect(w.buyer.sendTransaction({ to: w.escrow, value: 1n })).to.revert(ethers);
  });
});

describe("Escrow: one block", () => {
  /** Both transactions in one block at `time`, in the given order; whether each succeeded. */
  async function together(
    time: bigint,
    sends: readonly (() => Promise<{ hash: string }>)[],
  ): Promise<boolean[]> {
    const send = ethers.provider.send.bind(ethers.provider);
    await send("evm_setAutomine", [false]);
    try {
      const sent = [];
      for (const one of sends) sent.push(await one());
      await at(time);
      await send("evm_mine", []);
      const receipts = await Promise.all(sent.map(({ hash }) => ethers.provider.getTransactionReceipt(hash)));
      return receipts.map((receipt) => receipt?.status === 1);
    } finally {
      await send("evm_setAutomine", [true]);
    }
  }

  for (const open of [locked, delivered])
    for (const [offset, wins] of [
      [-1n, "dispute"],
      [0n, "expiry"],
      [1n, "expiry"],
    ] as const)
      for (const first of ["dispute", "expiry"] as const)
        it(`${open.name}, due ${offset > 0n ? "+" : ""}${offset} s, ${first} first: the ${wins} succeeds alone`, async () => {
          const w = await world();
          const { packed, id } = await open(w);
          const due = await w.escrow.dueAt(packed);
          const dispute = () => w.escrow.connect(w.buyer).fileDispute(packed, { gasLimit: 1_000_000n });
          const expiry = () => w.escrow.connect(w.keeper).expire(packed, { gasLimit: 1_000_000n });
          const order = first === "dispute" ? [dispute, expiry] : [expiry, dispute];
          const results = await together(due + offset, order);
          expect(results).to.deep.equal([first === wins, first !== wins]);
          const state = wins === "dispute" ? State.Disputed : State.Expired;
          await expectState(w, id, state, state === State.Disputed ? AMOUNT : 0n);
        });

  for (const [offset, ruling] of [
    [-1n, true],
    [0n, false],
    [1n, false],
  ] as const)
    it(`a ruling and the default split at ${offset} s of the arbiter's deadline: one of them succeeds`, async () => {
      const w = await world();
      const { packed, terms } = await disputed(w);
      const results = await together(terms.rules.arbiterBy + offset, [
        () => w.escrow.connect(w.arbiter).resolve(packed, 1n, { gasLimit: 1_000_000n }),
        () => w.escrow.connect(w.keeper).expire(packed, { gasLimit: 1_000_000n }),
      ]);
      expect(results).to.deep.equal([ruling, !ruling]);
    });

  it("a release and a refund of everything: one of them succeeds, and exactly the amount is paid", async () => {
    const w = await world();
    const { packed } = await delivered(w);
    const results = await together(w.start + DAY, [
      () => w.escrow.connect(w.seller).refund(packed, { gasLimit: 1_000_000n }),
      () => w.escrow.connect(w.buyer).release(packed, { gasLimit: 1_000_000n }),
    ]);
    expect(results.filter(Boolean)).to.have.length(1);
    expect(await w.token.balanceOf(w.escrow)).to.equal(0n);
  });
});

/*
create
├── when the sender is not the buyer: Unauthorized
├── when an escrow with the same terms exists, or has existed: AlreadyExists
├── when the terms are not sound
│   ├── encoding: MalformedTerms            ├── amount: AmountOutOfRange
│   ├── buyer: InvalidAccount               ├── arbiter: InvalidArbiter
│   ├── rules: InvalidRules, DeadlineTooEarly, DeadlineTooLate, ShareTooLarge
│   ├── milestones: DeadlineTooEarly, AmountOutOfRange, MilestonesSum, LastMilestone
│   └── payees: NoPayee, InvalidPayee, PayeesUnsorted, SharesSum
├── when the money is wrong
│   ├── native: any other value: WrongValue
│   ├── token: any value: WrongValue
│   ├── token without code: TokenWithoutCode
│   └── too little allowance: the token's error
└── otherwise: locks, emits Created, takes exactly the amount
*/
import { expect } from "chai";
import { packTerms, validateTerms } from "../../../relayer/escrow/core/terms.ts";
import { State, ZERO_ADDRESS } from "../../../relayer/escrow/core/types.ts";
import {
  AMOUNT,
  type Changes,
  DAY,
  ethers,
  expectState,
  gains,
  idOf,
  locked,
  makeTerms,
  milestones,
  payees,
  timeOf,
  world,
  type World,
} from "./fixture.ts";

/** Each is refused by the contract and, with the same error, by the TypeScript rules. */
const unsound: Record<string, (w: World) => { changes: Changes; error: string; args?: unknown[] }> = {
  "amount zero": () => ({
    changes: { amount: 0n },
    error: "AmountOutOfRange",
    args: [0n, 1n, 2n ** 128n - 1n],
  }),
  "more than 50 payees": (w) => ({
    changes: { payees: Array.from({ length: 51 }, () => ({ account: w.seller.address, share: 1n })) },
    error: "MalformedTerms",
  }),
  "more than 50 milestones": () => ({
    changes: { milestones: Array.from({ length: 51 }, () => ({ amount: 1n, deliverBy: 1n })) },
    error: "MalformedTerms",
  }),
  "the buyer for an arbiter": (w) => ({
    changes: { arbiter: w.buyer.address },
    error: "InvalidArbiter",
    args: [w.buyer.address],
  }),
  "the escrow contract for an arbiter": (w) => ({
    changes: { arbiter: w.deployment.escrow },
    error: "InvalidArbiter",
    args: [w.deployment.escrow],
  }),
  "no review period": () => ({ changes: { rules: { reviewFor: 0n } }, error: "InvalidRules" }),
  "a deadline that has passed": (w) => ({
    changes: { rules: { deliverBy: w.start } },
    error: "DeadlineTooEarly",
  }),
  "an arbiter's deadline at the end of the last review": (w) => ({
    changes: { rules: { arbiterBy: w.start + 37n * DAY } },
    error: "DeadlineTooEarly",
    args: [w.start + 37n * DAY, w.start + 37n * DAY + 1n],
  }),
  "an arbiter's deadline more than ten years away": (w) => ({
    changes: { rules: { arbiterBy: w.start + 3_660n * DAY } },
    error: "DeadlineTooLate",
  }),
  "a default split above a whole": () => ({
    changes: { rules: { defaultSplit: 10_001n } },
    error: "ShareTooLarge",
    args: [10_001n, 10_000n],
  }),
  "a tip above five per cent": () => ({
    changes: { rules: { tip: 501n } },
    error: "ShareTooLarge",
    args: [501n, 500n],
  }),
  "a first milestone that is over": (w) => ({
    changes: { milestones: milestones(w).with(0, { amount: 200_000n, deliverBy: w.start }) },
    error: "DeadlineTooEarly",
  }),
  "a milestone due before the review of the one before has ended": (w) => ({
    changes: { milestones: milestones(w).with(1, { amount: 300_000n, deliverBy: w.start + 17n * DAY }) },
    error: "DeadlineTooEarly",
    args: [w.start + 17n * DAY, w.start + 17n * DAY + 1n],
  }),
  "an empty milestone": (w) => ({
    changes: { milestones: milestones(w).with(1, { amount: 0n, deliverBy: w.start + 20n * DAY }) },
    error: "AmountOutOfRange",
    args: [0n, 1n, AMOUNT],
  }),
  "milestones below the amount": (w) => ({
    changes: { milestones: milestones(w).with(1, { amount: 299_999n, deliverBy: w.start + 20n * DAY }) },
    error: "MilestonesSum",
    args: [999_999n, AMOUNT],
  }),
  "a last milestone off the rules' deadline": (w) => ({
    changes: { milestones: milestones(w).with(2, { amount: 500_000n, deliverBy: w.start + 29n * DAY }) },
    error: "LastMilestone",
    args: [w.start + 29n * DAY, w.start + 30n * DAY],
  }),
  "no payee": () => ({ changes: { payees: [] }, error: "NoPayee" }),
  "a payee without a share": (w) => ({
    changes: { payees: payees([w.seller.address, 10_000n], [w.payee1.address, 0n]) },
    error: "InvalidPayee",
  }),
  "the buyer for the seller": (w) => ({
    changes: { payees: payees([w.buyer.address, 10_000n]) },
    error: "InvalidPayee",
  }),
  "the buyer for another payee": (w) => ({
    changes: { payees: payees([w.seller.address, 9_000n], [w.buyer.address, 1_000n]) },
    error: "InvalidPayee",
  }),
  "the arbiter for a payee": (w) => ({
    changes: { payees: payees([w.seller.address, 9_000n], [w.arbiter.address, 1_000n]) },
    error: "InvalidPayee",
  }),
  "the arbiter for the seller": (w) => ({
    changes: { payees: payees([w.arbiter.address, 10_000n]) },
    error: "InvalidPayee",
  }),
  "the escrow contract for a payee": (w) => ({
    changes: { payees: payees([w.deployment.escrow, 10_000n]) },
    error: "InvalidPayee",
  }),
  "the token for a payee": (w) => ({
    changes: { payees: payees([w.seller.address, 9_000n], [w.tokenAddress, 1_000n]) },
    error: "InvalidPayee",
  }),
  "zero for a payee": () => ({ changes: { payees: payees([ZERO_ADDRESS, 10_000n]) }, error: "InvalidPayee" }),
  "the same payee twice": (w) => ({
    changes: {
      payees: payees([w.seller.address, 9_000n], [w.payee1.address, 500n], [w.payee1.address, 500n]),
    },
    error: "PayeesUnsorted",
  }),
  "the seller a second time": (w) => ({
    changes: { payees: payees([w.seller.address, 9_000n], [w.seller.address, 1_000n]) },
    error: "PayeesUnsorted",
  }),
  "payees out of order": (w) => {
    const [seller, one, two] = payees(
      [w.seller.address, 9_000n],
      [w.payee1.address, 500n],
      [w.payee2.address, 500n],
    );
    if (!seller || !one || !two) throw new Error("three payees");
    return { changes: { payees: [seller, two, one] }, error: "PayeesUnsorted" };
  },
  "shares below a whole": (w) => ({
    changes: { payees: payees([w.seller.address, 9_999n]) },
    error: "SharesSum",
    args: [9_999n, 10_000n],
  }),
  "shares above a whole": (w) => ({
    changes: { payees: payees([w.seller.address, 10_000n], [w.payee1.address, 1n]) },
    error: "SharesSum",
    args: [10_001n, 10_000n],
  }),
};

describe("Escrow: create", () => {
  it("refuses a sender who is not the buyer", async () => {
    const w = await world();
    const create = w.escrow.connect(w.stranger).create(packTerms(makeTerms(w)));
    await expect(create)
      .to.be.revertedWithCustomError(w.escrow, "Unauthorized")
      .withArgs(w.stranger.address, w.buyer.address);
  });

  it("refuses terms that exist", async () => {
    const w = await world();
    const { packed, id } = await locked(w);
    await expect(w.escrow.connect(w.buyer).create(packed))
      .to.be.revertedWithCustomError(w.escrow, "AlreadyExists")
      .withArgs(id, State.Locked);
  });

  it("refuses terms whose escrow is closed", async () => {
    const w = await world();
    const { packed, id } = await locked(w);
    await w.escrow.connect(w.buyer).release(packed);
    await expect(w.escrow.connect(w.buyer).create(packed))
      .to.be.revertedWithCustomError(w.escrow, "AlreadyExists")
      .withArgs(id, State.Released);
  });

  describe("refuses unsound terms:", () => {
    for (const [name, make] of Object.entries(unsound)) {
      it(name, async () => {
        const w = await world();
        const { changes, error, args } = make(w);
        const terms = makeTerms(w, changes);
        const refused = expect(
          w.escrow.connect(w.buyer).create(packTerms(terms)),
        ).to.be.revertedWithCustomError(w.escrow, error);
        await (args === undefined ? refused : refused.withArgs(...args));
        const result = validateTerms(terms, w.deployment.escrow, w.start + 1n);
        expect(result.ok ? undefined : result.error.code).to.equal(error);
      });
    }

    it("a policy that does not exist", async () => {
      const w = await world();
      const packed = packTerms(makeTerms(w));
      await expect(
        w.escrow.connect(w.buyer).create({ ...packed, rules: packed.rules | 2n }),
      ).to.be.revertedWithCustomError(w.escrow, "InvalidRules");
    });

    it("bits between a payee's address and its share", async () => {
      const w = await world();
      const packed = packTerms(makeTerms(w));
      const [payee = "0x"] = packed.payees;
      const dirty = `${payee.slice(0, 42)}01${payee.slice(44)}`;
      await expect(
        w.escrow.connect(w.buyer).create({ ...packed, payees: [dirty] }),
      ).to.be.revertedWithCustomError(w.escrow, "SharesSum");
    });

    it("an encoding with a gap", async () => {
      const w = await world();
      const data = w.escrow.interface.encodeFunctionData("create", [packTerms(makeTerms(w))]);
      // The payees' offset points one word further, where the same array is found again.
      const words = [...(data.slice(10).match(/.{64}/g) ?? [])];
      const head = 1;
      const payeesOffset = head + 7;
      words[payeesOffset] = (0x140).toString(16).padStart(64, "0");
      words.splice(head + 9, 0, "0".repeat(64));
      const sent = w.buyer.sendTransaction({ to: w.escrow, data: `${data.slice(0, 10)}${words.join("")}` });
      await expect(sent).to.be.revertedWithCustomError(w.escrow, "MalformedTerms");
    });
  });

  it("refuses native currency other than the amount", async () => {
    const w = await world();
    const packed = packTerms(makeTerms(w, { token: ZERO_ADDRESS }));
    for (const value of [AMOUNT - 1n, AMOUNT + 1n, 0n])
      await expect(w.escrow.connect(w.buyer).create(packed, { value }))
        .to.be.revertedWithCustomError(w.escrow, "WrongValue")
        .withArgs(value, AMOUNT);
  });

  it("refuses native currency sent along with a token", async () => {
    const w = await world();
    await expect(w.escrow.connect(w.buyer).create(packTerms(makeTerms(w)), { value: 1n }))
      .to.be.revertedWithCustomError(w.escrow, "WrongValue")
      .withArgs(1n, 0n);
  });

  it("refuses a token without code", async () => {
    const w = await world();
    const token = w.stranger.address;
    await expect(w.escrow.connect(w.buyer).create(packTerms(makeTerms(w, { token }))))
      .to.be.revertedWithCustomError(w.escrow, "TokenWithoutCode")
      .withArgs(token);
  });

  it("refuses too small an allowance", async () => {
    const w = await world();
    await w.token.connect(w.buyer).approve(w.escrow, AMOUNT - 1n);
    await expect(w.escrow.connect(w.buyer).create(packTerms(makeTerms(w)))).to.be.revertedWithCustomError(
      w.token,
      "ERC20InsufficientAllowance",
    );
  });

  it("locks exactly the amount of a token", async () => {
    const w = await world();
    const terms = makeTerms(w);
    const deltas = await gains(w, [w.buyer.address, w.deployment.escrow], async () => {
      const packed = packTerms(terms);
      const sent = w.escrow.connect(w.buyer).create(packed);
      await expect(sent)
        .to.emit(w.escrow, "Created")
        .withArgs(idOf(w, terms), w.buyer.address, w.seller.address, Object.values(packed));
      expect((await w.escrow.escrowOf(idOf(w, terms))).since).to.equal(await timeOf(sent));
    });
    expect(deltas).to.deep.equal([-AMOUNT, AMOUNT]);
    await expectState(w, idOf(w, terms), State.Locked, AMOUNT);
  });

  it("locks exactly the amount of native currency", async () => {
    const w = await world();
    const terms = makeTerms(w, { token: ZERO_ADDRESS });
    await expect(
      w.escrow.connect(w.buyer).create(packTerms(terms), { value: AMOUNT }),
    ).to.changeEtherBalances(ethers, [w.buyer, w.escrow], [-AMOUNT, AMOUNT]);
    await expectState(w, idOf(w, terms), State.Locked, AMOUNT);
  });

  it("takes one wei, and the largest amount, and 50 payees with 50 milestones", async () => {
    const w = await world();
    await locked(w, { amount: 1n });
    const shares = Array.from({ length: 49 }, (_, i) => [ethers.toBeHex(i + 1_000, 20), 100n] as const);
    const { id } = await locked(w, {
      payees: payees([w.seller.address, 5_100n], ...shares),
      milestones: Array.from({ length: 50 }, (_, i) => ({
        amount: AMOUNT / 50n,
        deliverBy: w.start + BigInt(i + 1) * 8n * DAY,
      })),
      rules: { deliverBy: w.start + 400n * DAY, arbiterBy: w.start + 500n * DAY },
    });
    await expectState(w, id, State.Locked, AMOUNT);
  });
});

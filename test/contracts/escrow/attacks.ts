/*
Who tries what, and what comes of it. Elsewhere: signatures (execute.ts, signers.ts), accounts in the
terms (create.ts), races and strangers (races.ts).

a payee that rejects, burns all its gas or returns a bomb: is credited; the others are paid; so in a batch
a blacklisted payee: is credited; the others are paid
a token that        takes a fee, pretends, returns false, has no code: refused at creation
                    returns nothing, reverts on zero: works
                    turns bad later (false, gas, bomb): credits, and does not stop a batch
                    rebases down: its own escrows are short, no other's
a receiver's hook that re-enters: refused, natively and by token, in every function, and for readers
a caller who starves a payment of gas: refused
*/
import { expect } from "chai";
import type { ContractTransactionReceipt } from "ethers";
import { packTerms } from "../../../relayer/escrow/core/terms.ts";
import { State, ZERO_ADDRESS } from "../../../relayer/escrow/core/types.ts";
import {
  AccountMood,
  AMOUNT,
  at,
  buyerAccount,
  delivered,
  ethers,
  expectState,
  gains,
  locked,
  makeTerms,
  mined,
  networkHelpers,
  newAccount,
  payees,
  TokenMood,
  world,
  type Account,
  type World,
} from "./fixture.ts";

/** A contract payee beside the seller, each with half. */
async function withContractPayee(w: World) {
  const account = await newAccount(w, w.stranger.address);
  const address = await account.getAddress();
  return { account, address, payees: payees([w.seller.address, 5_000n], [address, 5_000n]) };
}

describe("Escrow: hostile payees", () => {
  for (const mood of ["Rejects", "BurnsGas", "ReturnBombs"] as const) {
    it(`credits one that ${mood}, in native currency, and pays the other`, async () => {
      const w = await world();
      const hostile = await withContractPayee(w);
      await hostile.account.setMood(AccountMood[mood]);
      const { packed, id } = await locked(w, { token: ZERO_ADDRESS, payees: hostile.payees });
      const sent = w.escrow.connect(w.buyer).release(packed);
      await expect(sent).to.changeEtherBalances(ethers, [w.seller, hostile.account], [AMOUNT / 2n, 0n]);
      expect((await mined(sent)).gasUsed).to.be.lessThan(250_000n);
      expect(await w.escrow.claimable(ZERO_ADDRESS, hostile.address)).to.equal(AMOUNT / 2n);
      await expectState(w, id, State.Released, 0n);
    });

    it(`credits one whose token hook ${mood}, and pays the other`, async () => {
      const w = await world();
      const hostile = await withContractPayee(w);
      await hostile.account.setMood(AccountMood[mood]);
      await w.token.setHooked(hostile.address, true);
      const { packed } = await locked(w, { payees: hostile.payees });
      const [gained] = await gains(w, [w.seller.address], () => w.escrow.connect(w.buyer).release(packed));
      expect(gained).to.equal(AMOUNT / 2n);
      expect(await w.escrow.claimable(w.tokenAddress, hostile.address)).to.equal(AMOUNT / 2n);
    });

    it(`lets a batch go on after one that ${mood}`, async () => {
      const w = await world();
      const hostile = await withContractPayee(w);
      await hostile.account.setMood(AccountMood[mood]);
      const bad = await delivered(w, { token: ZERO_ADDRESS, payees: hostile.payees });
      const good = await delivered(w, { rules: { salt: 2n } });
      await at((await w.escrow.dueAt(good.packed)) + 1n);
      await w.escrow.connect(w.keeper).processExpirations([bad.packed, good.packed]);
      await expectState(w, bad.id, State.Expired, 0n);
      await expectState(w, good.id, State.Expired, 0n);
      expect(await w.escrow.claimable(ZERO_ADDRESS, hostile.address)).to.equal(AMOUNT / 2n);
    });
  }

  it("credits a blacklisted payee and pays the other", async () => {
    const w = await world();
    const { packed } = await locked(w, {
      payees: payees([w.seller.address, 5_000n], [w.payee1.address, 5_000n]),
    });
    await w.token.setBlacklisted(w.payee1.address, true);
    const [gained] = await gains(w, [w.seller.address], () => w.escrow.connect(w.buyer).release(packed));
    expect(gained).to.equal(AMOUNT / 2n);
    expect(await w.escrow.claimable(w.tokenAddress, w.payee1.address)).to.equal(AMOUNT / 2n);
  });

  it("credits a blacklisted buyer, so that the seller's refund and the time-out go through", async () => {
    const w = await world();
    const { packed, id } = await locked(w);
    await w.token.setBlacklisted(w.buyer.address, true);
    await w.escrow.connect(w.seller).refund(packed);
    expect(await w.escrow.claimable(w.tokenAddress, w.buyer.address)).to.equal(AMOUNT);
    await expectState(w, id, State.Refunded, 0n);
  });

  it("cannot be 49 that burn all their gas: one transaction still pays, or credits, everybody", async () => {
    const w = await world();
    const burners: [string, bigint][] = [];
    for (let i = 0; i < 49; i += 1) {
      const account = await newAccount(w, w.stranger.address);
      await account.setMood(AccountMood.BurnsGas);
      await w.token.setHooked(account, true);
      burners.push([await account.getAddress(), 200n]);
    }
    const { packed, id } = await delivered(w, {
      payees: payees([w.seller.address, 10_000n - 49n * 200n], ...burners),
    });
    const receipt = await mined(w.escrow.connect(w.buyer).release(packed, { gasLimit: 16_777_216n }));
    expect(receipt.gasUsed).to.be.lessThan(13_000_000n);
    await expectState(w, id, State.Released, 0n);
  });
});

describe("Escrow: hostile tokens", () => {
  for (const [mood, received] of [
    ["TakesFee", (AMOUNT * 99n) / 100n],
    ["Pretends", 0n],
  ] as const)
    it(`refuses at creation one that ${mood}`, async () => {
      const w = await world();
      await w.token.setMood(TokenMood[mood]);
      await expect(w.escrow.connect(w.buyer).create(packTerms(makeTerms(w))))
        .to.be.revertedWithCustomError(w.escrow, "WrongReceived")
        .withArgs(w.tokenAddress, received, AMOUNT);
    });

  it("refuses at creation one that returns false", async () => {
    const w = await world();
    await w.token.setMood(TokenMood.ReturnsFalse);
    await expect(w.escrow.connect(w.buyer).create(packTerms(makeTerms(w)))).to.be.revertedWithCustomError(
      w.escrow,
      "SafeERC20FailedOperation",
    );
  });

  it("works with one that returns nothing", async () => {
    const w = await world();
    await w.token.setMood(TokenMood.ReturnsNothing);
    const { packed } = await locked(w);
    const [gained] = await gains(w, [w.seller.address], () => w.escrow.connect(w.buyer).release(packed));
    expect(gained).to.equal(AMOUNT);
  });

  it("works with one that reverts on zero: a share of nothing is not sent", async () => {
    const w = await world();
    await w.token.setMood(TokenMood.RevertsOnZero);
    const { packed } = await locked(w, {
      amount: 1n,
      payees: payees([w.seller.address, 9_999n], [w.payee1.address, 1n]),
    });
    const deltas = await gains(w, [w.seller.address, w.payee1.address], () =>
      w.escrow.connect(w.buyer).release(packed),
    );
    expect(deltas).to.deep.equal([0n, 1n]);
    expect(await w.escrow.claimable(w.tokenAddress, w.seller.address)).to.equal(0n);
  });

  for (const mood of ["ReturnsFalse", "BurnsGas", "ReturnBombs"] as const)
    it(`does not stop a batch with one that ${mood} when it pays`, async () => {
      const w = await world();
      const bad = await delivered(w);
      const good = await delivered(w, { token: ZERO_ADDRESS });
      await w.token.setMood(TokenMood[mood]);
      await at((await w.escrow.dueAt(good.packed)) + 1n);
      const sent = w.escrow.connect(w.keeper).processExpirations([bad.packed, good.packed]);
      await expect(sent).to.changeEtherBalances(ethers, [w.seller], [AMOUNT]);
      await expectState(w, bad.id, State.Expired, 0n);
      expect(await w.escrow.claimable(w.tokenAddress, w.seller.address)).to.equal(AMOUNT);
    });

  it("keeps a rebase downwards to the token's own escrows", async () => {
    const w = await world();
    const first = await locked(w);
    const second = await locked(w, { rules: { salt: 2n } });
    const other = await locked(w, { token: await w.authorizationToken.getAddress() });
    await w.token.rebaseDown(w.escrow, AMOUNT + 1n);
    await w.escrow.connect(w.buyer).release(other.packed);
    expect(await w.authorizationToken.balanceOf(w.seller)).to.equal(AMOUNT);
    await w.escrow.connect(w.buyer).release(first.packed);
    await w.escrow.connect(w.buyer).release(second.packed);
    expect(await w.escrow.claimable(w.tokenAddress, w.seller.address)).to.equal(AMOUNT * 2n);
  });

  it("credits when the token is gone", async () => {
    const w = await world();
    const { packed } = await locked(w);
    await networkHelpers.setCode(w.tokenAddress, "0x");
    await w.escrow.connect(w.buyer).release(packed);
    expect(await w.escrow.claimable(w.tokenAddress, w.seller.address)).to.equal(AMOUNT);
  });
});

describe("Escrow: reentrancy", () => {
  /** What came of the account's calls during a transaction. */
  function outcomes(account: Account, receipt: ContractTransactionReceipt) {
    const { interface: abi } = account;
    const logs = receipt.logs.filter(({ topics }) => topics[0] === abi.getEvent("Called").topicHash);
    return logs.map((log) => abi.decodeEventLog("Called", log.data).toArray() as [boolean, string]);
  }

  /** The escrow's buyer is a contract that is paid a refund and calls back. */
  async function reenter(w: World, token: string, data: (packed: ReturnType<typeof packTerms>) => string) {
    const account = await buyerAccount(w);
    const buyer = await account.getAddress();
    await w.token.setHooked(buyer, true);
    const terms = makeTerms(w, { buyer, token });
    const packed = packTerms(terms);
    const value = token === ZERO_ADDRESS ? AMOUNT : 0n;
    const create = w.escrow.interface.encodeFunctionData("create", [packed]);
    await account.execute(w.deployment.escrow, value, create, { value });
    await account.setCall(w.deployment.escrow, data(packed));
    await account.setMood(AccountMood.Calls);
    return outcomes(account, await mined(w.escrow.connect(w.seller).refundPartial(packed, 1n)));
  }

  for (const kind of ["native", "token"] as const)
    for (const name of [
      "release",
      "fileDispute",
      "deliver",
      "refund",
      "expire",
      "claim",
      "escrowOf",
      "dueAt",
    ] as const)
      it(`refuses ${name} while paying (${kind})`, async () => {
        const w = await world();
        const encode = w.escrow.interface.encodeFunctionData.bind(w.escrow.interface);
        const selector = w.escrow.interface.getError("ReentrancyGuardReentrantCall")?.selector;
        const called = await reenter(w, kind === "native" ? ZERO_ADDRESS : w.tokenAddress, (packed) => {
          if (name === "claim") return encode("claim", [ZERO_ADDRESS, w.stranger.address]);
          if (name === "escrowOf") return encode("escrowOf", [ethers.ZeroHash]);
          return encode(name as "release", [packed]);
        });
        expect(called).to.deep.equal([[false, selector]]);
      });

  it("refuses a second creation while the first takes its money", async () => {
    const w = await world();
    const account = await buyerAccount(w);
    const buyer = await account.getAddress();
    await w.token.setHooked(buyer, true);
    const inner = packTerms(makeTerms(w, { buyer, rules: { salt: 2n } }));
    await account.setCall(w.deployment.escrow, w.escrow.interface.encodeFunctionData("create", [inner]));
    await account.setMood(AccountMood.Calls);
    const outer = packTerms(makeTerms(w, { buyer }));
    const create = w.escrow.interface.encodeFunctionData("create", [outer]);
    const called = outcomes(account, await mined(account.execute(w.deployment.escrow, 0n, create)));
    expect(called.map(([success]) => success)).to.deep.equal([false]);
  });
});

describe("Escrow: gas", () => {
  it("refuses to credit because the caller left too little: for every limit, all is paid or all reverts", async () => {
    const w = await world();
    const { packed, id } = await delivered(w);
    let reverted = 0;
    for (let gasLimit = 60_000n; gasLimit < 260_000n; gasLimit += 20_000n) {
      const snapshot = await networkHelpers.takeSnapshot();
      const sent = await w.escrow
        .connect(w.buyer)
        .release(packed, { gasLimit })
        .catch(() => null);
      if (sent === null) reverted += 1;
      else expect(await w.token.balanceOf(w.seller)).to.equal(AMOUNT);
      expect(await w.escrow.claimable(w.tokenAddress, w.seller.address)).to.equal(0n);
      await snapshot.restore();
    }
    expect(reverted).to.equal(9);
    await expectState(w, id, State.AwaitingRelease, AMOUNT);
  });

  it("says what is missing", async () => {
    const w = await world();
    const { packed } = await delivered(w, { token: ZERO_ADDRESS });
    await expect(
      w.escrow.connect(w.buyer).release(packed, { gasLimit: 110_000n }),
    ).to.be.revertedWithCustomError(w.escrow, "InsufficientGas");
  });
});

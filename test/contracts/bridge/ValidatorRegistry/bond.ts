/*
topUp, exit, withdraw, unjail: the operator's; who has exited stays out
withdraw
├── not exited, or a slash pending: refused
├── before the unbonding time, counted from leaving the sets: refused
│   ├── in no set: from the exit
│   ├── in the last set: from its expiry
│   └── not in the last set: from the first without it
└── else what is left
*/
import { expect } from "chai";
import {
  ethers,
  load,
  MINIMUM,
  networkHelpers,
  operatorOf,
  PERIODS,
  reporter,
  thief,
  treasury,
  validator,
  type World,
  ZERO,
} from "../slashing-world.ts";

const { time } = networkHelpers;

async function setUp() {
  const { world, set } = await load();
  const operator = await operatorOf(0);
  const key = validator(0).key;
  const registry = world.registry.connect(operator);
  const slashing = await ethers.getImpersonatedSigner(await world.slashing.getAddress());
  await networkHelpers.setBalance(slashing.address, 10n ** 20n);
  const judge = world.registry.connect(slashing);
  const refused = (sent: Promise<unknown>, error: string) =>
    expect(sent).to.be.revertedWithCustomError(world.registry, error);
  return { world, set, operator, key, registry, judge, refused };
}

const fundsOf = async (world: World) => {
  const { held, bonded, slashed, rewards } = await world.registry.funds();
  expect(held).to.equal(await world.token.balanceOf(world.registry));
  return { held, bonded, slashed, rewards };
};

describe("ValidatorRegistry: bonds", () => {
  it("grow by the operator's hand alone, until the exit", async () => {
    const { world, key, registry, refused } = await setUp();
    await world.fund(0, MINIMUM);
    await expect(registry.topUp(key, MINIMUM))
      .to.emit(registry, "BondAdded")
      .withArgs(key, MINIMUM, 2n * MINIMUM);
    await refused(world.registry.connect(thief).topUp(key, 1), "NotOperator");
    await refused(registry.topUp(validator(9).key, 1), "UnknownValidator");
    await refused(registry.topUp(key, 0), "NothingToPay");
    await registry.exit(key);
    await refused(registry.topUp(key, 1), "ValidatorGone");
    await refused(registry.exit(key), "ValidatorGone");
  });

  it("stay for the unbonding time from the first set without the validator", async () => {
    const { world, key, registry, operator, refused } = await setUp();
    await refused(registry.withdraw(key, operator), "NotExited");
    await registry.exit(key);
    await time.increase(3 * PERIODS.epochLength);
    await world.form();
    const { formedAt } = await registry.epochOf(2);
    const due = Number(formedAt) + PERIODS.unbonding;
    expect(await registry.withdrawableAt(key)).to.equal(due);
    await time.increaseTo(due - 2);
    await expect(registry.withdraw(key, operator))
      .to.be.revertedWithCustomError(registry, "StillBonded")
      .withArgs(key, due);
    await refused(world.registry.connect(thief).withdraw(key, thief), "NotOperator");
    await refused(registry.withdraw(key, ZERO), "StillBonded");
    await time.increaseTo(due);
    await expect(registry.withdraw(key, reporter)).to.changeTokenBalance(
      ethers,
      world.token,
      reporter,
      MINIMUM,
    );
    await refused(registry.withdraw(key, operator), "NothingToPay");
  });

  it("come free even where nobody forms another set: from the last one's expiry", async () => {
    const { set, key, registry, operator } = await setUp();
    await registry.exit(key);
    expect(await registry.withdrawableAt(key)).to.equal(Number(set.expiresAt) + PERIODS.unbonding);
    await time.increaseTo(Number(set.expiresAt) + PERIODS.unbonding);
    await expect(registry.withdraw(key, operator)).to.emit(registry, "BondWithdrawn");
  });

  it("count from the exit for one that was in no set", async () => {
    const { world, registry, operator } = await setUp();
    await world.join(9, { operator: 0 });
    await registry.exit(validator(9).key);
    const now = await time.latest();
    expect(await registry.withdrawableAt(validator(9).key)).to.equal(now + PERIODS.unbonding);
    await time.increase(PERIODS.unbonding);
    await registry.withdraw(validator(9).key, operator);
  });

  it("stay while a slash is pending: exiting to escape a slash fails", async () => {
    const { world, key, registry, judge, operator } = await setUp();
    await registry.exit(key);
    await judge.hold(key);
    await time.increase(60 * 86_400);
    await expect(registry.withdraw(key, operator))
      .to.be.revertedWithCustomError(world.registry, "SlashIsPending")
      .withArgs(key, 1);
    await judge.slash(key, MINIMUM / 4n, reporter);
    await judge.release(key);
    await expect(registry.withdraw(key, operator)).to.changeTokenBalance(
      ethers,
      world.token,
      operator,
      (MINIMUM * 3n) / 4n,
    );
  });

  it("of a tombstoned validator stay for the unbonding time from then", async () => {
    const { world, key, registry, judge, operator, refused } = await setUp();
    await registry.exit(key);
    await time.increase(PERIODS.epochLength);
    await world.form();
    await time.increase(PERIODS.unbonding - 100);
    await judge.tombstone(key);
    await time.increase(PERIODS.unbonding - 100);
    await refused(registry.withdraw(key, operator), "StillBonded");
    await time.increase(100);
    await registry.withdraw(key, operator);
  });
});

describe("ValidatorRegistry: punishment", () => {
  it("is the slashing contract's alone", async () => {
    const { world, key, refused } = await setUp();
    const stranger = world.registry.connect(thief);
    await refused(stranger.slash(key, 1, thief), "NotSlashing");
    await refused(stranger.jail(key), "NotSlashing");
    await refused(stranger.tombstone(key), "NotSlashing");
    await refused(stranger.hold(key), "NotSlashing");
    await refused(stranger.release(key), "NotSlashing");
    // Governance has no way to a bond.
    const taking = world.registry.interface.encodeFunctionData("slash", [key, 1, ZERO]);
    await refused(world.govern(taking), "NotSlashing");
  });

  it("credits the reporter and the treasury, who take it themselves", async () => {
    const { world, key, judge, refused } = await setUp();
    expect(await judge.slash.staticCall(key, 2n * MINIMUM, reporter)).to.equal(MINIMUM);
    await judge.slash(key, 1_005n, reporter);
    expect(await fundsOf(world)).to.deep.equal({
      held: 10n * MINIMUM,
      bonded: 10n * MINIMUM - 1_005n,
      slashed: 905n,
      rewards: 100n,
    });
    await refused(world.registry.connect(thief).claimReward(thief), "NothingToPay");
    await expect(world.registry.connect(reporter).claimReward(thief)).to.changeTokenBalance(
      ethers,
      world.token,
      thief,
      100n,
    );
    await expect(world.registry.connect(thief).payTreasury()).to.changeTokenBalance(
      ethers,
      world.token,
      treasury,
      905n,
    );
    await refused(world.registry.payTreasury(), "NothingToPay");
    await refused(world.registry.connect(reporter).claimReward(reporter), "NothingToPay");
    expect((await fundsOf(world)).held).to.equal(10n * MINIMUM - 1_005n);
  });

  it("by jail leaves the next set, until unjailed after its time with bond enough", async () => {
    const { world, key, registry, judge, refused } = await setUp();
    await refused(registry.unjail(key), "NotJailed");
    await judge.slash(key, 1n, ZERO);
    await judge.jail(key);
    expect((await world.eligible()).map((one) => one.key)).not.to.include(key);
    await refused(registry.unjail(key), "StillJailed");
    await time.increase(PERIODS.jailTime);
    await refused(world.registry.connect(thief).unjail(key), "NotOperator");
    await refused(registry.unjail(key), "BondTooSmall");
    await world.fund(0, 1n);
    await registry.topUp(key, 1);
    expect((await registry.validatorOf(key)).isEligible).to.equal(false);
    await registry.unjail(key);
    expect((await registry.validatorOf(key)).isEligible).to.equal(true);
  });

  it("by tombstone is for good", async () => {
    const { world, key, registry, judge, refused } = await setUp();
    await judge.tombstone(key);
    await judge.jail(key);
    await judge.tombstone(key);
    await world.fund(0, MINIMUM);
    await refused(registry.unjail(key), "ValidatorGone");
    await refused(registry.topUp(key, 1), "ValidatorGone");
    expect((await registry.operatorOf(await operatorOf(0))).validators).to.equal(0n);
  });

  it("by a slash below the minimum leaves the next set too", async () => {
    const { registry, key, judge } = await setUp();
    await judge.slash(key, 1n, ZERO);
    expect((await registry.validatorOf(key)).isEligible).to.equal(false);
  });
});

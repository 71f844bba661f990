/*
formSet
├── too soon after the last, unless a member was jailed or tombstoned since: refused
├── fewer than two members: refused
├── not exactly as many as seats and caps allow, not ascending, not eligible: refused
├── more of one operator than its cap or its seats: refused
└── else the set, its hash, its times and its members' bonds
*/
import { expect } from "chai";
import { AbiCoder, keccak256 } from "ethers";
import {
  account,
  deployWorld,
  ethers,
  load,
  MINIMUM,
  networkHelpers,
  operatorOf,
  PERIODS,
  Scheme,
  thief,
  validator,
  type ValidatorSet,
  type World,
} from "../slashing-world.ts";

const { time } = networkHelpers;
const SET =
  "tuple(uint64 epoch,uint64 expiresAt,uint32 overlap,uint16 threshold,uint8 scheme,bytes32[] members)";
const hashOf = (set: ValidatorSet) => keccak256(AbiCoder.defaultAbiCoder().encode([SET], [set]));
const keysOf = (members: number[]) => members.map((i) => validator(i).key).sort();

async function judgeOf(world: World) {
  const slashing = await world.slashing.getAddress();
  await networkHelpers.setBalance(slashing, 10n ** 20n);
  return world.registry.connect(await ethers.getImpersonatedSigner(slashing));
}
const refused = (world: World, sent: Promise<unknown>, error: string) =>
  expect(sent).to.be.revertedWithCustomError(world.registry, error);

describe("ValidatorRegistry.formSet", () => {
  it("forms the set of everybody eligible, by anybody's hand", async () => {
    const { world, set } = await load();
    const { formedAt, expiresAt, totalStake } = await world.registry.epochOf(1);
    expect(set).to.deep.equal({
      epoch: 1n,
      expiresAt: formedAt + BigInt(PERIODS.validity),
      overlap: BigInt(PERIODS.overlap),
      threshold: 3n,
      scheme: 0n,
      members: keysOf([0, 1, 2, 3]),
    });
    expect(await world.registry.validatorSetHash(1)).to.equal(hashOf(set));
    expect([expiresAt, totalStake]).to.deep.equal([set.expiresAt, 10n * MINIMUM]);
    for (const i of [0, 1, 2, 3])
      expect(await world.registry.stakeAt(validator(i).key, 1)).to.equal(MINIMUM * BigInt(i + 1));
  });

  it("keeps stakes by epoch: of members as they were then, of nobody else", async () => {
    const { world } = await load();
    const { registry } = world;
    const { key } = validator(0);
    const next = async () => {
      await time.increase(PERIODS.epochLength);
      await world.form();
    };
    await world.fund(0, MINIMUM);
    await registry.connect(await operatorOf(0)).topUp(key, MINIMUM);
    await next(); // 2: with twice the bond
    const judge = await judgeOf(world);
    await judge.jail(key);
    await next(); // 3: without it
    await next(); // 4: without it
    await registry.connect(await operatorOf(0)).unjail(key);
    await next(); // 5: again
    await next(); // 6: again
    const stakes = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map((e) => registry.stakeAt(key, e)));
    expect(stakes).to.deep.equal([0n, 1n, 2n, 0n, 0n, 2n, 2n, 0n].map((n) => n * MINIMUM));
    expect(await registry.totalStakeAt(3)).to.equal(9n * MINIMUM);
    expect(await registry.totalStakeAt(6)).to.equal(11n * MINIMUM);
  });

  it("waits for the epoch's length, but not after an offence, and then leaves no overlap", async () => {
    const { world } = await load();
    await refused(world, world.form(), "EpochTooShort");
    const judge = await judgeOf(world);
    await judge.jail(validator(0).key);
    const second = await world.form();
    expect([second.epoch, second.overlap, second.members.length]).to.deep.equal([2n, 0n, 3]);
    // The loss is dealt with: the next set waits again, and so it does for one that was no member any more.
    await judge.tombstone(validator(0).key);
    await refused(world, world.form(), "EpochTooShort");
    await time.increase(PERIODS.epochLength);
    expect((await world.form()).overlap).to.equal(BigInt(PERIODS.overlap));
  });

  it("leaves out nobody eligible, and lets in nobody else", async () => {
    const { world } = await load();
    await world.join(4);
    await time.increase(PERIODS.epochLength);
    const form = (keys: string[], blsKeys: string[] = []) =>
      world.registry.connect(thief).formSet(keys, blsKeys);
    const all = keysOf([0, 1, 2, 3, 4]);
    await expect(form(all.slice(1)))
      .to.be.revertedWithCustomError(world.registry, "WrongSetSize")
      .withArgs(4, 5);
    await refused(world, form([...all.slice(1), all[1] ?? ""].sort()), "MembersNotAscending");
    await refused(world, form(all.toReversed()), "MembersNotAscending");
    await refused(world, form(keysOf([0, 1, 2, 3, 9])), "NotEligible");
    await refused(world, form(all, [validator(0).blsKey]), "WrongBlsKeys");
    await form(all);
  });

  it("one party that controls everything: operator cap", async () => {
    // One operator with ten seats is no set at all.
    const alone = await deployWorld({ operators: [{ operator: 0, seats: 10 }] });
    for (let i = 0; i < 5; i++) await alone.join(i, { operator: 0 });
    expect(await alone.registry.setSize()).to.equal(1n);
    await refused(alone, alone.registry.formSet(keysOf([0]), []), "TooFewMembers");

    // Beside four others: 9 would cap it at 2, which leaves 6; 6 caps it at 1, which leaves 5; and so it stays.
    const seats = [0, 1, 2, 3, 4].map((operator) => ({ operator, seats: operator === 0 ? 10 : 1 }));
    const world = await deployWorld({ operators: seats });
    for (let i = 0; i < 5; i++) await world.join(i, { operator: 0 });
    for (let i = 5; i < 9; i++) await world.join(i, { operator: i - 4 });
    expect(await world.registry.setSize()).to.equal(5n);
    // cap(5) = 1: with two of the large operator somebody else is left out, and nobody may be.
    await refused(world, world.registry.formSet(keysOf([0, 1, 5, 6, 7]), []), "OperatorCapExceeded");
    await world.registry.formSet(keysOf([3, 5, 6, 7, 8]), []);
    expect(await world.registry.stakeAt(validator(3).key, 1)).to.equal(MINIMUM);
  });

  it("takes the largest set that the caps allow: nobody can form a smaller one that obeys them too", async () => {
    // Four operators of two: 8 obeys the cap of 8, which is 2; and 4 would obey the cap of 4, which is 1.
    const world = await deployWorld();
    for (let i = 0; i < 8; i++) await world.join(i, { operator: i % 4 });
    expect(await world.registry.setSize()).to.equal(8n);
    await refused(world, world.registry.formSet(keysOf([0, 1, 2, 3]), []), "WrongSetSize");
    await world.registry.formSet(keysOf([0, 1, 2, 3, 4, 5, 6, 7]), []);
  });

  it("counts seats: governance takes them away without touching bonds", async () => {
    const { world } = await load();
    await time.increase(PERIODS.epochLength);
    const operator = await operatorOf(0);
    const setOperator = (seats: number) =>
      world.govern(world.registry.interface.encodeFunctionData("setOperator", [operator.address, seats]));
    await setOperator(0);
    expect(await world.registry.setSize()).to.equal(3n);
    await refused(world, world.registry.formSet(keysOf([0, 1, 2]), []), "OperatorCapExceeded");
    await world.registry.formSet(keysOf([1, 2, 3]), []);
    expect((await world.registry.validatorOf(validator(0).key)).bond).to.equal(MINIMUM);
    await world.registry.connect(operator).exit(validator(0).key);
    await setOperator(2);
    await refused(world, setOperator(127), "TooManySeats");
    expect(await world.registry.operators()).to.have.length(5);
    await refused(world, world.registry.connect(thief).setOperator(thief, 1), "NotGovernance");
  });

  it("has a threshold of at least two, above half, and the share of governance", async () => {
    const { world } = await load();
    const of = (size: number) => world.registry.threshold(size);
    const expected = { 2: 2n, 3: 2n, 4: 3n, 5: 4n, 6: 4n, 7: 5n, 13: 9n, 19: 13n, 126: 84n };
    for (const [size, m] of Object.entries(expected)) expect(await of(Number(size))).to.equal(m);
    const setThreshold = (bps: number) =>
      world.govern(world.registry.interface.encodeFunctionData("setThreshold", [bps]));
    await setThreshold(6_000);
    expect(await of(5)).to.equal(3n);
    await setThreshold(5_000);
    for (const [size, m] of [
      [2, 2n],
      [3, 2n],
      [4, 3n],
      [5, 3n],
      [6, 4n],
    ] as const)
      expect(await of(size)).to.equal(m);
    await refused(world, setThreshold(4_999), "InvalidShare");
    await refused(world, world.registry.connect(thief).setThreshold(6_000), "NotGovernance");
  });

  it("forms sets of BLS keys, in the order of the Ed25519 keys, of those who have one", async () => {
    const { world } = await load();
    await world.join(4);
    await world.govern(world.registry.interface.encodeFunctionData("setScheme", [Scheme.BLS12381]));
    await time.increase(PERIODS.epochLength);
    expect(await world.registry.setSize()).to.equal(4n);
    const members = [0, 1, 2, 3].map(validator).sort((a, b) => (a.key < b.key ? -1 : 1));
    const keys = members.map(({ key }) => key);
    const blsKeys = members.map(({ blsKey }) => blsKey);
    await refused(world, world.registry.formSet(keys, []), "WrongBlsKeys");
    await refused(world, world.registry.formSet(keys, blsKeys.toReversed()), "WrongBlsKey");
    await refused(world, world.registry.formSet(keysOf([0, 1, 2, 4]), blsKeys), "NotEligible");
    const id = await world.keySets.createSet.staticCall(blsKeys);
    const sent = await world.registry.formSet(keys, blsKeys);
    const set = await world.setIn(await sent.wait());
    expect([set.scheme, set.threshold, set.members]).to.deep.equal([1n, 3n, [id]]);
    await expect(sent)
      .to.emit(world.registry, "MembersElected")
      .withArgs(2, keys, 10n * MINIMUM);
    expect(await world.registry.validatorSetHash(2)).to.equal(hashOf(set));
    await refused(world, world.registry.connect(await account(2)).setScheme(0), "NotGovernance");
  });
});

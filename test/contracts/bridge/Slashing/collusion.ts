import { expect } from "chai";
import { judgeCollusion, ONE } from "../../../../relayer/bridge/core/slashing.ts";
import {
  DAY,
  lie,
  load,
  MINIMUM,
  networkHelpers,
  operatorOf,
  PERIODS,
  reporter,
  thief,
  validator,
  type World,
  ZERO_HASH,
} from "../slashing-world.ts";

/** Stakes are 1, 2, 3 and 4 times the minimum: 10 in all. */
const TOTAL = 10n * MINIMUM;
const stakeOf = (i: number) => MINIMUM * BigInt(i + 1);
const keysOf = (members: number[]) => members.map((i) => validator(i).key).sort();

async function doubleSign(world: World, i: number, nonce = 5) {
  const place = await world.place(nonce);
  const evidence = {
    key: validator(i).key,
    place,
    first: world.signed(i, place, lie("a")),
    second: world.signed(i, place, lie("b")),
  };
  await world.commit("DoubleSigning", evidence);
  await world.slashing.connect(reporter).submitDoubleSigning(evidence, ZERO_HASH);
}

async function colluded(members: number[]) {
  const { world } = await load();
  for (const i of members) await doubleSign(world, i);
  const place = await world.place(5);
  const collude = (of: number[], by = thief) => world.slashing.connect(by).collude(place, keysOf(of));
  const bondOf = async (i: number) => (await world.registry.validatorOf(validator(i).key)).bond;
  return { world, place, collude, bondOf };
}

describe("Slashing.collude", () => {
  it("raises the penalty to three times the common share", async () => {
    const { world, collude, bondOf } = await colluded([0, 1]);
    // Together 3 of 10: nine tenths of each one's stake.
    await expect(collude([0, 1])).to.emit(world.slashing, "CollusionPunished");
    for (const i of [0, 1]) expect(await bondOf(i)).to.equal(stakeOf(i) - (stakeOf(i) * 9n) / 10n);
    expect(await world.registry.rewardOf(thief)).to.equal(0n);
  });

  it("takes the difference alone as the share grows, and nothing a second time", async () => {
    const { world, place, collude, bondOf } = await colluded([0, 1]);
    await collude([0, 1]);
    await expect(collude([0, 1])).not.to.emit(world.registry, "BondSlashed");
    await doubleSign(world, 2);
    // Fewer of them are a smaller share: nothing is given back.
    await collude([0, 2]);
    expect(await bondOf(0)).to.equal(0n);
    await collude([0, 1, 2]);
    for (const i of [0, 1, 2]) {
      expect(await bondOf(i)).to.equal(0n);
      expect((await world.slashing.recordOf(validator(i).key, place)).paid).to.equal(stakeOf(i));
    }
  });

  it("agrees with TypeScript", async () => {
    const { world, place, collude, bondOf } = await colluded([0, 1]);
    const before = await Promise.all([0, 1].map(bondOf));
    const { share, taken } = judgeCollusion(
      [0, 1].map((i) => ({
        stake: stakeOf(i),
        totalStake: TOTAL,
        paid: stakeOf(i) / 20n,
        bond: before[i] ?? 0n,
      })),
    );
    expect(share).to.equal((3n * ONE) / 10n);
    const sum = taken.reduce((a, b) => a + b);
    await expect(collude([0, 1]))
      .to.emit(world.slashing, "CollusionPunished")
      .withArgs((id: string) => id.length === 66, 2, share, sum);
    for (const i of [0, 1]) expect(await bondOf(i)).to.equal((before[i] ?? 0n) - (taken[i] ?? 0n));
    expect((await world.slashing.recordOf(validator(0).key, place)).provenAt).to.be.greaterThan(0n);
  });

  it("counts those proven within the window only", async () => {
    const { world, collude } = await colluded([0]);
    // Evidence of epoch 1 expires after 13 days, before the window of 14 ends: the far proof comes from a later epoch.
    for (let epoch = 2; epoch <= 3; epoch++) {
      await networkHelpers.time.increase(PERIODS.validity);
      await world.form();
    }
    await networkHelpers.time.increase(DAY);
    const place = await world.place(5);
    const evidence = {
      key: validator(1).key,
      place,
      first: world.signed(1, place, lie("a"), { epoch: 3n }),
      second: world.signed(1, place, lie("b"), { epoch: 3n }),
    };
    await world.commit("DoubleSigning", evidence);
    await world.slashing.connect(reporter).submitDoubleSigning(evidence, ZERO_HASH);
    await expect(collude([0, 1])).to.be.revertedWithCustomError(world.slashing, "ProofsTooFarApart");
  });

  it("refuses one alone, the innocent, another place and duplicates", async () => {
    const { world, place, collude } = await colluded([0, 1]);
    const refused = (sent: Promise<unknown>, error: string) =>
      expect(sent).to.be.revertedWithCustomError(world.slashing, error);
    await refused(collude([0]), "TooFewColluders");
    await refused(collude([0, 2]), "NothingProven");
    const key = validator(0).key;
    await refused(world.slashing.collude(place, [key, key]), "ColludersNotAscending");
    await refused(world.slashing.collude({ ...place, nonce: 6n }, keysOf([0, 1])), "NothingProven");
  });

  it("finds the bond of a colluder that had exited before: being tombstoned starts its time anew", async () => {
    const { world, collude, bondOf } = await colluded([]);
    const key = validator(0).key;
    const operator = await operatorOf(0);
    await world.registry.connect(operator).exit(key);
    await networkHelpers.time.increase(PERIODS.epochLength);
    await world.form();
    // The last moment at which its signatures of epoch 1 are evidence.
    const { expiresAt } = await world.registry.epochOf(1);
    await networkHelpers.time.increaseTo(Number(expiresAt) + PERIODS.evidenceWindow - 60);
    await doubleSign(world, 0);
    await doubleSign(world, 1);
    await networkHelpers.time.increase(10 * DAY);
    await expect(world.registry.connect(operator).withdraw(key, operator)).to.be.revertedWithCustomError(
      world.registry,
      "StillBonded",
    );
    await collude([0, 1]);
    expect(await bondOf(0)).to.equal(MINIMUM / 10n);
  });
});

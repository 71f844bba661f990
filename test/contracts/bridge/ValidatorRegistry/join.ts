/*
join
├── no free seat: refused
├── a key that was used before, by whomever, in or out: refused
├── a key that is not canonical or of small order: refused; of mixed order: taken, by the cofactored rule
├── a proof by another key, for another operator, registry or BLS key: refused
├── a BLS key that is not proven, not the operator's, or used: refused
├── a bond below the minimum, or other than what arrives: refused
└── else in
*/
import { expect } from "chai";
import { getBytes, hexlify, keccak256 } from "ethers";
import { mixedKey, signMixed, torsion } from "../../crypto/signatures.ts";
import {
  deployWorld,
  ethers,
  load,
  MINIMUM,
  networkHelpers,
  operatorOf,
  PERIODS,
  Scheme,
  validator,
  ZERO,
  ZERO_HASH,
} from "../slashing-world.ts";

async function setUp() {
  const { world } = await load();
  const operator = await operatorOf(4);
  await world.fund(4, 10n * MINIMUM);
  const registry = world.registry.connect(operator);
  const refused = (sent: Promise<unknown>, error: string) =>
    expect(sent).to.be.revertedWithCustomError(world.registry, error);
  return { world, operator, registry, refused };
}

describe("ValidatorRegistry.join", () => {
  it("takes the bond, and keeps who joined with what", async () => {
    const { world, operator, registry } = await setUp();
    await world.proveBls(9);
    const admission = await world.admission(9, operator.address, { bond: 2n * MINIMUM, hasBls: true });
    const sent = registry.join(admission);
    const { blsKey } = validator(9);
    await expect(sent)
      .to.emit(registry, "ValidatorJoined")
      .withArgs(admission.key, operator.address, 2n * MINIMUM, keccak256(blsKey));
    await expect(sent).to.changeTokenBalances(
      ethers,
      world.token,
      [operator, world.registry],
      [-2n * MINIMUM, 2n * MINIMUM],
    );
    const kept = await registry.validatorOf(admission.key);
    expect([kept.operator, kept.bond, kept.isEligible]).to.deep.equal([operator.address, 2n * MINIMUM, true]);
    expect(await registry.validatorOfBls(keccak256(blsKey))).to.equal(admission.key);
  });

  it("refuses operators without a free seat", async () => {
    const { world, operator, registry, refused } = await setUp();
    const stranger = await operatorOf(9);
    await refused(
      world.registry.connect(stranger).join(await world.admission(9, stranger.address)),
      "NoSeat",
    );
    for (const i of [9, 10]) await registry.join(await world.admission(i, operator.address));
    await expect(registry.join(await world.admission(11, operator.address)))
      .to.be.revertedWithCustomError(registry, "NoSeat")
      .withArgs(operator.address, 2, 2);
  });

  it("refuses a key registered twice, also after its exit and withdrawal", async () => {
    const { world, operator, registry, refused } = await setUp();
    const admission = await world.admission(0, operator.address);
    await refused(registry.join(admission), "KeyUsed");
    const first = await operatorOf(0);
    const { key } = validator(0);
    await world.registry.connect(first).exit(key);
    await networkHelpers.time.increase(PERIODS.epochLength);
    await world.form();
    await networkHelpers.time.increase(PERIODS.unbonding);
    await world.registry.connect(first).withdraw(key, first);
    await refused(registry.join(admission), "KeyUsed");
    await world.fund(0, MINIMUM);
    await refused(world.registry.connect(first).join(await world.admission(0, first.address)), "KeyUsed");
  });

  it("refuses small-order and non-canonical keys, and takes mixed-order ones by the cofactored rule", async () => {
    const { world, operator, registry } = await setUp();
    const bad = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => hexlify(torsion(n).toBytes()));
    bad.push("0x" + "ff".repeat(32), "0xeeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
    for (const key of bad) {
      const admission = { key, bond: MINIMUM, proof: "0x" + "00".repeat(64), blsKey: "0x", blsProof: "0x" };
      await expect(registry.join(admission))
        .to.be.revertedWithCustomError(registry, "KeyRefused")
        .withArgs(key);
    }
    const mixed = mixedKey(77, 3);
    const key = hexlify(mixed.key);
    const digest = getBytes(await registry.joinDigest(operator, key, ZERO_HASH));
    const proof = signMixed(digest, mixed, 5);
    await registry.join({ key, bond: MINIMUM, proof, blsKey: "0x", blsProof: "0x" });
    expect((await registry.validatorOf(key)).isEligible).to.equal(true);
    expect((await world.registry.operatorOf(operator)).eligible).to.equal(1n);
  });

  it("refuses a copied proof, and one by another key", async () => {
    const { world, operator, registry, refused } = await setUp();
    const victim = await operatorOf(5);
    await refused(registry.join(await world.admission(9, victim.address)), "InvalidPossession");
    const mine = await world.admission(9, operator.address);
    await refused(registry.join({ ...mine, proof: "0x" }), "InvalidPossession");
    await refused(registry.join({ ...mine, key: validator(10).key }), "InvalidPossession");
    // A signature for this registry is none for another.
    const other = await deployWorld();
    await refused(registry.join(await other.admission(9, operator.address)), "InvalidPossession");
  });

  it("refuses BLS keys that are not proven, another's, or used", async () => {
    const { world, operator, registry, refused } = await setUp();
    const admission = await world.admission(9, operator.address, { hasBls: true });
    await refused(registry.join(admission), "BlsKeyNotProven");
    await world.proveBls(9);
    await refused(registry.join({ ...admission, blsProof: admission.proof }), "InvalidPossession");
    // Validator 0's key is proven and on the chain, but the thief cannot sign for it.
    const stolen = validator(0).blsKey;
    const plain = await world.admission(9, operator.address);
    await refused(
      registry.join({ ...plain, blsKey: stolen, blsProof: admission.blsProof }),
      "InvalidPossession",
    );
    await registry.join(admission);
    await refused(registry.addBlsKey(admission.key, admission.blsKey, admission.blsProof), "BlsKeyPresent");
    await registry.join(await world.admission(10, operator.address));
    await refused(registry.addBlsKey(validator(10).key, admission.blsKey, admission.blsProof), "KeyUsed");
  });

  it("adds a BLS key later, by the operator alone", async () => {
    const { world, operator, registry, refused } = await setUp();
    await registry.join(await world.admission(9, operator.address));
    await world.proveBls(9);
    const { key, blsKey, blsProof } = await world.admission(9, operator.address, { hasBls: true });
    await refused(
      world.registry.connect(await operatorOf(0)).addBlsKey(key, blsKey, blsProof),
      "NotOperator",
    );
    await expect(registry.addBlsKey(key, blsKey, blsProof)).to.emit(registry, "BlsKeyAdded");
    expect((await registry.operatorOf(operator)).eligibleBls).to.equal(1n);
  });

  it("refuses bonds that are too small, and tokens that hand over less", async () => {
    const { world, operator, registry } = await setUp();
    await expect(registry.join(await world.admission(9, operator.address, { bond: MINIMUM - 1n })))
      .to.be.revertedWithCustomError(registry, "BondTooSmall")
      .withArgs(MINIMUM - 1n, MINIMUM);
    const admission = await world.admission(9, operator.address);
    await expect(registry.join(admission, { value: 1 }))
      .to.be.revertedWithCustomError(registry, "ValueMismatch")
      .withArgs(1, 0);
    for (const [mood, received] of [
      [1, (MINIMUM * 99n) / 100n],
      [7, 0n],
    ] as const) {
      await world.token.setMood(mood);
      await expect(registry.join(admission))
        .to.be.revertedWithCustomError(registry, "AmountMismatch")
        .withArgs(received, MINIMUM);
    }
  });

  it("takes native bonds, exactly", async () => {
    const world = await deployWorld({ isNative: true });
    const operator = await operatorOf(0);
    const registry = world.registry.connect(operator);
    const admission = await world.admission(0, operator.address);
    await expect(registry.join(admission, { value: MINIMUM - 1n }))
      .to.be.revertedWithCustomError(registry, "ValueMismatch")
      .withArgs(MINIMUM - 1n, MINIMUM);
    await registry.join(admission, { value: MINIMUM });
    await registry.exit(admission.key);
    await networkHelpers.time.increase(PERIODS.unbonding);
    await expect(registry.withdraw(admission.key, operator)).to.changeEtherBalances(
      ethers,
      [operator, world.registry],
      [MINIMUM, -MINIMUM],
    );
  });
});

describe("ValidatorRegistry: deployment", () => {
  it("refuses periods and shares that do not fit together", async () => {
    const { world } = await setUp();
    const deploy = (changed: object, threshold = 6_666) =>
      ethers.deployContract("ValidatorRegistry", [
        { ...world.config, ...changed } as never,
        [],
        threshold,
        Scheme.Ed25519,
      ]);
    const bad: [object, string, number?][] = [
      [{ unbonding: PERIODS.validity + PERIODS.evidenceWindow }, "UnbondingTooShort"],
      [{ operatorCapBps: 5_001 }, "InvalidShare"],
      [{ operatorCapBps: 0 }, "InvalidShare"],
      [{ rewardBps: 5_001 }, "InvalidShare"],
      [{ minimumBond: 0 }, "ZeroParameter"],
      [{ epochLength: PERIODS.validity }, "ZeroParameter"],
      [{ treasury: ZERO }, "ZeroAddress"],
      [{ slashing: ZERO }, "ZeroAddress"],
      [{}, "InvalidShare", 4_999],
      [{}, "InvalidShare", 10_001],
    ];
    for (const [changed, error, threshold] of bad)
      await expect(deploy(changed, threshold)).to.be.revertedWithCustomError(world.registry, error);
    await expect(deploy({ governance: await operatorOf(0) })).to.be.revertedWithCustomError(
      world.registry,
      "GovernanceWithoutCode",
    );
  });
});

import { expect } from "chai";
import { keccak256 } from "ethers";
import {
  AWAY,
  AWAY_OUTBOX,
  AWAY_WITNESS,
  DAY,
  HOME,
  inbox,
  lie,
  load,
  MINIMUM,
  networkHelpers,
  operatorOf,
  PERIODS,
  reporter,
  thief,
  validator,
  vetoer,
  VETO_WINDOW,
  ZERO,
  ZERO_HASH,
} from "../slashing-world.ts";
import { interoperableAddress } from "../../../../relayer/domain/interoperable-address.ts";
import { AbiCoder } from "ethers";

/** Validator 0 is accused of a false proof about a lane from another chain. */
async function accused() {
  const { world, set } = await load();
  const place = await world.place(5, { origin: "away" });
  const signed = world.signed(0, place, lie("acc(5)"));
  const fact = ["uint256", "uint64", "bytes32", "bytes32", "address"];
  const told = [HOME, 5, ZERO_HASH, keccak256(signed.signature), AWAY_OUTBOX];
  await world.slashing
    .connect(inbox)
    .receiveMessage(
      ZERO_HASH,
      interoperableAddress(AWAY, AWAY_WITNESS),
      AbiCoder.defaultAbiCoder().encode(fact, told),
    );
  const evidence = { key: validator(0).key, place, originChainId: AWAY, outbox: AWAY_OUTBOX, signed };
  await world.commit("FalseProof", evidence);
  await world.slashing.connect(reporter).submitFalseProof(evidence, ZERO_HASH);
  const refused = (sent: Promise<unknown>, error: string) =>
    expect(sent).to.be.revertedWithCustomError(world.slashing, error);
  return { world, set, place, evidence, refused };
}

describe("Slashing: pending slashes", () => {
  it("are ended by the vetoer within the window, without a trace on the bond, and for good", async () => {
    const { world, evidence, refused } = await accused();
    await refused(world.slashing.connect(thief).veto(1), "NotVetoer");
    await expect(world.slashing.connect(vetoer).veto(1))
      .to.emit(world.slashing, "SlashVetoed")
      .withArgs(1)
      .and.to.emit(world.registry, "BondReleased");
    const kept = await world.registry.validatorOf(evidence.key);
    expect([kept.bond, kept.holds, kept.isTombstoned]).to.deep.equal([MINIMUM, 0n, false]);
    await refused(world.slashing.execute(1), "NotPending");
    await refused(world.slashing.connect(vetoer).veto(1), "NotPending");
    await world.commit("FalseProof", evidence);
    await refused(world.slashing.connect(reporter).submitFalseProof(evidence, ZERO_HASH), "EvidenceUsed");
  });

  it("are executed by anybody after the window, and vetoed no more", async () => {
    const { world, evidence, refused } = await accused();
    const { executableAt } = await world.slashing.pendingOf(1);
    await refused(world.slashing.connect(thief).execute(1), "VetoStillPossible");
    await networkHelpers.time.increaseTo(executableAt);
    await refused(world.slashing.connect(vetoer).veto(1), "VetoTooLate");
    await expect(world.slashing.connect(thief).execute(1))
      .to.emit(world.slashing, "SlashExecuted")
      .and.to.emit(world.slashing, "Punished");
    expect((await world.registry.validatorOf(evidence.key)).bond).to.equal(0n);
    await refused(world.slashing.execute(1), "NotPending");
  });

  it("are not outrun: exiting to escape a slash leaves the bond until it is decided", async () => {
    const { world, set, evidence } = await accused();
    const operator = await operatorOf(0);
    await world.registry.connect(operator).exit(evidence.key);
    await networkHelpers.time.increaseTo(Number(set.expiresAt) + PERIODS.unbonding + DAY);
    const withdraw = () => world.registry.connect(operator).withdraw(evidence.key, operator);
    await expect(withdraw())
      .to.be.revertedWithCustomError(world.registry, "SlashIsPending")
      .withArgs(evidence.key, 1);
    await world.slashing.execute(1);
    expect((await world.registry.validatorOf(evidence.key)).bond).to.equal(0n);
  });

  it("reach a validator that exited before the evidence came", async () => {
    const { world } = await load();
    const operator = await operatorOf(1);
    const key = validator(1).key;
    await world.registry.connect(operator).exit(key);
    await networkHelpers.time.increase(PERIODS.epochLength);
    await world.form();
    await networkHelpers.time.increase(PERIODS.validity + PERIODS.evidenceWindow - 2 * DAY);
    const place = await world.place(1);
    const evidence = {
      key,
      place,
      first: world.signed(1, place, lie("a")),
      second: world.signed(1, place, lie("b")),
    };
    await world.commit("DoubleSigning", evidence);
    await world.slashing.connect(reporter).submitDoubleSigning(evidence, ZERO_HASH);
    expect((await world.registry.validatorOf(key)).bond).to.equal((2n * MINIMUM * 95n) / 100n);
  });

  it("can be vetoed by nobody where governance names nobody", async () => {
    const { world, refused } = await accused();
    await world.govern(world.slashing.interface.encodeFunctionData("setVetoer", [ZERO]), world.slashing);
    await refused(world.slashing.connect(vetoer).veto(1), "NotVetoer");
    await networkHelpers.time.increase(VETO_WINDOW);
    await world.slashing.execute(1);
  });

  it("are never of what cryptography proves: there is nothing to veto", async () => {
    const { world, place, refused } = await accused();
    const evidence = {
      key: validator(1).key,
      place,
      first: world.signed(1, place, lie("a")),
      second: world.signed(1, place, lie("b")),
    };
    await world.commit("DoubleSigning", evidence);
    await world.slashing.connect(reporter).submitDoubleSigning(evidence, ZERO_HASH);
    expect(await world.slashing.pendingCount()).to.equal(1n);
    await refused(world.slashing.connect(vetoer).veto(2), "NotPending");
  });
});

describe("Slashing: governance", () => {
  it("adds Inboxes and Outboxes, each once, and nobody else does", async () => {
    const { world, refused } = await accused();
    const { interface: calls } = world.slashing;
    const add = (name: "addDestination" | "addSource", args: unknown[]) =>
      world.govern(calls.encodeFunctionData(name as "addSource", args as never), world.slashing);
    await add("addDestination", [9, AWAY_OUTBOX]);
    await add("addSource", [9, AWAY_OUTBOX, AWAY_WITNESS]);
    expect(await world.slashing.witnessOf(9, AWAY_OUTBOX)).to.equal(AWAY_WITNESS);
    await refused(add("addDestination", [9, AWAY_OUTBOX]), "AlreadyKnownOrZero");
    await refused(add("addSource", [9, AWAY_OUTBOX, AWAY_OUTBOX]), "AlreadyKnownOrZero");
    await refused(add("addDestination", [0, AWAY_OUTBOX]), "AlreadyKnownOrZero");
    await refused(add("addSource", [10, AWAY_OUTBOX, ZERO]), "AlreadyKnownOrZero");
    for (const sent of [
      world.slashing.connect(thief).addDestination(11, AWAY_OUTBOX),
      world.slashing.connect(thief).addSource(11, AWAY_OUTBOX, AWAY_WITNESS),
      world.slashing.connect(thief).setVetoer(thief),
    ])
      await refused(sent, "NotGovernance");
  });
});

import { expect } from "chai";
import { encodeSet } from "../../../../relayer/domain/validator-set.ts";
import { address } from "../../../../relayer/domain/ids.ts";
import { ORIGIN, quorumOf, rotationTo, setOf, TestAggregate, testValidators } from "../fixture.ts";
import { ethers, load, origins, setsWith } from "./environment.ts";

/** An Inbox of 13 of 19 that sign with BLS12-381. */
async function loadAggregate() {
  const { deployInbox, keySets, ...rest } = await load();
  const members = new TestAggregate(19);
  const set = await members.createSet({ keySets }, 13);
  const inbox = await deployInbox(encodeSet(set));
  const inboxAddress = address.parse(await inbox.getAddress());
  return { ...rest, deployInbox, keySets, members, set, inbox, inboxAddress };
}

const thirteen = [0, 1, 2, 3, 5, 6, 8, 9, 11, 13, 15, 17, 18];

describe("Inbox: 13 of 19", () => {
  it("signing with Ed25519", async () => {
    const { deployInbox, counter, lane } = await load();
    const members = testValidators(19);
    const set = setOf(members, 13);
    const inbox = await deployInbox(encodeSet(set));
    lane.send(await counter.getAddress(), { count: 2 });
    const statement = lane.statement(2, address.parse(await inbox.getAddress()));
    await expect(
      inbox.deliver(ORIGIN, 1, lane.messages, [], quorumOf(set, members, thirteen.slice(1), statement)),
    ).to.be.revertedWithCustomError(inbox, "QuorumNotReached");
    await inbox.deliver(ORIGIN, 1, lane.messages, [], quorumOf(set, members, thirteen, statement));
    expect(await counter.count()).to.equal(2n);
  });

  it("signing with BLS12-381: one aggregate and a bitmap", async () => {
    const { inbox, inboxAddress, members, set, counter, lane } = await loadAggregate();
    lane.send(await counter.getAddress(), { count: 2 });
    const statement = lane.statement(2, inboxAddress);
    await inbox.deliver(ORIGIN, 1, lane.messages, [], members.quorumOf(set, thirteen, statement));
    expect(await counter.count()).to.equal(2n);
  });
});

describe("Inbox: aggregates", () => {
  it("refuses too few, unknown, duplicate and wrongly named signers", async () => {
    const { inbox, inboxAddress, members, set, counter, lane } = await loadAggregate();
    lane.send(await counter.getAddress());
    const statement = lane.statement(1, inboxAddress);
    const good = members.quorumOf(set, thirteen, statement);
    for (const [quorum, error] of [
      [members.quorumOf(set, thirteen.slice(1), statement), "QuorumNotReached"],
      [{ ...good, signers: good.signers | (1n << 19n) }, "InvalidAggregate"],
      [{ ...good, signers: good.signers | (1n << 4n) }, "InvalidAggregate"],
      [{ ...members.quorumOf(set, [...thirteen, 3], statement), signers: good.signers }, "InvalidAggregate"],
      [{ ...good, signers: good.signers ^ 0b10001n }, "InvalidAggregate"],
      [{ ...good, signature: good.signature.slice(0, -2) }, "InvalidAggregate"],
      [{ ...good, signature: "0x" }, "InvalidAggregate"],
      [members.quorumOf(set, thirteen, lane.statement(1)), "InvalidAggregate"],
      [{ ...good, set: { ...good.set, members: [ethers.ZeroHash] } }, "UnknownValidatorSet"],
    ] as [typeof good, string][])
      await expect(inbox.deliver(ORIGIN, 1, lane.messages, [], quorum)).to.be.revertedWithCustomError(
        inbox,
        error,
      );
    expect(await counter.count()).to.equal(0n);
  });

  it("follows the M of N rule by the size of the key set", async () => {
    const { inbox, deployInbox, set } = await loadAggregate();
    for (const [change, error] of [
      [{ threshold: 9 }, "InvalidThreshold"],
      [{ threshold: 20 }, "InvalidThreshold"],
      [{ threshold: 1 }, "InvalidThreshold"],
      [{ members: [ethers.id("no such set")] as never }, "UnknownKeySet"],
      [{ members: [set.members[0], set.members[0]] as never }, "UnknownKeySet"],
      [{ members: [] as never }, "UnknownKeySet"],
    ] as const)
      await expect(deployInbox(encodeSet({ ...set, ...change }))).to.be.revertedWithCustomError(inbox, error);
  });

  it("a set may change its scheme by rotation, both ways", async () => {
    const { inbox, inboxAddress, keySets, members, set, counter, lane } = await loadAggregate();
    const validators = testValidators(3);
    const plain = setOf(validators, 2, { epoch: 2n });
    await inbox.rotate(encodeSet(plain), members.quorumOf(set, thirteen, rotationTo(plain, inboxAddress)));
    lane.send(await counter.getAddress());
    await inbox.deliver(
      ORIGIN,
      1,
      lane.messages,
      [],
      quorumOf(plain, validators, [0, 1], lane.statement(1, inboxAddress)),
    );
    const aggregate = await members.createSet({ keySets }, 10, { epoch: 3n });
    await inbox.rotate(
      encodeSet(aggregate),
      quorumOf(plain, validators, [1, 2], rotationTo(aggregate, inboxAddress)),
    );
    expect(await inbox.currentEpoch()).to.equal(3n);
  });

  it("a chain without EIP-2537 takes Ed25519 sets only", async () => {
    const { inbox, verifiers, governance, set } = await loadAggregate();
    const factory = await ethers.getContractFactory("Inbox");
    const without = { ...verifiers, bls: ethers.ZeroAddress };
    await expect(
      factory.deploy(without, setsWith(encodeSet(set)), origins, governance, ethers.ZeroAddress),
    ).to.be.revertedWithCustomError(inbox, "SchemeNotSupported");
  });
});

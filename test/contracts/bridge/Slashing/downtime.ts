/*
record: a point of the bridge's lanes, by a quorum of a set that has not expired, once
answer: a member's signature, within the grace
claimDowntime
├── of points whose grace lasts, or that were not recorded, or were claimed: refused
├── of one that is there in half of them: refused
├── of one that is not at this place of the set: refused
└── else pending
*/
import { expect } from "chai";
import { concat, getBytes, toBeHex } from "ethers";
import { digestOf } from "../../../../relayer/domain/attestation.ts";
import { aggregate, sign as signBls } from "../../../../relayer/domain/bls.ts";
import { sign, withHint } from "../../../../relayer/domain/ed25519.ts";
import type { Hash } from "../../../../relayer/domain/ids.ts";
import {
  deployWorld,
  GRACE,
  HOME,
  lie,
  load,
  MINIMUM,
  networkHelpers,
  reporter,
  Scheme,
  validator,
  type ValidatorSet,
  vetoer,
  VETO_WINDOW,
  type World,
  ZERO_HASH,
} from "../slashing-world.ts";

const OFFENCE = "ExtendedDowntime";
const WINDOW = 100;
/** The validator that is missing. */
const ABSENT = 3;

/** 100 points are recorded; the relayer left out the signatures of the last validator. */
async function recordedWindow() {
  const { world, set } = await load();
  return { world, set, digests: await world.record(set, [0, 1, 2], WINDOW) };
}
const recorded = () => networkHelpers.loadFixture(recordedWindow);

async function claim(
  world: World,
  set: ValidatorSet,
  { i = ABSENT, from = 0, index = set.members.indexOf(validator(i).key) } = {},
) {
  const evidence = { key: validator(i).key, from, index, set };
  await world.commit(OFFENCE, evidence);
  return world.slashing.connect(reporter).claimDowntime(evidence, ZERO_HASH);
}

const answerOf = (set: ValidatorSet, i: number, digest: Hash) => ({
  digest,
  index: set.members.indexOf(validator(i).key),
  signature: withHint(sign(getBytes(digest), validator(i).secretKey)),
});

describe("AttestedPoints.record", () => {
  it("keeps who signed, once for a point", async () => {
    const { world, set } = await load();
    const place = await world.place(1);
    const quorum = world.quorum(set, [0, 1, 3], place, lie("a"));
    const record = () => world.points.record(place, HOME, world.outbox, lie("a"), quorum);
    const digest = digestOf({ ...place, accumulator: lie("a"), epoch: 1n });
    await expect(record())
      .to.emit(world.points, "PointRecorded")
      .withArgs(1, 0, digest, quorum.signers, (until: bigint) => until > 0n);
    expect((await world.points.pointOf(1, 0)).signers).to.equal(quorum.signers);
    expect(await world.points.pointCount(1)).to.equal(1n);
    await expect(record()).to.be.revertedWithCustomError(world.points, "PointKnown").withArgs(digest);
  });

  it("takes the word of a quorum of a set that has not expired, about the lanes of the bridge, and nothing else", async () => {
    const { world, set } = await load();
    const place = await world.place(1);
    const quorum = world.quorum(set, [0, 1, 2], place, lie("a"));
    const refused = async (
      error: string,
      { of = quorum, at = place, outbox = world.outbox.target, acc = lie("a") } = {},
    ) => {
      const sent = world.points.record(at, HOME, outbox, acc, of);
      await expect(sent).to.be.revertedWithCustomError(world.points, error);
    };
    await refused("QuorumNotReached", { of: world.quorum(set, [0, 1], place, lie("a")) });
    await refused("UnknownSigner", { of: { ...quorum, signers: quorum.signers | (1n << 4n) } });
    await refused("InvalidMemberSignature", { acc: lie("b") });
    await refused("WrongSet", { of: { ...quorum, set: { ...set, threshold: 2n } } });
    await refused("WrongSet", { of: { ...quorum, set: { ...set, epoch: 2n } } });
    await refused("UnknownSource", { outbox: world.slashing.target });
    await refused("UnknownDomain", { at: { ...place, domain: lie("d") } });
    await refused("WrongLane", { at: await world.place(1, { origin: "sets" }) });
    await networkHelpers.time.increaseTo(set.expiresAt);
    await refused("SetExpired");
  });
});

describe("Slashing.claimDowntime", () => {
  it("suspends 1% and jail for one that is missing in a window and does not answer", async () => {
    const { world, set } = await recorded();
    const key = validator(ABSENT).key;
    await networkHelpers.time.increase(GRACE);
    await expect(claim(world, set)).to.emit(world.slashing, "SlashPending");
    await networkHelpers.time.increase(VETO_WINDOW);
    await expect(world.slashing.execute(1))
      .to.emit(world.registry, "BondSlashed")
      .withArgs(key, (4n * MINIMUM) / 100n, reporter.address, (4n * MINIMUM) / 1_000n);
    expect((await world.registry.validatorOf(key)).jailedUntil).to.be.greaterThan(0n);
  });

  it("downtime framing by a relayer that leaves signatures out: the validator answers, and there is nothing to claim", async () => {
    const { world, set, digests } = await recorded();
    // Half of the points are enough to show that it was there.
    await world.points.answer(
      set,
      digests.slice(0, 25).map((digest) => answerOf(set, ABSENT, digest)),
    );
    await world.points.answer(
      set,
      digests.slice(25, 50).map((digest) => answerOf(set, ABSENT, digest)),
    );
    await networkHelpers.time.increase(GRACE);
    await expect(claim(world, set))
      .to.be.revertedWithCustomError(world.slashing, "LiveEnough")
      .withArgs(validator(ABSENT).key, 50, 100);
  });

  it("waits for the grace of every point, and takes answers no longer then", async () => {
    const { world, set, digests } = await recorded();
    const digest = digests[0] ?? lie("none");
    await expect(claim(world, set)).to.be.revertedWithCustomError(world.points, "GraceNotOver");
    await networkHelpers.time.increase(GRACE);
    await expect(world.points.answer(set, [answerOf(set, ABSENT, digest)])).to.be.revertedWithCustomError(
      world.points,
      "GraceOver",
    );
  });

  it("takes answers by the member itself only, to recorded points", async () => {
    const { world, set, digests } = await recorded();
    const digest = digests[0] ?? lie("none");
    const forged = { ...answerOf(set, 0, digest), index: set.members.indexOf(validator(ABSENT).key) };
    await expect(world.points.answer(set, [forged])).to.be.revertedWithCustomError(
      world.points,
      "SignatureNotValid",
    );
    await expect(
      world.points.answer(set, [answerOf(set, ABSENT, lie("never recorded"))]),
    ).to.be.revertedWithCustomError(world.points, "PointUnknown");
    await expect(
      world.points.answer({ ...set, threshold: 2n }, [answerOf(set, ABSENT, digest)]),
    ).to.be.revertedWithCustomError(world.points, "WrongSet");
  });

  it("takes a recorded point for one claim per validator", async () => {
    const { world, set } = await recorded();
    await world.record(set, [0, 1, 2], 1, WINDOW + 1);
    await networkHelpers.time.increase(GRACE);
    await claim(world, set);
    await expect(claim(world, set))
      .to.be.revertedWithCustomError(world.slashing, "PointsClaimed")
      .withArgs(0, WINDOW);
    await expect(claim(world, set, { from: 1 })).to.be.revertedWithCustomError(
      world.slashing,
      "PointsClaimed",
    );
    await expect(claim(world, set, { from: WINDOW }))
      .to.be.revertedWithCustomError(world.points, "PointsNotRecorded")
      .withArgs(2 * WINDOW, WINDOW + 1);
    expect(await world.slashing.claimableFrom(validator(ABSENT).key, 1)).to.equal(WINDOW);
  });

  it("finds nobody missing who is there, under whatever index", async () => {
    const { world, set } = await recorded();
    await networkHelpers.time.increase(GRACE);
    await expect(claim(world, set, { i: 0 })).to.be.revertedWithCustomError(world.slashing, "LiveEnough");
    const index = set.members.indexOf(validator(ABSENT).key);
    await expect(claim(world, set, { i: 0, index })).to.be.revertedWithCustomError(
      world.slashing,
      "NotAtIndex",
    );
    await expect(claim(world, set, { index: 9 })).to.be.revertedWithCustomError(world.slashing, "NotAtIndex");
  });

  it("slashing capture by a colluding quorum: what it frames can be vetoed, and what it signed convicts it", async () => {
    // Three of four record points that never were, which the honest one cannot sign.
    const { world, set } = await recorded();
    await networkHelpers.time.increase(GRACE);
    await claim(world, set);
    await world.slashing.connect(vetoer).veto(1);
    expect((await world.registry.validatorOf(validator(ABSENT).key)).bond).to.equal(4n * MINIMUM);
    // The signatures are on the chain: anybody takes them from there, and the Outbox contradicts them.
    const place = await world.place(1);
    for (const i of [0, 1, 2]) {
      const evidence = {
        key: validator(i).key,
        place,
        originChainId: HOME,
        outbox: world.outbox.target,
        signed: world.signed(i, place, lie("acc(1)")),
      };
      await world.commit("FalseProof", evidence);
      await world.slashing.connect(reporter).submitFalseProof(evidence, ZERO_HASH);
    }
    expect((await world.registry.validatorOf(validator(0).key)).bond).to.equal(0n);
  });
});

describe("AttestedPoints of a BLS12381 set", () => {
  it("records aggregates, completes them, and claims by the key's place in the set", async () => {
    const world = await deployWorld({ scheme: Scheme.BLS12381 });
    for (let i = 0; i < 4; i++) await world.join(i, { hasBls: true });
    const set = await world.form();
    const order = (await world.eligible()).map(({ key }) =>
      [0, 1, 2, 3].findIndex((i) => validator(i).key === key),
    );
    const bitmap = (members: number[]) =>
      members.reduce((bits, i) => bits | (1n << BigInt(order.indexOf(i))), 0n);
    const sum = (members: number[], digest: Hash) =>
      aggregate(members.map((i) => signBls(getBytes(digest), validator(i).blsSecret)));
    const digests: Hash[] = [];
    for (let n = 1; n <= WINDOW; n++) {
      const place = await world.place(n);
      const digest = digestOf({ ...place, accumulator: lie(`${n}`), epoch: 1n });
      const quorum = { set, signers: bitmap([0, 1, 2]), signature: sum([0, 1, 2], digest) };
      await world.points.record(place, HOME, world.outbox, lie(`${n}`), quorum);
      digests.push(digest);
    }
    expect(set.members).to.have.length(1);
    const first = digests[0] ?? lie("none");
    const answer = {
      digest: first,
      index: 0,
      signature: concat([toBeHex(bitmap([3]), 32), sum([3], first)]),
    };
    await expect(
      world.points.answer(set, [
        { ...answer, signature: concat([toBeHex(bitmap([3]), 32), sum([2], first)]) },
      ]),
    ).to.be.revertedWithCustomError(world.points, "SignatureNotValid");
    await world.points.answer(set, [answer]);
    expect((await world.points.pointOf(1, 0)).signers).to.equal(15n);

    await networkHelpers.time.increase(GRACE);
    await expect(claim(world, set, { index: order.indexOf(0) })).to.be.revertedWithCustomError(
      world.slashing,
      "NotValidatorsBlsKey",
    );
    await expect(claim(world, set, { index: order.indexOf(ABSENT) })).to.emit(world.slashing, "SlashPending");
  });
});

/*
submitDoubleSigning
├── without a ripe commitment of the caller: attacks.ts
├── for an unknown domain: refused
├── for one accumulator twice, in whatever epochs, with whatever signatures: refused
├── signed by another, or over something else: refused
├── by one that was no member in either epoch, or after the window: refused
├── a second time for the place: refused
└── else 5% and tombstoned: Ed25519 with and without hint, BLS aggregates, and one of each
*/
import { expect } from "chai";
import * as noble from "@noble/ed25519";
import { getBytes, hexlify } from "ethers";
import { digestOf } from "../../../../relayer/domain/attestation.ts";
import { placeIdOf } from "../../../../relayer/bridge/core/slashing.ts";
import { bytes } from "../../../../relayer/domain/ids.ts";
import { fromLittleEndian, littleEndian, signMixed } from "../../crypto/signatures.ts";
import {
  DAY,
  lie,
  load,
  MINIMUM,
  networkHelpers,
  operatorOf,
  PERIODS,
  reporter,
  validator,
  ZERO_HASH,
} from "../slashing-world.ts";

const OFFENCE = "DoubleSigning";
const PENALTY = (MINIMUM * 5n) / 100n;

/** Validator 0 has signed two accumulators for one place. */
async function caught(nonce = 7) {
  const { world, set } = await load();
  const place = await world.place(nonce);
  const evidence = {
    key: validator(0).key,
    place,
    first: world.signed(0, place, lie("a")),
    second: world.signed(0, place, lie("b")),
  };
  const submit = async (changed: object = {}) => {
    const changedEvidence = { ...evidence, ...changed };
    await world.commit(OFFENCE, changedEvidence);
    return world.slashing.connect(reporter).submitDoubleSigning(changedEvidence, ZERO_HASH);
  };
  return { world, set, place, evidence, submit };
}

describe("Slashing.submitDoubleSigning", () => {
  it("takes 5% of the stake, tombstones and rewards the reporter, for at most 250,000 gas in all", async () => {
    const { world, evidence, submit } = await caught();
    const sent = await submit();
    const receipt = await sent.wait();
    await expect(sent)
      .to.emit(world.registry, "BondSlashed")
      .withArgs(evidence.key, PENALTY, reporter.address, PENALTY / 10n);
    await expect(sent).to.emit(world.registry, "ValidatorTombstoned").withArgs(evidence.key);
    const { bond, isTombstoned, isEligible } = await world.registry.validatorOf(evidence.key);
    expect([bond, isTombstoned, isEligible]).to.deep.equal([MINIMUM - PENALTY, true, false]);
    expect(await world.registry.rewardOf(reporter)).to.equal(PENALTY / 10n);
    const { paid, offences } = await world.slashing.recordOf(evidence.key, evidence.place);
    expect([paid, offences]).to.deep.equal([PENALTY, 1n]);
    expect(receipt?.gasUsed).to.be.at.most(250_000n);
  });

  it("takes 64-byte signatures, and those of a key without a table, in both orders", async () => {
    const { world, place } = await caught();
    for (const [i, hinted] of [
      [1, false],
      [2, true],
    ] as const) {
      const [first, second] = [
        world.signed(i, place, lie("b"), { hinted }),
        world.signed(i, place, lie("a"), { hinted }),
      ];
      const evidence = { key: validator(i).key, place, first, second };
      await world.commit(OFFENCE, evidence);
      await world.slashing.connect(reporter).submitDoubleSigning(evidence, ZERO_HASH);
      expect((await world.registry.validatorOf(evidence.key)).isTombstoned).to.equal(true);
    }
  });

  it("takes a wrong hint for no hint", async () => {
    const { world, evidence, submit } = await caught();
    const first = {
      ...evidence.first,
      signature: bytes.parse(evidence.first.signature.slice(0, 130) + "00".repeat(32)),
    };
    await expect(submit({ first })).to.emit(world.slashing, "Punished");
  });

  it("finds two signatures of different epochs, and takes the later one's stake", async () => {
    const { world, place, evidence, submit } = await caught();
    await world.fund(0, MINIMUM);
    await world.registry.connect(await operatorOf(0)).topUp(evidence.key, MINIMUM);
    await networkHelpers.time.increase(PERIODS.epochLength);
    await world.form();
    const sent = await submit({ first: world.signed(0, place, lie("c"), { epoch: 2n }) });
    expect((await sent.wait())?.gasUsed).to.be.at.most(250_000n);
    await expect(sent)
      .to.emit(world.registry, "BondSlashed")
      .withArgs(evidence.key, 2n * PENALTY, reporter.address, PENALTY / 5n);
  });

  it("refuses evidence for another domain", async () => {
    const { world, place, submit } = await caught();
    const foreign = { ...place, domain: lie("another bridge") };
    await expect(submit({ place: foreign }))
      .to.be.revertedWithCustomError(world.slashing, "UnknownDomain")
      .withArgs(foreign.domain);
  });

  it("refuses evidence for a validator in another epoch", async () => {
    const { world, place, evidence, submit } = await caught();
    await world.join(4);
    await networkHelpers.time.increase(PERIODS.epochLength);
    await world.form();
    const newcomer = validator(4).key;
    const late = world.signed(4, place, lie("a"), { epoch: 2n });
    // In epoch 1 it was no member, whatever it signed for that.
    await expect(submit({ key: newcomer, first: world.signed(4, place, lie("b")), second: late }))
      .to.be.revertedWithCustomError(world.slashing, "NotMember")
      .withArgs(newcomer, 1);
    await expect(submit({ second: world.signed(0, place, lie("b"), { epoch: 3n }) }))
      .to.be.revertedWithCustomError(world.slashing, "NotMember")
      .withArgs(evidence.key, 3);
    // The signature of one epoch is none of another.
    await expect(submit({ second: { ...evidence.second, epoch: 2n } })).to.be.revertedWithCustomError(
      world.slashing,
      "SignatureNotValid",
    );
  });

  it("refuses evidence expired, and takes it until the last second", async () => {
    const { world, set, evidence, submit } = await caught();
    const until = Number(set.expiresAt) + PERIODS.evidenceWindow;
    await world.commit(OFFENCE, evidence);
    const snapshot = await networkHelpers.takeSnapshot();
    await networkHelpers.time.increaseTo(until - 2);
    await world.commit(OFFENCE, evidence);
    await networkHelpers.time.setNextBlockTimestamp(until);
    await world.slashing.connect(reporter).submitDoubleSigning(evidence, ZERO_HASH);
    await snapshot.restore();
    await networkHelpers.time.increaseTo(until + DAY);
    await expect(submit())
      .to.be.revertedWithCustomError(world.slashing, "EvidenceExpired")
      .withArgs(1, until);
  });

  it("refuses evidence replayed, and other evidence of the same: the place counts, not the bytes", async () => {
    const { world, place, evidence, submit } = await caught();
    await submit();
    const placeId = placeIdOf(place);
    const others = [
      evidence,
      { ...evidence, first: evidence.second, second: evidence.first },
      { ...evidence, first: world.signed(0, place, lie("c")) },
      { ...evidence, first: world.signed(0, place, lie("a"), { hinted: false }) },
    ];
    for (const other of others) {
      await expect(submit(other))
        .to.be.revertedWithCustomError(world.slashing, "EvidenceUsed")
        .withArgs(evidence.key, 0, placeId);
    }
    const next = await world.place(8);
    await submit({
      place: next,
      first: world.signed(0, next, lie("a")),
      second: world.signed(0, next, lie("b")),
    });
    expect((await world.registry.validatorOf(evidence.key)).bond).to.equal(MINIMUM - 2n * PENALTY);
  });

  it("refuses other signatures of the same digest: a second valid signature is no double signing", async () => {
    const { world, place, evidence, submit } = await caught();
    const digest = getBytes(digestOf({ ...place, accumulator: lie("a"), epoch: 1n }));
    // The owner of a key can make another valid signature of one message, with another nonce.
    const other = otherSignature(digest);
    expect(other).not.to.equal(evidence.first.signature);
    const second = { ...evidence.first, signature: other };
    await expect(submit({ second }))
      .to.be.revertedWithCustomError(world.slashing, "SameAccumulator")
      .withArgs(lie("a"));
    // A malleated one (S + L) is not valid at all.
    const malleated = { ...evidence.second, signature: malleate(evidence.second.signature) };
    await expect(submit({ second: malleated })).to.be.revertedWithCustomError(
      world.slashing,
      "SignatureNotValid",
    );
  });

  it("refuses what another signed, other lengths, and signatures of something else", async () => {
    const { world, place, evidence, submit } = await caught();
    await expect(submit({ second: world.signed(1, place, lie("b")) })).to.be.revertedWithCustomError(
      world.slashing,
      "SignatureNotValid",
    );
    await expect(
      submit({ second: { ...evidence.second, accumulator: lie("c") } }),
    ).to.be.revertedWithCustomError(world.slashing, "SignatureNotValid");
    await expect(submit({ second: { ...evidence.second, signature: bytes.parse("0x1234") } }))
      .to.be.revertedWithCustomError(world.slashing, "UnknownSignatureForm")
      .withArgs(2);
  });

  it("finds it in aggregates of BLS signatures, whoever else signed", async () => {
    const { world, place, evidence, submit } = await caught();
    const members = [0, 1, 2, 3];
    const keys = members.map((i) => validator(i).blsKey);
    const set = await world.keySets.createSet.staticCall(keys);
    await world.keySets.createSet(keys);
    const of = (signers: number[], index: number, accumulator = lie("b")) =>
      world.aggregate(signers, { set, size: members, index, place, accumulator });

    await expect(submit({ second: of([1, 2, 3], 0) })).to.be.revertedWithCustomError(
      world.slashing,
      "SignatureNotValid",
    );
    await expect(submit({ second: of([0, 1, 2], 1) })).to.be.revertedWithCustomError(
      world.slashing,
      "NotValidatorsBlsKey",
    );
    const broken = of([0, 1, 2], 0);
    await expect(submit({ second: { ...broken, accumulator: lie("c") } })).to.be.revertedWithCustomError(
      world.slashing,
      "SignatureNotValid",
    );
    // Beyond the set there are zeros, which are nobody's key.
    await expect(submit({ second: of([0, 1, 2], 9) })).to.be.revertedWithCustomError(
      world.slashing,
      "NotValidatorsBlsKey",
    );

    await expect(submit({ second: of([0, 1, 2], 0) })).to.emit(world.slashing, "Punished");
    const both = { key: validator(3).key, first: of([3, 0], 3, lie("a")), second: of([3, 1], 3) };
    await expect(submit(both)).to.emit(world.slashing, "Punished");
    expect((await world.registry.validatorOf(evidence.key)).isTombstoned).to.equal(true);
  });
});

/** Another valid signature of validator 0: by the equation, with a nonce of its own. */
function otherSignature(digest: Uint8Array) {
  const { scalar, pointBytes } = noble.utils.getExtendedPublicKey(validator(0).secretKey);
  return bytes.parse(hexlify(signMixed(digest, { secret: scalar, key: pointBytes })));
}

/** The same with S + L instead of S. */
function malleate(signature: string) {
  const data = getBytes(signature).slice(0, 64);
  const s = fromLittleEndian(data.slice(32)) + noble.Point.CURVE().n;
  return bytes.parse(hexlify(Uint8Array.from([...data.slice(0, 32), ...littleEndian(s)])));
}

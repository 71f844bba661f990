/*
submitInvalidSignature
├── around an inner signature that verifies, Ed25519 or BLS: no offence
├── around something of no signature's length: no offence
├── without an envelope by the validator: bare junk proves nothing
├── with too little gas: reverts, whatever the inner signature
└── else 1% and jail, once for a place
*/
import { expect } from "chai";
import { concat, getBytes, hexlify } from "ethers";
import { digestOf } from "../../../../relayer/domain/attestation.ts";
import * as bls from "../../../../relayer/domain/bls.ts";
import { sign } from "../../../../relayer/domain/ed25519.ts";
import { bytes } from "../../../../relayer/domain/ids.ts";
import { ethers, lie, load, MINIMUM, reporter, validator, ZERO_HASH } from "../slashing-world.ts";

const OFFENCE = "InvalidSignature";
const junk = (length: number) => bytes.parse(hexlify(new Uint8Array(length).fill(7)));

async function setUp() {
  const { world } = await load();
  const place = await world.place(3);
  const digest = getBytes(digestOf({ ...place, accumulator: lie("a"), epoch: 1n }));
  const ed25519 = bytes.parse(hexlify(sign(digest, validator(0).secretKey)));
  const blsSignature = bytes.parse(hexlify(bls.sign(digest, validator(0).blsSecret)));
  const envelope = (inner: typeof ed25519, blsKey = "0x") =>
    world.envelope(0, place, lie("a"), inner, { blsKey });
  const submit = async (evidence: ReturnType<typeof envelope>, overrides = {}) => {
    await world.commit(OFFENCE, evidence);
    return world.slashing.connect(reporter).submitInvalidSignature(evidence, ZERO_HASH, overrides);
  };
  return { world, place, ed25519, blsSignature, envelope, submit };
}

describe("Slashing.submitInvalidSignature", () => {
  it("takes 1% and puts in jail, once for a place", async () => {
    const { world, envelope, submit } = await setUp();
    const sent = submit(envelope(junk(64)));
    const key = validator(0).key;
    await expect(sent)
      .to.emit(world.registry, "BondSlashed")
      .withArgs(key, MINIMUM / 100n, reporter.address, MINIMUM / 1_000n);
    await expect(sent).to.emit(world.registry, "ValidatorJailed");
    const kept = await world.registry.validatorOf(key);
    expect([kept.isTombstoned, kept.isEligible]).to.deep.equal([false, false]);
    const { blsKey } = validator(0);
    await expect(submit(envelope(junk(128), blsKey))).to.be.revertedWithCustomError(
      world.slashing,
      "EvidenceUsed",
    );
  });

  it("takes an inner BLS signature that does not verify by the validator's own key", async () => {
    const { world, envelope, submit } = await setUp();
    const other = bytes.parse(hexlify(bls.sign(getBytes(lie("x")), validator(0).blsSecret)));
    await expect(submit(envelope(other, validator(1).blsKey))).to.be.revertedWithCustomError(
      world.slashing,
      "NotValidatorsBlsKey",
    );
    await expect(submit(envelope(other, validator(0).blsKey))).to.emit(world.slashing, "Punished");
  });

  it("finds no offence in inner signatures that verify", async () => {
    const { world, ed25519, blsSignature, envelope, submit } = await setUp();
    await expect(submit(envelope(ed25519))).to.be.revertedWithCustomError(
      world.slashing,
      "InnerSignatureIsValid",
    );
    await expect(submit(envelope(blsSignature, validator(0).blsKey))).to.be.revertedWithCustomError(
      world.slashing,
      "InnerSignatureIsValid",
    );
  });

  it("takes bare junk for no InvalidSignature: the envelope must be the validator's, over this very junk", async () => {
    const { world, envelope, submit } = await setUp();
    const wrapped = envelope(junk(64));
    const other = world.envelope(1, wrapped.place, lie("a"), junk(64));
    const attempts = [
      { ...wrapped, envelope: junk(64) },
      { ...wrapped, inner: bytes.parse(concat([junk(63), "0x08"])) },
      { ...wrapped, envelope: other.envelope },
      { ...wrapped, accumulator: lie("b") },
    ];
    for (const attempt of attempts)
      await expect(submit(attempt)).to.be.revertedWithCustomError(world.slashing, "SignatureNotValid");
    // Nor is an attestation an envelope.
    const attestation = world.signed(0, wrapped.place, lie("a"), { hinted: false }).signature;
    await expect(submit({ ...wrapped, envelope: attestation })).to.be.revertedWithCustomError(
      world.slashing,
      "SignatureNotValid",
    );
  });

  it("takes something of no signature's length for no InvalidSignature", async () => {
    const { world, envelope, submit } = await setUp();
    for (const length of [0, 63, 65, 96])
      await expect(submit(envelope(junk(length))))
        .to.be.revertedWithCustomError(world.slashing, "UnknownSignatureForm")
        .withArgs(length);
  });

  it("never takes want of gas for an invalid signature", async () => {
    const { world, ed25519, blsSignature, envelope } = await setUp();
    for (const evidence of [envelope(ed25519), envelope(blsSignature, validator(0).blsKey)]) {
      await world.commit(OFFENCE, evidence);
      await ethers.provider.send("evm_mine", []);
      for (let gasLimit = 60_000n; gasLimit < 600_000n; gasLimit += 9_000n) {
        const call = world.slashing
          .connect(reporter)
          .submitInvalidSignature.staticCall(evidence, ZERO_HASH, { gasLimit });
        const answer = await call.then(
          () => "punished",
          () => "reverted",
        );
        expect(answer, `with ${gasLimit} gas`).to.equal("reverted");
      }
    }
  });
});

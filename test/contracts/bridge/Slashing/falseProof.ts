/*
submitFalseProof
├── for a lane of no Outbox of the bridge, or not the one in the place: refused
├── for what is true: refused
├── of a lane that begins here, by the witness: all of the stake, tombstoned, at once
│   ├── acc(n) established by folding, over several transactions
│   └── the lane has not come to n
├── of the lane of sets, by the registry: the same
└── of a lane that begins elsewhere
    ├── nothing known: refused
    ├── acc(n) told by the witness: pending
    └── not reached told by the witness, for this very signature: pending
*/
import { expect } from "chai";
import { AbiCoder, dataSlice, getBytes, hexlify, keccak256 } from "ethers";
import fc from "fast-check";
import { address, hash, type Hash } from "../../../../relayer/domain/ids.ts";
import { interoperableAddress } from "../../../../relayer/domain/interoperable-address.ts";
import type { Place } from "../../../../relayer/bridge/core/slashing.ts";
import {
  AWAY,
  AWAY_OUTBOX,
  AWAY_WITNESS,
  HOME,
  inbox,
  lie,
  load,
  MINIMUM,
  reporter,
  thief,
  validator,
  VETO_WINDOW,
  networkHelpers,
  ZERO_HASH,
} from "../slashing-world.ts";

const OFFENCE = "FalseProof";
const abi = AbiCoder.defaultAbiCoder();

async function setUp() {
  const { world, set } = await load();
  const outbox = address.parse(await world.outbox.getAddress());
  const evidence = (
    place: Place,
    accumulator: Hash,
    { i = 0, epoch = 1n, origin = HOME, from = outbox } = {},
  ) => ({
    key: validator(i).key,
    place,
    originChainId: origin,
    outbox: from,
    signed: world.signed(i, place, accumulator, { epoch }),
  });
  const submit = async (of: ReturnType<typeof evidence>) => {
    await world.commit(OFFENCE, of);
    return world.slashing.connect(reporter).submitFalseProof(of, ZERO_HASH);
  };
  /** A fact as the Inbox hands it over. */
  const tell = (
    nonce: bigint,
    accumulator: string,
    signatureHash: string,
    { by = inbox, from = AWAY_WITNESS, chain = AWAY, outbox = AWAY_OUTBOX } = {},
  ) =>
    world.slashing
      .connect(by)
      .receiveMessage(
        ZERO_HASH,
        interoperableAddress(chain, from),
        abi.encode(
          ["uint256", "uint64", "bytes32", "bytes32", "address"],
          [HOME, nonce, accumulator, signatureHash, outbox],
        ),
      );
  return { world, set, evidence, submit, tell, away: { origin: AWAY, from: AWAY_OUTBOX } };
}

describe("Slashing.submitFalseProof", () => {
  it("takes all of the stake for what this chain's Outbox contradicts, and tombstones", async () => {
    const { world, evidence, submit } = await setUp();
    const { ids, accumulators } = await world.send(6);
    const place = await world.place(2);
    const of = evidence(place, lie("acc(2)"));
    await expect(submit(of)).to.be.revertedWithCustomError(world.witness, "NotKnown").withArgs(AWAY, 2);
    // Over several transactions: acc(4) from the head, acc(2) from acc(4).
    await world.witness.prove(AWAY, 4, accumulators[4] ?? ZERO_HASH, ids.slice(4));
    await world.witness.prove(AWAY, 2, accumulators[2] ?? ZERO_HASH, ids.slice(2, 4));
    const sent = submit(of);
    await expect(sent)
      .to.emit(world.registry, "BondSlashed")
      .withArgs(of.key, MINIMUM, reporter.address, MINIMUM / 10n);
    const kept = await world.registry.validatorOf(of.key);
    expect([kept.bond, kept.isTombstoned]).to.deep.equal([0n, true]);
    await expect(submit(of)).to.be.revertedWithCustomError(world.slashing, "EvidenceUsed");
  });

  it("finds no offence in what is true, at the head and before it", async () => {
    const { world, evidence, submit } = await setUp();
    const { ids, accumulators } = await world.send(3);
    await world.witness.prove(AWAY, 1, accumulators[1] ?? ZERO_HASH, ids.slice(1));
    for (const n of [1, 3]) {
      const truth = accumulators[n] ?? hash.parse(ZERO_HASH);
      await expect(submit(evidence(await world.place(n), truth)))
        .to.be.revertedWithCustomError(world.slashing, "StatementIsTrue")
        .withArgs(truth);
    }
  });

  it("takes a place to which the lane has not come for false", async () => {
    const { world, evidence, submit } = await setUp();
    await world.send(1);
    await expect(submit(evidence(await world.place(2), lie("from nowhere")))).to.emit(
      world.slashing,
      "Punished",
    );
  });

  it("knows the lanes of this bridge only", async () => {
    const { world, evidence, submit } = await setUp();
    const place = await world.place(1);
    await expect(submit(evidence(place, lie("x"), { from: AWAY_OUTBOX })))
      .to.be.revertedWithCustomError(world.slashing, "UnknownSource")
      .withArgs(HOME, AWAY_OUTBOX);
    await expect(
      submit(evidence(await world.place(1, { origin: "away" }), lie("x"))),
    ).to.be.revertedWithCustomError(world.slashing, "WrongLane");
    await expect(submit(evidence({ ...place, domain: lie("d") }, lie("x")))).to.be.revertedWithCustomError(
      world.slashing,
      "UnknownDomain",
    );
  });

  it("holds the lane of sets to the registry: a set that was never formed is a false proof", async () => {
    const { world, set, evidence, submit } = await setUp();
    const from = address.parse(await world.registry.getAddress());
    const first = await world.place(1, { origin: "sets" });
    const truth = hash.parse(await world.registry.validatorSetHash(1));
    await expect(submit(evidence(first, truth, { from }))).to.be.revertedWithCustomError(
      world.slashing,
      "StatementIsTrue",
    );
    await expect(submit(evidence(first, lie("a set of its own"), { from }))).to.emit(
      world.slashing,
      "Punished",
    );
    // A set for an epoch that is yet to come is one that does not exist.
    const next = await world.place(set.epoch + 1n, { origin: "sets" });
    await expect(submit(evidence(next, lie("the next"), { i: 1, from }))).to.emit(world.slashing, "Punished");
  });

  it("of another chain: waits for the witness's word, and then for a veto", async () => {
    const { world, evidence, submit, tell, away } = await setUp();
    const place = await world.place(5, { origin: "away" });
    const of = evidence(place, lie("acc(5)"), away);
    await expect(submit(of))
      .to.be.revertedWithCustomError(world.slashing, "FactMissing")
      .withArgs(place.lane, 5);
    await expect(tell(5n, lie("truth"), ZERO_HASH))
      .to.emit(world.slashing, "FactReceived")
      .withArgs(place.lane, 5, lie("truth"), ZERO_HASH);
    await expect(submit(evidence(place, lie("truth"), { i: 1, ...away }))).to.be.revertedWithCustomError(
      world.slashing,
      "StatementIsTrue",
    );
    await expect(submit(of)).to.emit(world.slashing, "SlashPending").and.to.emit(world.registry, "BondHeld");
    expect((await world.registry.validatorOf(of.key)).isTombstoned).to.equal(false);
    await networkHelpers.time.increase(VETO_WINDOW);
    await world.slashing.connect(thief).execute(1);
    const kept = await world.registry.validatorOf(of.key);
    expect([kept.bond, kept.isTombstoned, kept.holds]).to.deep.equal([0n, true, 0n]);
    // The reporter's, whoever executes.
    expect(await world.registry.rewardOf(reporter)).to.equal(MINIMUM / 10n);
  });

  it("of another chain, not reached: binds the fact to the signature that existed then", async () => {
    const { world, evidence, submit, tell, away } = await setUp();
    const place = await world.place(9, { origin: "away" });
    const early = evidence(place, lie("too early"), away);
    await tell(9n, ZERO_HASH, keccak256(early.signed.signature));
    // Another validator signs later, when the lane has come so far: the fact says nothing about that.
    await expect(submit(evidence(place, lie("acc(9)"), { i: 1, ...away }))).to.be.revertedWithCustomError(
      world.slashing,
      "FactMissing",
    );
    await expect(submit(early)).to.emit(world.slashing, "SlashPending");
  });

  it("reads nothing from other senders, senders with a bit changed, or facts that are cut, too wide or about another Outbox", async () => {
    const { world } = await setUp();
    const witness = interoperableAddress(AWAY, AWAY_WITNESS);
    const fact = abi.encode(
      ["uint256", "uint64", "bytes32", "bytes32", "address"],
      [HOME, 7n, lie("fact"), ZERO_HASH, AWAY_OUTBOX],
    );
    const receive = (sender: string, payload: string) =>
      world.slashing
        .connect(inbox)
        .receiveMessage.staticCall(ZERO_HASH, sender, payload)
        .then(
          () => true,
          () => false,
        );
    expect(await receive(witness, fact)).to.equal(true);
    const flipped = (bytes: string, at: number, bit: number) => {
      const changed = getBytes(bytes);
      const index = at % changed.length;
      changed[index] = (changed[index] ?? 0) ^ (1 << bit);
      return hexlify(changed);
    };
    const anyBytes = fc.uint8Array({ maxLength: 200 }).map((bytes) => hexlify(bytes));
    await fc.assert(
      fc.asyncProperty(anyBytes, fc.nat(), fc.nat({ max: 7 }), async (junk, at, bit) => {
        expect(await receive(junk, fact), "another sender").to.equal(false);
        expect(await receive(flipped(witness, at, bit), fact), "a sender with a bit changed").to.equal(false);
        expect(await receive(witness, dataSlice(fact, 0, at % 160)), "a payload that is cut").to.equal(false);
        // A nonce of more than 64 bits, an address of more than 160, or another Outbox.
        const padding = [...Array(24).keys()].map((byte) => 32 + byte);
        const outbox = [...Array(32).keys()].map((byte) => 128 + byte);
        for (const place of [padding[at % padding.length], outbox[at % outbox.length]])
          expect(await receive(witness, flipped(fact, place ?? 0, bit)), `byte ${place}`).to.equal(false);
      }),
      { numRuns: 60 },
    );
  });

  it("takes a message from nobody but the witness through the Inbox", async () => {
    const { world, tell } = await setUp();
    const refused = (sent: Promise<unknown>) =>
      expect(sent).to.be.revertedWithCustomError(world.slashing, "NotFromWitness");
    await refused(tell(1n, lie("x"), ZERO_HASH, { by: thief }));
    await refused(tell(1n, lie("x"), ZERO_HASH, { from: AWAY_OUTBOX }));
    await refused(tell(1n, lie("x"), ZERO_HASH, { chain: HOME }));
    await refused(tell(1n, lie("x"), ZERO_HASH, { outbox: AWAY_WITNESS }));
    // The home witness is asked, and never tells by message: through the Inbox it is nobody.
    const home = address.parse(await world.witness.getAddress());
    const outbox = address.parse(await world.outbox.getAddress());
    await refused(tell(1n, lie("x"), ZERO_HASH, { chain: HOME, from: home, outbox }));
  });
});

/*
Random evidence, most of it wrong in some way: TypeScript's judgement against the contract's, by the name of the error or by what
was taken from whom.
*/
import { expect } from "chai";
import fc from "fast-check";
import { AbiCoder, getBytes, hexlify, ZeroHash } from "ethers";
import { digestOf, domainOf } from "../../../../relayer/domain/attestation.ts";
import {
  type Judgement,
  judgeDoubleSigning,
  judgeFalseProof,
  judgeInvalidSignature,
  OFFENCES,
  type Place,
  type SlashingState,
} from "../../../../relayer/bridge/core/slashing.ts";
import * as bls from "../../../../relayer/domain/bls.ts";
import { sign } from "../../../../relayer/domain/ed25519.ts";
import {
  address,
  type Address,
  bytes,
  type Bytes,
  hash,
  type Hash,
  type PublicKey,
} from "../../../../relayer/domain/ids.ts";
import { interoperableAddress } from "../../../../relayer/domain/interoperable-address.ts";
import {
  AWAY,
  AWAY_INBOX,
  AWAY_OUTBOX,
  AWAY_WITNESS,
  HOME,
  inbox,
  lie,
  load,
  networkHelpers,
  PERIODS,
  reporter,
  validator,
  type World,
  ZERO_HASH,
} from "../slashing-world.ts";

const { time } = networkHelpers;
const EPOCHS = [1n, 2n, 3n] as const;
const MEMBERS = [0, 1, 2, 3];
const VALIDATORS = [0, 1, 2, 3, 4];
/** What the away lane truly was, as far as its witness told. */
const AWAY_TRUTH = new Map([1n, 2n, 3n].map((n) => [n, lie(`away ${n}`)]));

type Scene = {
  readonly world: World;
  readonly outbox: Address;
  readonly registry: Address;
  readonly homeTruth: readonly Hash[];
  readonly keySet: Hash;
};

/** Two epochs: validator 4 joins for the second. Three messages, an away fact, and a set of BLS keys beside. */
async function twoEpochs(): Promise<Scene> {
  const { world } = await load();
  await world.join(4);
  await time.increase(PERIODS.epochLength);
  await world.form();
  const { ids, accumulators } = await world.send(3);
  for (const n of [2, 1])
    await world.witness.prove(AWAY, n, accumulators[n] ?? ZERO_HASH, ids.slice(n, n + 1));
  for (const [nonce, accumulator] of AWAY_TRUTH) {
    const fact = AbiCoder.defaultAbiCoder().encode(
      ["uint256", "uint64", "bytes32", "bytes32", "address"],
      [HOME, nonce, accumulator, ZERO_HASH, AWAY_OUTBOX],
    );
    await world.slashing
      .connect(inbox)
      .receiveMessage(ZERO_HASH, interoperableAddress(AWAY, AWAY_WITNESS), fact);
  }
  const keys = MEMBERS.map((i) => validator(i).blsKey);
  const keySet = hash.parse(await world.keySets.createSet.staticCall(keys));
  await world.keySets.createSet(keys);
  return {
    world,
    outbox: address.parse(await world.outbox.getAddress()),
    registry: address.parse(await world.registry.getAddress()),
    homeTruth: accumulators,
    keySet,
  };
}

/** What the contracts know now, read ahead, for the pure functions. */
async function stateOf(
  { world, outbox, registry, homeTruth, keySet }: Scene,
  place: Place,
): Promise<SlashingState> {
  const stakes = new Map<string, bigint>();
  const bonds = new Map<string, bigint>();
  const offences = new Map<string, bigint>();
  for (const i of VALIDATORS) {
    const { key } = validator(i);
    for (const epoch of EPOCHS) stakes.set(`${key}/${epoch}`, await world.registry.stakeAt(key, epoch));
    bonds.set(key, (await world.registry.validatorOf(key)).bond);
    offences.set(key, (await world.slashing.recordOf(key, place)).offences);
  }
  const expiries = await Promise.all(EPOCHS.map(async (e) => (await world.registry.epochOf(e)).expiresAt));
  const setHashes = await Promise.all(EPOCHS.map((e) => world.registry.validatorSetHash(e)));
  const places = await lanesOf(world);
  return {
    now: BigInt(await time.latest()) + 2n,
    homeChainId: HOME,
    evidenceWindow: BigInt(PERIODS.evidenceWindow),
    destinationOf: (domain) =>
      domain === domainOf(HOME, address.parse(inbox.address))
        ? HOME
        : domain === domainOf(AWAY, AWAY_INBOX)
          ? AWAY
          : undefined,
    isSource: (chain, at) =>
      (chain === HOME && (at === outbox || at === registry)) || (chain === AWAY && at === AWAY_OUTBOX),
    stakeAt: (key, epoch) => stakes.get(`${key}/${epoch}`) ?? 0n,
    expiresAt: (epoch) => expiries[Number(epoch) - 1] ?? 0n,
    bondOf: (key) => bonds.get(key) ?? 0n,
    blsKeyOf: (key: PublicKey) => MEMBERS.map(validator).find((one) => one.key === key)?.blsKey,
    keySet: (id) => (id === keySet ? MEMBERS.map((i) => validator(i).blsKey) : []),
    isUsed: (key, offence) => ((offences.get(key) ?? 0n) >> BigInt(OFFENCES.indexOf(offence))) % 2n === 1n,
    truth: (lane, nonce) => {
      if (lane === places.away.lane) return AWAY_TRUTH.get(nonce);
      const known = lane === places.sets.lane ? setHashes[Number(nonce) - 1] : homeTruth[Number(nonce)];
      return hash.parse(known ?? ZeroHash);
    },
  };
}

const lanesOf = async (world: World) => ({
  home: await world.place(1),
  away: await world.place(1, { origin: "away" }),
  sets: await world.place(1, { origin: "sets" }),
});

/** Mostly those in which there was a set. */
const arbitraryEpoch = fc.constantFrom(1n, 1n, 1n, 2n, 2n, 2n, 3n);
const arbitraryCase = fc.record({
  offence: fc.constantFrom("DoubleSigning", "InvalidSignature", "FalseProof"),
  accused: fc.constantFrom(0, 1, 2, 3, 0, 1, 2, 3, 4),
  isForged: fc.oneof(
    { weight: 5, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  origin: fc.constantFrom("home", "home", "away", "away", "sets"),
  claimedOrigin: fc.constantFrom("same", "same", "same", "same", "other"),
  nonce: fc.bigInt(1n, 4n),
  isForeign: fc.oneof(
    { weight: 9, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  accumulators: fc.tuple(fc.constantFrom("truth", "a", "b"), fc.constantFrom("truth", "a", "b")),
  epochs: fc.tuple(arbitraryEpoch, arbitraryEpoch),
  forms: fc.tuple(
    fc.constantFrom("hinted", "plain", "aggregate", "aggregate", "hinted", "short"),
    fc.constantFrom("hinted", "plain", "aggregate"),
  ),
  inner: fc.constantFrom("junk64", "junk128", "valid64", "valid128", "junk65"),
});
type Case = typeof arbitraryCase extends fc.Arbitrary<infer T> ? T : never;

/** Makes the evidence of a case. */
async function evidenceOf(scene: Scene, of: Case) {
  const { world, homeTruth, keySet, outbox, registry } = scene;
  const { key } = validator(of.accused);
  const lane = await world.place(of.nonce, { origin: of.origin as "home" });
  const place: Place = of.isForeign ? { ...lane, domain: lie("foreign") } : lane;
  const setHash = hash.parse(await world.registry.validatorSetHash(of.nonce));
  const truth = { home: homeTruth[Number(of.nonce)], away: AWAY_TRUTH.get(of.nonce), sets: setHash }[
    of.origin
  ];
  const accumulators = of.accumulators.map((name) => (name === "truth" ? (truth ?? lie("c")) : lie(name)));
  const by = of.isForged ? (of.accused + 1) % VALIDATORS.length : of.accused;
  const signed = (n: 0 | 1) => {
    const [accumulator, epoch, form] = [accumulators[n] ?? lie("none"), of.epochs[n], of.forms[n]];
    if (form === "aggregate") {
      const index = of.accused % MEMBERS.length;
      const signers = [...new Set([by % MEMBERS.length, (by + 2) % MEMBERS.length])];
      return world.aggregate(signers, { set: keySet, size: MEMBERS, index, place, accumulator, epoch });
    }
    const made = world.signed(by, place, accumulator, { epoch, hinted: form === "hinted" });
    return form === "short" ? { ...made, signature: bytes.parse(made.signature.slice(0, 128)) } : made;
  };
  const sources = { home: [HOME, outbox], away: [AWAY, AWAY_OUTBOX], sets: [HOME, registry] } as const;
  const claimed = of.claimedOrigin === "same" ? of.origin : of.origin === "home" ? "sets" : "home";
  const [originChainId, from] = sources[claimed];
  const [accumulator, epoch] = [accumulators[0] ?? lie("none"), of.epochs[0]];
  const inner = innerOf(of, digestOf({ ...place, accumulator, epoch }));
  const envelope = world.envelope(by, place, accumulator, inner, { epoch });
  return {
    place,
    double: { key, place, first: signed(0), second: signed(1) },
    invalid: {
      ...envelope,
      key,
      blsKey: inner.length === 258 ? validator(of.accused).blsKey : bytes.parse("0x"),
    },
    lying: { key, place, originChainId, outbox: from, signed: signed(0) },
  };
}

function innerOf({ inner, accused }: Case, digest: Hash): Bytes {
  const { secretKey, blsSecret } = validator(accused);
  if (inner === "valid64") return bytes.parse(hexlify(sign(getBytes(digest), secretKey)));
  if (inner === "valid128") return bytes.parse(hexlify(bls.sign(getBytes(digest), blsSecret)));
  return bytes.parse("0x" + "07".repeat(Number(inner.slice(4))));
}

/** What the contract answers: the error's name, or what became of the validator. */
async function outcomeOf({ world }: Scene, key: PublicKey, submit: () => Promise<unknown>): Promise<object> {
  const before = await world.registry.validatorOf(key);
  const pendingBefore = await world.slashing.pendingCount();
  try {
    await submit();
  } catch (error) {
    return { reason: nameOf(error) };
  }
  const after = await world.registry.validatorOf(key);
  const isPending = (await world.slashing.pendingCount()) > pendingBefore;
  return {
    kind: isPending ? "pending" : "punished",
    taken: before.bond - after.bond,
    isTombstoned: after.isTombstoned,
    isJailed: after.jailedUntil > before.jailedUntil,
  };
}

/** The name of the custom error that a transaction failed with. */
function nameOf(error: unknown): string {
  const text = String(error);
  const found = /custom error '(\w+)\(/.exec(text) ?? /reverted with custom error "?(\w+)/.exec(text);
  if (found?.[1] === undefined) throw error;
  // The home witness says so itself.
  return found[1] === "NotKnown" ? "FactMissing" : found[1];
}

function expected(judgement: Judgement, wasTombstoned: boolean): object {
  if (judgement.kind === "refused") return { reason: judgement.reason };
  const isPending = judgement.kind === "pending";
  return {
    kind: judgement.kind,
    taken: isPending ? 0n : judgement.penalty,
    // What is out for good is put in jail no more.
    isTombstoned: wasTombstoned || (!isPending && judgement.isTombstoned),
    isJailed: !isPending && judgement.isJailed && !wasTombstoned,
  };
}

async function compare(scene: Scene, of: Case, seen: Map<string, number>): Promise<void> {
  const { world } = scene;
  const made = await evidenceOf(scene, of);
  const state = await stateOf(scene, made.place);
  const { key } = validator(of.accused);
  const { isTombstoned } = await world.registry.validatorOf(key);
  const slashing = world.slashing.connect(reporter);
  const { judgement, evidence, submit } = {
    DoubleSigning: () => ({
      judgement: judgeDoubleSigning(made.double, state),
      evidence: made.double,
      submit: () => slashing.submitDoubleSigning(made.double, ZERO_HASH),
    }),
    InvalidSignature: () => ({
      judgement: judgeInvalidSignature(made.invalid, state),
      evidence: made.invalid,
      submit: () => slashing.submitInvalidSignature(made.invalid, ZERO_HASH),
    }),
    FalseProof: () => ({
      judgement: judgeFalseProof(made.lying, state),
      evidence: made.lying,
      submit: () => slashing.submitFalseProof(made.lying, ZERO_HASH),
    }),
  }[of.offence as "FalseProof"]();
  await time.setNextBlockTimestamp(state.now - 1n);
  await world.commit(of.offence, evidence);
  await time.setNextBlockTimestamp(state.now);
  expect(await outcomeOf(scene, key, submit)).to.deep.equal(expected(judgement, isTombstoned));
  const name = judgement.kind === "refused" ? judgement.reason : `${judgement.kind} ${of.offence}`;
  seen.set(name, (seen.get(name) ?? 0) + 1);
}

describe("relayer/bridge/core/slashing.ts", () => {
  it("judges random evidence as the contract does, while punishments accumulate and epochs expire", async function () {
    this.timeout(300_000);
    const seen = new Map<string, number>();
    let scene = await networkHelpers.loadFixture(twoEpochs);
    let runs = 0;
    const property = fc.asyncProperty(arbitraryCase, async (of) => {
      // A fresh world now and then; in every third the first epoch's window is over, and the second's is not.
      if (runs % 25 === 0) {
        scene = await networkHelpers.loadFixture(twoEpochs);
        const { expiresAt } = await scene.world.registry.epochOf(1);
        if (runs % 75 === 50) await time.increaseTo(Number(expiresAt) + PERIODS.evidenceWindow + 60);
      }
      runs++;
      await compare(scene, of, seen);
    });
    await fc.assert(property, { numRuns: 250, seed: 20_260, endOnFailure: true });
    // The cases must not all be refused for one reason.
    for (const name of [
      "punished DoubleSigning",
      "punished InvalidSignature",
      "punished FalseProof",
      "pending FalseProof",
      "NotMember",
      "EvidenceExpired",
      "EvidenceUsed",
      "SameAccumulator",
      "UnknownDomain",
      "WrongLane",
      "SignatureNotValid",
      "NotValidatorsBlsKey",
      "UnknownSignatureForm",
      "InnerSignatureIsValid",
      "StatementIsTrue",
      "FactMissing",
    ])
      expect(seen.get(name), `cases of ${name} among ${JSON.stringify([...seen])}`).to.be.greaterThan(0);
  });
});

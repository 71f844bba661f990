import { AbiCoder, concat, getBytes, hexlify, keccak256, toBeHex } from "ethers";
import { digestOf, domainOf } from "../../../relayer/domain/attestation.ts";
import { advance, emptyLane, laneFrom } from "../../../relayer/domain/message.ts";
import { envelopeDigest, type Offence, type Place } from "../../../relayer/bridge/core/slashing.ts";
import { evidenceHashOf } from "./evidence.ts";
import * as bls from "../../../relayer/domain/bls.ts";
import { sign, withHint } from "../../../relayer/domain/ed25519.ts";
import {
  address,
  bytes,
  type Bytes,
  hash,
  type Hash,
  messageId,
  type MessageId,
} from "../../../relayer/domain/ids.ts";
import {
  AWAY,
  AWAY_INBOX,
  AWAY_OUTBOX,
  HOME,
  inbox,
  lie,
  MINIMUM,
  networkHelpers,
  operatorOf,
  reporter,
  Scheme,
  type TestValidator,
  validator,
  ZERO_HASH,
} from "./slashing-actors.ts";
import { deployParts, type Parts, type WorldOptions } from "./slashing-deployment.ts";

export * from "./slashing-actors.ts";

export type ValidatorSet = {
  epoch: bigint;
  expiresAt: bigint;
  overlap: bigint;
  threshold: bigint;
  scheme: bigint;
  members: string[];
};

/** The deployed contracts, and what validators, operators and reporters do with them. */
export class World {
  readonly keys: Parts["keys"];
  readonly keySets: Parts["keySets"];
  readonly verifiers: object;
  readonly token: Parts["token"];
  readonly governance: Parts["governance"];
  readonly outbox: Parts["outbox"];
  readonly registry: Parts["registry"];
  readonly slashing: Parts["slashing"];
  readonly points: Parts["points"];
  readonly witness: Parts["witness"];
  readonly config: object;
  /** Who ever joined, also in a chain state that a test has left since: the chain says who is there. */
  readonly #joined = new Set<number>();

  constructor(parts: Parts) {
    this.keys = parts.keys;
    this.keySets = parts.keySets;
    this.verifiers = parts.verifiers;
    this.token = parts.token;
    this.governance = parts.governance;
    this.outbox = parts.outbox;
    this.registry = parts.registry;
    this.slashing = parts.slashing;
    this.points = parts.points;
    this.witness = parts.witness;
    this.config = parts.config;
  }

  /** What `join` takes for validator `i`, signed for `operator`. */
  async admission(i: number, operator: string, { bond = MINIMUM, hasBls = false } = {}) {
    const { key, secretKey, blsKey, blsSecret } = validator(i);
    const digest = await this.registry.joinDigest(operator, key, hasBls ? keccak256(blsKey) : ZERO_HASH);
    return {
      key,
      bond,
      proof: sign(getBytes(digest), secretKey),
      blsKey: hasBls ? blsKey : "0x",
      blsProof: hasBls ? bls.sign(getBytes(digest), blsSecret) : "0x",
    };
  }

  /** Proves a validator's BLS key to the key sets. */
  async proveBls(i: number): Promise<void> {
    const { blsKey, blsSecret } = validator(i);
    const digest = getBytes(await this.keySets.proofDigest(blsKey));
    await this.keySets.prove(blsKey, bls.provePossession(digest, blsSecret));
  }

  /** Gives an operator tokens that the registry may take. */
  async fund(operator: number, amount: bigint): Promise<void> {
    const owner = await operatorOf(operator);
    await this.token.transfer(owner, amount);
    await this.token.connect(owner).approve(this.registry, amount);
  }

  /** Joins with validator `i` under `operator`, and registers its key for the fast verifier where asked. */
  async join(
    i: number,
    { operator = i, bond = MINIMUM, hasBls = false, hasTable = false } = {},
  ): Promise<void> {
    const owner = await operatorOf(operator);
    await this.fund(operator, bond);
    if (hasBls) await this.proveBls(i);
    await this.registry.connect(owner).join(await this.admission(i, owner.address, { bond, hasBls }));
    if (hasTable) {
      const { key, secretKey } = validator(i);
      await this.keys.register(key, sign(getBytes(await this.keys.proofDigest(key)), secretKey));
    }
    this.#joined.add(i);
  }

  /** The keys that joined and are eligible, ascending. */
  async eligible(): Promise<TestValidator[]> {
    const all = [...this.#joined].map(validator).sort((a, b) => (a.key < b.key ? -1 : 1));
    const flags = await Promise.all(
      all.map(async ({ key }) => (await this.registry.validatorOf(key)).isEligible),
    );
    return all.filter((_, i) => flags[i]);
  }

  /** Forms the next set out of everybody eligible, and reads it from the log. */
  async form(): Promise<ValidatorSet> {
    const members = await this.eligible();
    const isBls = (await this.registry.scheme()) === BigInt(Scheme.BLS12381);
    const sent = await this.registry.formSet(
      members.map(({ key }) => key),
      isBls ? members.map(({ blsKey }) => blsKey) : [],
    );
    return this.setIn(await sent.wait());
  }

  /** The set in the log of a `formSet`. */
  async setIn(receipt: { blockNumber: number } | null): Promise<ValidatorSet> {
    const [log] = await this.registry.queryFilter(
      this.registry.filters.ValidatorSetFormed(),
      receipt?.blockNumber,
      receipt?.blockNumber,
    );
    if (log === undefined) throw new Error("no set was formed");
    const { epoch, expiresAt, overlap, threshold, scheme, members } = log.args.set;
    return { epoch, expiresAt, overlap, threshold, scheme, members: [...members] };
  }

  /** A place of the lane from the home chain's Outbox to the other chain, or of another lane. */
  async place(nonce: bigint | number, lane: { origin?: "home" | "away" | "sets" } = {}): Promise<Place> {
    const home = address.parse(await this.outbox.getAddress());
    const registry = address.parse(await this.registry.getAddress());
    const { id } = {
      home: () => laneFrom(HOME, home, AWAY),
      away: () => laneFrom(AWAY, AWAY_OUTBOX, HOME),
      sets: () => laneFrom(HOME, registry, AWAY),
    }[lane.origin ?? "home"]();
    const domain =
      lane.origin === "away" ? domainOf(HOME, address.parse(inbox.address)) : domainOf(AWAY, AWAY_INBOX);
    return { domain, lane: id, nonce: BigInt(nonce) };
  }

  /** A validator's Ed25519 signature for a place, with the hint of the fast verifier unless asked otherwise. */
  signed(i: number, place: Place, accumulator: Hash, { epoch = 1n, hinted = true } = {}) {
    const signature = sign(getBytes(digestOf({ ...place, accumulator, epoch })), validator(i).secretKey);
    return { accumulator, epoch, signature: bytes.parse(hexlify(hinted ? withHint(signature) : signature)) };
  }

  /** An aggregate of BLS signatures for a place, as evidence against the member at `index`. */
  aggregate(
    members: readonly number[],
    {
      set,
      size,
      index,
      place,
      accumulator,
      epoch = 1n,
    }: {
      set: string;
      size: readonly number[];
      index: number;
      place: Place;
      accumulator: Hash;
      epoch?: bigint;
    },
  ) {
    const digest = getBytes(digestOf({ ...place, accumulator, epoch }));
    const sum = bls.aggregate(members.map((i) => bls.sign(digest, validator(i).blsSecret)));
    const bitmap = members.reduce((bits, i) => bits | (1n << BigInt(size.indexOf(i))), 0n);
    const signature = concat([set, toBeHex(index, 1), toBeHex(bitmap, 32), sum]);
    return { accumulator, epoch, signature: bytes.parse(signature) };
  }

  /** An envelope by validator `i` around `inner`. */
  envelope(i: number, place: Place, accumulator: Hash, inner: Bytes, { epoch = 1n, blsKey = "0x" } = {}) {
    const { key, secretKey } = validator(i);
    const digest = envelopeDigest(digestOf({ ...place, accumulator, epoch }), inner);
    const envelope = bytes.parse(hexlify(sign(getBytes(digest), secretKey)));
    return { key, place, accumulator, epoch, inner, blsKey: bytes.parse(blsKey), envelope };
  }

  /** A quorum of `set` on a point, Ed25519: the validators named, by their numbers. */
  quorum(set: ValidatorSet, members: readonly number[], place: Place, accumulator: Hash) {
    const placed = members.map((i) => ({ i, index: set.members.indexOf(validator(i).key) }));
    const ascending = placed.toSorted((a, b) => a.index - b.index);
    return {
      set,
      signers: ascending.reduce((bits, { index }) => bits | (1n << BigInt(index)), 0n),
      signature: concat(
        ascending.map(({ i }) => this.signed(i, place, accumulator, { epoch: set.epoch }).signature),
      ),
    };
  }

  /** Records points of the home lane that `members` attested to, from nonce `from` on. */
  async record(set: ValidatorSet, members: readonly number[], count: number, from = 1) {
    const digests: Hash[] = [];
    for (let n = from; n < from + count; n++) {
      const place = await this.place(n);
      const accumulator = lie(`acc(${n})`);
      await this.points.record(
        place,
        HOME,
        this.outbox,
        accumulator,
        this.quorum(set, members, place, accumulator),
      );
      digests.push(digestOf({ ...place, accumulator, epoch: set.epoch }));
    }
    return digests;
  }

  /** What a reporter commits to. */
  commitment(offence: Offence, evidence: object, salt = ZERO_HASH, by: string = reporter.address): string {
    const evidenceHash = evidenceHashOf(offence, evidence);
    return keccak256(
      AbiCoder.defaultAbiCoder().encode(["bytes32", "address", "bytes32"], [evidenceHash, by, salt]),
    );
  }

  /** Commits to evidence. */
  async commit(offence: Offence, evidence: object, by = reporter): Promise<void> {
    await this.slashing.connect(by).commit(this.commitment(offence, evidence, ZERO_HASH, by.address));
  }

  /** Calls as governance. */
  async govern(data: string, to: { getAddress(): Promise<string> } = this.registry): Promise<void> {
    await this.governance.execute(await to.getAddress(), 0, data);
  }

  /** Sends `count` messages from the home Outbox to the other chain; the accumulators from acc(0) on, and the ids. */
  async send(count: number) {
    const ids: MessageId[] = [];
    for (let i = 0; i < count; i++) {
      const recipient = concat(["0x00010000021e6114", AWAY_INBOX]); // ERC-7930: EVM, chain 7777, 20 bytes
      const receipt = await (await this.outbox.sendMessage(recipient, toBeHex(i, 32), [])).wait();
      const [log] = await this.outbox.queryFilter(this.outbox.filters.LaneAdvanced(), receipt?.blockNumber);
      ids.push(messageId.parse(log?.args.messageId));
    }
    const accumulators = ids.map((_, i) => advance(emptyLane, ids.slice(0, i + 1)).accumulator);
    return { ids, accumulators: [hash.parse(ZERO_HASH), ...accumulators] };
  }
}

/** Deploys everything. */
export async function deployWorld(options: WorldOptions = {}): Promise<World> {
  return new World(await deployParts(options));
}

/** Four validators of four operators in a first set of Ed25519 keys; the first two have tables for the fast verifier, all BLS keys. */
async function fourValidators() {
  const world = await deployWorld();
  for (let i = 0; i < 4; i++)
    await world.join(i, { bond: MINIMUM * BigInt(i + 1), hasTable: i < 2, hasBls: true });
  const set = await world.form();
  return { world, set };
}
export const load = () => networkHelpers.loadFixture(fourValidators);

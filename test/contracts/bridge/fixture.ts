import { concat, getBytes, hexlify, id as keccakOfText } from "ethers";
import type { network } from "hardhat";
import { digestOf, domainOf } from "../../../relayer/domain/attestation.ts";
import { advance, emptyLane, laneFrom, messageIdOf } from "../../../relayer/domain/message.ts";
import { encodeSet, setHash } from "../../../relayer/domain/validator-set.ts";
import * as bls from "../../../relayer/domain/bls.ts";
import type { LaneHead, Statement, ValidatorSet } from "../../../relayer/domain/bridge.ts";
import { publicKeyOf, sign, withHint } from "../../../relayer/domain/ed25519.ts";
import {
  address,
  bytes,
  chainId,
  hash,
  type MessageId,
  publicKey,
  type PublicKey,
} from "../../../relayer/domain/ids.ts";

type Ethers = Awaited<ReturnType<typeof network.create>>["ethers"];

/** The chain that the messages of these tests come from, and the Outbox there. */
export const ORIGIN = chainId.parse(7_777);
export const OUTBOX = address.parse("0x00000000000000000000000000000000000000A1");
/** The home chain of the validators in these tests, and the registry there. */
export const HOME = chainId.parse(6_666);
export const REGISTRY = address.parse("0x00000000000000000000000000000000000000B1");
/** The account that sends messages on the origin, where a test names no other. */
const SENDER = "0x000000000000000000000000000000000000bEEF";
/** The chain id of Hardhat's simulated network. */
export const HERE = chainId.parse(31_337);
/** Later than any test's clock goes. */
export const NEVER = 2n ** 40n;

export type TestValidator = { readonly publicKey: PublicKey; readonly secretKey: Uint8Array };

/** `count` validators with fixed keys, ascending by public key. */
export function testValidators(count: number): readonly TestValidator[] {
  return Array.from({ length: count }, (_, i) => {
    const secretKey = getBytes(keccakOfText(`test validator ${i}`));
    return { secretKey, publicKey: publicKey.parse(hexlify(publicKeyOf(secretKey))) };
  }).sort((a, b) => (a.publicKey < b.publicKey ? -1 : 1));
}

export type Ed25519Set = ValidatorSet & { readonly scheme: "Ed25519" };

/** A set of these validators. */
export function setOf(
  validators: readonly TestValidator[],
  threshold: number,
  change: Partial<Ed25519Set> = {},
): Ed25519Set {
  return {
    epoch: 1n,
    expiresAt: NEVER,
    overlap: 0,
    threshold,
    scheme: "Ed25519",
    members: validators.map((validator) => validator.publicKey),
    ...change,
  };
}

/** The contracts that signatures are checked with, with a table for each of `validators`. */
export async function deployVerifiers(ethers: Ethers, validators: readonly TestValidator[]) {
  const keys = await ethers.deployContract("Ed25519KeyRegistry");
  const batch = await ethers.deployContract("Ed25519CombBatchVerifier", [keys]);
  const single = await ethers.deployContract("Ed25519Verifier");
  const keySets = await ethers.deployContract("BLS12381KeySets");
  const bls = await ethers.deployContract("BLS12381SetVerifier", [keySets]);
  for (const { publicKey, secretKey } of validators)
    await keys.register(publicKey, sign(getBytes(await keys.proofDigest(publicKey)), secretKey));
  return { keys, batch, single, bls, keySets };
}

/** A timelock that nobody waits for, to be impersonated. */
export async function deployGovernance(ethers: Ethers) {
  return ethers.deployContract("Timelock", [0, [], []]);
}

/** What `signers` (indices of `validators`, who are the set's members) say about `statement`, as contracts take it. */
export function quorumOf(
  set: ValidatorSet,
  validators: readonly TestValidator[],
  signers: readonly number[],
  statement: Omit<Statement, "epoch">,
) {
  const digest = getBytes(digestOf({ ...statement, epoch: set.epoch }));
  const signatures = signers.map((index) => {
    const validator = validators[index];
    if (validator === undefined) throw new Error(`no validator ${index}`);
    return withHint(sign(digest, validator.secretKey));
  });
  return { set: encodeSet(set), signers: bitmapOf(signers), signature: concat(signatures) };
}

export const bitmapOf = (indices: readonly number[]): bigint =>
  indices.reduce((bitmap, index) => bitmap | (1n << BigInt(index)), 0n);

/** Validators who sign with BLS12-381, and the set of them as contracts know it. */
export class TestAggregate {
  readonly #secrets: readonly Uint8Array[];
  readonly keys: readonly Uint8Array[];

  constructor(count: number) {
    this.#secrets = Array.from({ length: count }, (_, i) => {
      // below the group's order
      const secret = getBytes(keccakOfText(`test aggregate ${i}`));
      secret[0] = 0;
      return secret;
    });
    this.keys = this.#secrets.map(bls.publicKeyOf);
  }

  /** Proves the keys and creates their set. */
  async createSet(
    { keySets }: Pick<Awaited<ReturnType<typeof deployVerifiers>>, "keySets">,
    threshold: number,
    change: Partial<ValidatorSet & { scheme: "BLS12381" }> = {},
  ): Promise<ValidatorSet> {
    for (const [i, key] of this.keys.entries()) {
      const digest = getBytes(await keySets.proofDigest(key));
      await keySets.prove(key, bls.provePossession(digest, this.#secrets[i] ?? new Uint8Array()));
    }
    const id = await keySets.createSet.staticCall([...this.keys]);
    await keySets.createSet([...this.keys]);
    const members = [hash.parse(id)] as const;
    return { epoch: 1n, expiresAt: NEVER, overlap: 0, threshold, scheme: "BLS12381", members, ...change };
  }

  quorumOf(set: ValidatorSet, signers: readonly number[], statement: Omit<Statement, "epoch">) {
    const digest = getBytes(digestOf({ ...statement, epoch: set.epoch }));
    const signatures = signers.map((index) => bls.sign(digest, this.#secrets[index] ?? new Uint8Array()));
    return { set: encodeSet(set), signers: bitmapOf(signers), signature: hexlify(bls.aggregate(signatures)) };
  }
}

export type TestMessage = { sender: string; recipient: string; gasLimit: bigint; payload: string };

/** The origin side of a lane to one Inbox, as TypeScript's core computes it. */
export class TestLane {
  readonly lane = laneFrom(ORIGIN, OUTBOX, HERE);
  readonly messages: TestMessage[] = [];
  readonly ids: MessageId[] = [];
  readonly #inbox: string;
  readonly #validators: readonly TestValidator[];
  readonly #set: ValidatorSet;

  /** @param set who attests, where a test names no other: these validators. */
  constructor(inbox: string, validators: readonly TestValidator[], set: ValidatorSet) {
    this.#inbox = inbox;
    this.#validators = validators;
    this.#set = set;
  }

  /** Sends `count` messages to `recipient`. */
  send(
    recipient: string,
    { count = 1, gasLimit = 300_000n, payload = "0x1234", sender = SENDER } = {},
  ): void {
    for (let i = 0; i < count; i++) {
      const message = { sender, recipient, gasLimit, payload };
      const content = {
        ...message,
        nonce: BigInt(this.messages.length + 1),
        sender: address.parse(message.sender),
        recipient: address.parse(recipient),
        payload: bytes.parse(payload),
      };
      this.messages.push(message);
      this.ids.push(messageIdOf(this.lane.id, content));
    }
  }

  /** The lane after its first `count` messages. */
  head(count = this.ids.length): LaneHead {
    return advance(emptyLane, this.ids.slice(0, count));
  }

  /** What validators attest to on the lane after its first `count` messages. */
  statement(count = this.ids.length, inbox = this.#inbox): Omit<Statement, "epoch"> {
    return { domain: domainOf(HERE, address.parse(inbox)), lane: this.lane.id, ...this.head(count) };
  }

  /** The word of the validators at `indices` on the lane after its first `count` messages. */
  attest(indices: readonly number[], { count = this.ids.length, set = this.#set, inbox = this.#inbox } = {}) {
    return quorumOf(set, this.#validators, indices, this.statement(count, inbox));
  }
}

/** What a set says to the Inbox at `inbox` so that `next` follows it: see `IValidatorSets.rotate`. */
export function rotationTo(next: ValidatorSet, inbox: string): Omit<Statement, "epoch"> {
  return {
    domain: domainOf(HERE, address.parse(inbox)),
    lane: laneFrom(HOME, REGISTRY, HERE).id,
    nonce: next.epoch,
    accumulator: setHash(next),
  };
}

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { getBytes } from "ethers";
import { LocalSigningKey } from "../../../../relayer/bridge/adapters/local-key.ts";
import { digestOf } from "../../../../relayer/domain/attestation.ts";
import { emptyLane } from "../../../../relayer/domain/message.ts";
import type { Deliverer } from "../../../../relayer/bridge/ports.ts";
import type { BatchRule } from "../../../../relayer/bridge/core/batch.ts";
import { Sender } from "../../../../relayer/bridge/worker/sender.ts";
import { SigningGate } from "../../../../relayer/bridge/worker/signing-gate.ts";
import { Signer } from "../../../../relayer/bridge/worker/signer.ts";
import type { Attestation, Point } from "../../../../relayer/domain/bridge.ts";
import { verify } from "../../../../relayer/domain/ed25519.ts";
import { FatalError, RetryableError } from "../../../../relayer/domain/errors.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { A, B, ed25519Set, hashOf } from "../../support/bridge.ts";
import {
  FakeAttestations,
  FakeDestination,
  FakeOrigin,
  FakeRecords,
  ManualClock,
} from "../../support/fakes.ts";

const job = { signal: new AbortController().signal, logger: createLogger("silent", {}) };
const keys = ["one", "two", "three"]
  .map((name) => new LocalSigningKey(getBytes(hashOf(name))))
  .sort((a, b) => (a.publicKey < b.publicKey ? -1 : 1));
const [firstKey] = keys;
assert(firstKey !== undefined);
const set = ed25519Set(
  keys.map(({ publicKey }) => publicKey),
  2,
);

const hasCode = (type: typeof FatalError | typeof RetryableError, code: string) => (error: unknown) =>
  error instanceof type && error.code === code;

let origin: FakeOrigin;
let destination: FakeDestination;
beforeEach(() => {
  origin = new FakeOrigin();
  destination = new FakeDestination(set);
});

async function pointOf(nonce: bigint): Promise<Point> {
  return (await origin.advance(origin.lane.id, nonce)) ?? assert.fail();
}

async function attestationBy(key: LocalSigningKey, point: Point): Promise<Attestation> {
  const statement = {
    domain: destination.domain,
    lane: point.lane,
    nonce: point.nonce,
    accumulator: point.accumulator,
    epoch: 1n,
  };
  return { ...statement, validator: key.publicKey, signature: await key.sign(digestOf(statement)) };
}

describe("signer", () => {
  let records: FakeRecords;
  let published: Attestation[];
  let signer: Signer;
  beforeEach(() => {
    records = new FakeRecords();
    published = [];
    signer = new Signer({
      origins: new Map([[A, origin]]),
      destinations: new Map([[B, destination]]),
      gate: new SigningGate({ records, key: firstKey }),
      publish: (_point, attestation) => Promise.resolve(void published.push(attestation)),
    });
    origin.mine(2);
    origin.mine(1);
    origin.final = 2;
  });

  it("attests to a final point of its origin, recorded first, and to the same again", async () => {
    const point = await pointOf(2n);
    await signer.attest(point, job);
    await signer.attest(point, job);
    assert.equal(published.length, 2);
    assert.deepEqual(published[0], published[1]);
    const [first] = published;
    assert(first !== undefined);
    const { signature, validator, ...statement } = first;
    assert(verify(getBytes(signature), getBytes(digestOf(statement)), getBytes(validator)));
    assert.equal(records.signed.size, 1);
  });

  it("looks everything up on the origin itself", async () => {
    const point = await pointOf(3n);
    const lie = hashOf("a lie");
    await assert.rejects(
      signer.attest({ ...point, accumulator: lie }, job),
      hasCode(FatalError, "NOT_ON_ORIGIN"),
    );
    await assert.rejects(signer.attest({ ...point, nonce: 4n }, job), hasCode(RetryableError, "NOT_FINAL"));
    await assert.rejects(signer.attest(await pointOf(1n), job), hasCode(FatalError, "NOT_A_POINT"));
    await assert.rejects(
      signer.attest({ ...point, lane: lie as never }, job),
      hasCode(FatalError, "UNKNOWN_LANE"),
    );
    origin.final = 1;
    await assert.rejects(signer.attest(point, job), hasCode(RetryableError, "NOT_FINAL"));
    assert.deepEqual([records.signed.size, published.length], [0, 0]);
  });

  it("never signs a second accumulator, even if its own node shows one now", async () => {
    const point = await pointOf(3n);
    await records.checkAndRecord(firstKey.publicKey, {
      domain: destination.domain,
      lane: point.lane,
      nonce: 3n,
      accumulator: hashOf("before a reorg"),
      epoch: 0n,
    });
    await assert.rejects(signer.attest(point, job), hasCode(FatalError, "DOUBLE_SIGNING_REFUSED"));
    assert.equal(published.length, 0);
  });

  it("signs nothing new at or below a low-water mark, and says that no money is lost", async () => {
    records.lowWaterMark = 2n;
    await assert.rejects(
      signer.attest(await pointOf(2n), job),
      (error) =>
        hasCode(FatalError, "BELOW_LOW_WATER_MARK")(error) && String(error).includes("No money is lost"),
    );
    await signer.attest(await pointOf(3n), job);
    assert.deepEqual(
      published.map(({ nonce }) => nonce),
      [3n],
    );
  });

  it("signs nothing that could not be recorded", async () => {
    records.checkAndRecord = () => Promise.reject(new RetryableError("SIGNING_RECORDS", "the disk is full"));
    await assert.rejects(signer.attest(await pointOf(3n), job), hasCode(RetryableError, "SIGNING_RECORDS"));
    assert.equal(published.length, 0);
  });
});

describe("sender", () => {
  let attestations: FakeAttestations;
  let deliveries: { first: bigint; count: number; later: number; signers: number[] }[];
  let most: number;
  let answer: "stale" | undefined;
  const deliverer: Deliverer = {
    deliver: (_lane, { firstNonce, messages, later }, { signers }) => {
      if (answer !== undefined) return Promise.resolve(answer);
      if (messages.length > most) return Promise.resolve("too-big" as const);
      deliveries.push({
        first: firstNonce,
        count: messages.length,
        later: later.length,
        signers: [0, 1, 2].filter((index) => (signers >> BigInt(index)) & 1n),
      });
      destination.accepted = messages.at(-1) ?? assert.fail();
      const gasUsed = BigInt(messages.length) * 40_000n;
      return Promise.resolve({ transactionHash: hashOf(`delivery ${deliveries.length}`), gasUsed });
    },
  };
  let clock: ManualClock;
  const sender = (rule: Partial<BatchRule> = {}) =>
    new Sender(
      origin.lane,
      { ageMilliseconds: 250, size: 200, gas: 12_000_000, ...rule },
      { origin, destination, attestations, deliverer, clock },
    );

  beforeEach(() => {
    clock = new ManualClock();
    attestations = new FakeAttestations();
    deliveries = [];
    most = 1_000;
    answer = undefined;
  });

  async function attest(nonce: bigint, signers: readonly number[]): Promise<Point> {
    const point = await pointOf(nonce);
    for (const index of signers)
      await attestations.add(point, await attestationBy(keys[index] ?? assert.fail(), point));
    return point;
  }

  it("delivers everything below the highest point that has a quorum at once", async () => {
    for (const count of [3, 2, 4]) origin.mine(count);
    const low = await attest(3n, [0, 1, 2]);
    await attest(5n, [0, 2]);
    await attest(9n, [1]);
    await sender().deliver(low, job);
    assert.deepEqual(deliveries, [{ first: 1n, count: 5, later: 0, signers: [0, 2] }]);
  });

  it("delivers nothing twice and nothing without a quorum", async () => {
    origin.mine(2);
    const point = await attest(2n, [1]);
    await sender().deliver(point, job);
    assert.deepEqual(deliveries, []);
    await attest(2n, [0]);
    await sender().deliver(point, job);
    await sender().deliver(point, job);
    assert.equal(deliveries.length, 1);
  });

  it("halves a batch until it fits", async () => {
    origin.mine(10);
    most = 3;
    await sender().deliver(await attest(10n, [0, 1]), job);
    assert.deepEqual(
      deliveries.reduce((sum, { count }) => sum + count, 0),
      10,
    );
    assert(deliveries.every(({ count }) => count <= 3));
    assert.equal(deliveries[0]?.later, 10 - (deliveries[0]?.count ?? 0));
  });

  it("waits for others until the oldest message is old enough, and takes along what came meanwhile", async () => {
    origin.mine(1);
    const first = await attest(1n, [0, 1]);
    const began = clock.now();
    const sleep = clock.sleep.bind(clock);
    let naps = 0;
    clock.sleep = async (milliseconds) => {
      if (++naps === 2) {
        origin.mine(2);
        await attest(3n, [0, 1]);
      }
      await sleep(milliseconds);
    };
    await sender().deliver(first, job);
    assert.deepEqual(deliveries, [{ first: 1n, count: 3, later: 0, signers: [0, 1] }]);
    assert.equal(clock.now() - began, 250);
  });

  it("does not wait once a batch is full, by size or by gas", async () => {
    origin.mine(7);
    const point = await attest(7n, [0, 1]);
    const began = clock.now();
    await sender({ size: 3, ageMilliseconds: 0 }).deliver(point, job);
    assert.deepEqual(
      deliveries.map(({ count }) => count),
      [3, 3, 1],
    );
    destination.accepted = emptyLane;
    deliveries = [];
    await attest(7n, [0, 1]);
    await sender({ gas: 100_000 }).deliver(point, job);
    assert.deepEqual(
      deliveries.map(({ count }) => count),
      [1, 1, 1, 1, 1, 1, 1],
    );
    assert.equal(clock.now(), began);
  });

  it("asks nobody about a point that the Inbox had accepted a moment ago, and delivers it again when blocks vanished", async (t) => {
    origin.mine(2);
    const [first, second] = [await attest(1n, [0, 1]), await attest(2n, [0, 1])];
    const one = sender();
    await one.deliver(second, job);
    const reads = t.mock.method(destination, "head");
    await one.deliver(first, job);
    await one.deliver(second, job);
    assert.equal(reads.mock.callCount(), 0);
    destination.accepted = emptyLane; // a reorganisation took the delivery back
    clock.advance(1_000);
    for (const nonce of [1n, 2n]) await attest(nonce, [0, 1]);
    await one.deliver(second, job);
    assert.deepEqual(
      deliveries.map(({ first: from, count }) => [from, count]),
      [
        [1n, 2],
        [1n, 2],
      ],
    );
  });

  it("finds the quorum of a point below many that have none", async () => {
    origin.mine(40);
    const point = await attest(3n, [0, 2]);
    for (let nonce = 4n; nonce <= 40n; nonce++) await attest(nonce, [1]);
    await sender().deliver(point, job);
    assert.deepEqual(deliveries, [{ first: 1n, count: 3, later: 0, signers: [0, 2] }]);
  });

  it("gives up for good on a message that fits nowhere, and for now when somebody else was faster", async () => {
    origin.mine(1);
    const point = await attest(1n, [0, 1]);
    most = 0;
    await assert.rejects(sender().deliver(point, job), hasCode(FatalError, "MESSAGE_TOO_BIG"));
    answer = "stale";
    await assert.rejects(sender().deliver(point, job), hasCode(RetryableError, "STALE"));
  });
});

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { getBytes } from "ethers";
import { LocalSigningKey } from "../../../../relayer/bridge/adapters/local-key.ts";
import { digestOf } from "../../../../relayer/domain/attestation.ts";
import { emptyLane } from "../../../../relayer/domain/message.ts";
import { Aggregator } from "../../../../relayer/bridge/worker/aggregator.ts";
import type { Attestation, Point } from "../../../../relayer/domain/bridge.ts";
import { FatalError, RetryableError } from "../../../../relayer/domain/errors.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { ed25519Set, hashOf, signatureOf } from "../../support/bridge.ts";
import { FakeAttestations, FakeDestination, FakeOrigin } from "../../support/fakes.ts";

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

async function attestationBy(
  key: LocalSigningKey,
  point: Point,
  epoch = 1n,
  domain = destination.domain,
): Promise<Attestation> {
  const statement = {
    domain,
    lane: point.lane,
    nonce: point.nonce,
    accumulator: point.accumulator,
    epoch,
  };
  return { ...statement, validator: key.publicKey, signature: await key.sign(digestOf(statement)) };
}

describe("aggregator", () => {
  let attestations: FakeAttestations;
  let requested: bigint[];
  let watched: Attestation[];
  let aggregator: Aggregator;
  beforeEach(() => {
    attestations = new FakeAttestations();
    requested = [];
    watched = [];
    aggregator = new Aggregator({
      destination,
      attestations,
      setLane: undefined,
      requestDelivery: (point) => Promise.resolve(void requested.push(point.nonce)),
      watch: (attestation) => Promise.resolve(void watched.push(attestation)),
    });
    origin.mine(1);
  });

  it("asks for a delivery once a quorum has attested, not before, and not for one who attests twice", async () => {
    const point = await pointOf(1n);
    await aggregator.collect(point, await attestationBy(firstKey, point), job);
    await aggregator.collect(point, await attestationBy(firstKey, point), job);
    assert.deepEqual(requested, []);
    await aggregator.collect(point, await attestationBy(keys[2] ?? assert.fail(), point), job);
    assert.deepEqual(requested, [1n]);
  });

  it("counts nothing that is forged, foreign, of another domain or epoch, or of nobody in the set", async () => {
    const point = await pointOf(1n);
    const genuine = await attestationBy(firstKey, point);
    const stranger = new LocalSigningKey(getBytes(hashOf("stranger")));
    const attempts: [Attestation, string][] = [
      [{ ...genuine, signature: signatureOf("junk") }, "BAD_SIGNATURE"],
      [{ ...genuine, accumulator: hashOf("other") }, "BAD_SIGNATURE"],
      [{ ...genuine, nonce: 2n }, "BAD_SIGNATURE"],
      [{ ...genuine, validator: keys[1]?.publicKey ?? assert.fail() }, "BAD_SIGNATURE"],
      [{ ...genuine, domain: hashOf("other domain") }, "BAD_SIGNATURE"],
      [await attestationBy(firstKey, point, 1n, hashOf("other domain")), "WRONG_DOMAIN"],
      [await attestationBy(firstKey, point, 3n), "WRONG_DOMAIN"],
      [await attestationBy(stranger, point), "NOT_A_VALIDATOR"],
    ];
    for (const [attestation, code] of attempts)
      await assert.rejects(aggregator.collect(point, attestation, job), hasCode(FatalError, code));
    assert.deepEqual([attestations.kept.length, requested.length], [0, 0]);
  });

  it("drops what was signed for a set that is replaced by now, for its point is asked for again", async () => {
    const point = await pointOf(1n);
    const stale = await attestationBy(firstKey, point, 0n);
    const ofWhoLeft = await attestationBy(new LocalSigningKey(getBytes(hashOf("who left"))), point, 0n);
    await aggregator.collect(point, stale, job);
    await aggregator.collect(point, ofWhoLeft, job);
    assert.deepEqual([attestations.kept.length, requested.length], [0, 0]);
    assert.deepEqual(watched, [stale, ofWhoLeft]);
  });

  it("waits with what was signed for the next set until it sees the rotation", async () => {
    const point = await pointOf(1n);
    await assert.rejects(
      aggregator.collect(point, await attestationBy(firstKey, point, 2n), job),
      hasCode(RetryableError, "EPOCH_AHEAD"),
    );
    assert.equal(attestations.kept.length, 0);
  });

  it("drops what is delivered already, but for junk, which it rejects", async () => {
    const point = await pointOf(1n);
    destination.accepted = point;
    const genuine = await attestationBy(firstKey, point);
    await aggregator.collect(point, genuine, job);
    const junk = { ...genuine, signature: signatureOf("junk") };
    await assert.rejects(aggregator.collect(point, junk, job), hasCode(FatalError, "BAD_SIGNATURE"));
    assert.equal(attestations.kept.length, 0);
  });

  it("shows the watchtower everything that is genuine, whether it counts or not, and no junk", async () => {
    const point = await pointOf(1n);
    const genuine = await attestationBy(firstKey, point);
    const late = { ...genuine, signature: signatureOf("junk") };
    const conflicting = await attestationBy(firstKey, { ...point, accumulator: hashOf("a lie") });
    const others = [
      await attestationBy(firstKey, point, 7n),
      await attestationBy(firstKey, point, 1n, hashOf("other domain")),
    ];
    await aggregator.collect(point, genuine, job);
    destination.accepted = point;
    await aggregator.collect({ ...point, accumulator: conflicting.accumulator }, conflicting, job);
    destination.accepted = emptyLane;
    await assert.rejects(aggregator.collect(point, late, job));
    for (const other of others) await assert.rejects(aggregator.collect(point, other, job));
    assert.deepEqual(watched, [genuine, conflicting, ...others]);
  });

  it("counts nothing that the watchtower could not be shown, so that it is brought again", async () => {
    const point = await pointOf(1n);
    const away = new RetryableError("REDIS", "Redis does not answer");
    const services = { destination, attestations, setLane: undefined, requestDelivery: () => assert.fail() };
    const unwatched = new Aggregator({ ...services, watch: () => Promise.reject(away) });
    await assert.rejects(unwatched.collect(point, await attestationBy(firstKey, point), job), away);
    assert.equal(attestations.kept.length, 0);
  });
});

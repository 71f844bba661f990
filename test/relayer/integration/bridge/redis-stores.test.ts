import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Redis } from "ioredis";
import { RedisAttestations, RedisCursors } from "../../../../relayer/bridge/adapters/redis-stores.ts";
import { type Attestation, type Point } from "../../../../relayer/domain/bridge.ts";
import { hashOf, pointAt, publicKeyOfText, signatureOf } from "../../support/bridge.ts";
import { PrivateRedis } from "../../support/private-redis.ts";

let server: PrivateRedis;
let redis: Redis;
before(async () => {
  server = await PrivateRedis.start();
  redis = server.connect();
});
beforeEach(() => redis.flushall());
after(() => server.stop());

describe("cursors in Redis", () => {
  it("move only from where they stand, so that a wipe is noticed", async () => {
    const cursors = new RedisCursors(redis);
    assert.equal(await cursors.read("w"), undefined);
    assert.equal(await cursors.move("w", 5, 6), false);
    assert.equal(await cursors.move("w", undefined, 10), true);
    assert.equal(await cursors.move("w", undefined, 11), false);
    assert.equal(await cursors.move("w", 10, 20), true);
    assert.equal(await cursors.read("w"), 20);
    await redis.flushall();
    assert.equal(await cursors.move("w", 20, 30), false);
    assert.equal(await cursors.read("w"), undefined);
  });

  it("are apart for different watchers", async () => {
    const cursors = new RedisCursors(redis);
    await cursors.move("w-1", undefined, 1);
    assert.equal(await cursors.read("w-2"), undefined);
  });
});

describe("attestations in Redis", () => {
  const attestation = ({ lane, nonce, accumulator }: Point, who: string, epoch = 1n): Attestation => ({
    domain: hashOf("domain"),
    lane,
    nonce,
    accumulator,
    epoch,
    validator: publicKeyOfText(who),
    signature: signatureOf(`${who} ${nonce}`),
  });

  it("give back each point once, highest first, above a nonce", async () => {
    const store = new RedisAttestations(redis);
    const points = [pointAt(1, 1n), pointAt(2, 5n), pointAt(3, 9n)];
    for (const point of points)
      for (const who of ["v1", "v2"]) await store.add(point, attestation(point, who));
    const lane = pointAt(1, 1n).lane;
    assert.deepEqual(await store.pointsAbove(lane, 0n), points.toReversed());
    assert.deepEqual(await store.pointsAbove(lane, 5n), [points[2]]);
    assert.deepEqual(await store.pointsAbove(lane, 9n), []);
  });

  it("count signatures for one accumulator and one epoch only", async () => {
    const store = new RedisAttestations(redis);
    const [right, wrong] = [pointAt(1, 1n), pointAt(1, 1n, hashOf("another accumulator"))];
    await store.add(right, attestation(right, "v1"));
    await store.add(right, attestation(right, "v1"));
    await store.add(wrong, attestation(wrong, "v2"));
    await store.add(right, attestation(right, "v3", 2n));
    assert.deepEqual(
      [...(await store.signatures(right, 1n)).entries()],
      [[publicKeyOfText("v1"), signatureOf("v1 1")]],
    );
    assert.deepEqual([...(await store.signatures(right, 2n)).keys()], [publicKeyOfText("v3")]);
    assert.deepEqual([...(await store.signatures(wrong, 1n)).keys()], [publicKeyOfText("v2")]);
  });

  it("forget what is delivered and nothing else", async () => {
    const store = new RedisAttestations(redis);
    const points = [pointAt(1, 1n), pointAt(2, 2n), pointAt(3, 3n)];
    for (const point of points) await store.add(point, attestation(point, "v1"));
    await store.prune(pointAt(1, 1n).lane, 2n);
    assert.deepEqual(await store.pointsAbove(pointAt(1, 1n).lane, 0n), [points[2]]);
    assert.equal((await redis.keys("*")).length, 2);
    await store.prune(pointAt(1, 1n).lane, 3n);
    assert.deepEqual(await redis.keys("*"), []);
  });
});

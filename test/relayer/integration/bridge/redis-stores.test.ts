import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Redis } from "ioredis";
import { RedisCursors, RedisRequests } from "../../../../relayer/bridge/adapters/redis-cursors.ts";
import { RedisAttestations } from "../../../../relayer/bridge/adapters/redis-stores.ts";
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

const at = (number: number, fork = "") => ({ number, hash: hashOf(`block ${number}${fork}`) });

describe("cursors in Redis", () => {
  it("move only from where they stand, so that a wipe is noticed", async () => {
    const cursors = new RedisCursors(redis);
    assert.equal(await cursors.read("w"), undefined);
    assert.equal(await cursors.move("w", at(5), at(6)), false);
    assert.equal(await cursors.move("w", undefined, at(10)), true);
    assert.equal(await cursors.move("w", undefined, at(11)), false);
    assert.equal(await cursors.move("w", at(10, "'"), at(11)), false);
    assert.equal(await cursors.move("w", at(10), at(20)), true);
    assert.deepEqual(await cursors.read("w"), at(20));
    await redis.flushall();
    assert.equal(await cursors.move("w", at(20), at(30)), false);
    assert.equal(await cursors.read("w"), undefined);
  });

  it("are apart for different watchers", async () => {
    const cursors = new RedisCursors(redis);
    await cursors.move("w-1", undefined, at(1));
    assert.equal(await cursors.read("w-2"), undefined);
    assert.deepEqual(await cursors.recent("w-2"), []);
  });

  it("remember where they stood lately, the newest first, and no more than 256 blocks", async () => {
    const cursors = new RedisCursors(redis);
    for (let number = 0; number < 300; number++)
      await cursors.move("w", number === 0 ? undefined : at(number - 1), at(number));
    const recent = await cursors.recent("w");
    assert.deepEqual([recent.length, recent[0], recent.at(-1)], [256, at(299), at(44)]);
  });

  it("moved back, forget the blocks after, and moved to nowhere, all", async () => {
    const cursors = new RedisCursors(redis);
    for (const [from, to] of [
      [undefined, 1],
      [1, 2],
      [2, 3],
    ] as const)
      await cursors.move("w", from && at(from), at(to));
    assert.equal(await cursors.move("w", at(3), at(1)), true);
    assert.deepEqual(await cursors.recent("w"), [at(1)]);
    assert.equal(await cursors.move("w", at(1), at(2, "'")), true);
    assert.deepEqual(await cursors.recent("w"), [at(2, "'"), at(1)]);
    assert.equal(await cursors.move("w", at(2, "'"), undefined), true);
    assert.deepEqual(await redis.keys("*"), []);
  });
});

describe("requests in Redis", () => {
  it("are given back by block, and forgotten outside the blocks that are kept", async () => {
    const requests = new RedisRequests(redis);
    const points = [pointAt(1, 1n), pointAt(2, 2n), pointAt(3, 3n)];
    for (const point of [...points, ...points]) await requests.add("w", point);
    assert.deepEqual(await requests.above("w", 1), points.slice(1));
    assert.deepEqual(await requests.above("v", -1), []);
    await requests.keep("w", 2, 2);
    assert.deepEqual(await requests.above("w", -1), [points[1]]);
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

  it("give back each point once, highest first, above a nonce and up to another", async () => {
    const store = new RedisAttestations(redis);
    const points = [pointAt(1, 1n), pointAt(2, 5n), pointAt(3, 9n)];
    for (const point of points)
      for (const who of ["v1", "v2"]) await store.add(point, attestation(point, who));
    const lane = pointAt(1, 1n).lane;
    assert.deepEqual(await store.pointsAbove(lane, 0n), points.toReversed());
    assert.deepEqual(await store.pointsAbove(lane, 5n), [points[2]]);
    assert.deepEqual(await store.pointsAbove(lane, 9n), []);
    assert.deepEqual(await store.pointsAbove(lane, 1n, 5n), [points[1]]);
    assert.deepEqual(await store.pointsAbove(lane, 1n, 4n), []);
  });

  it("count signatures for one accumulator and one epoch only", async () => {
    const store = new RedisAttestations(redis);
    const [right, wrong] = [pointAt(1, 1n), pointAt(1, 1n, hashOf("another accumulator"))];
    const added = [
      await store.add(right, attestation(right, "v1")),
      await store.add(right, attestation(right, "v1")),
      await store.add(wrong, attestation(wrong, "v2")),
      await store.add(right, attestation(right, "v3", 2n)),
    ];
    assert.deepEqual(
      added.map((signatures) => [...signatures.keys()]),
      ["v1", "v1", "v2", "v3"].map((who) => [publicKeyOfText(who)]),
    );
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

  it("withdraw one point with its signatures, and leave another accumulator of its nonce alone", async () => {
    const store = new RedisAttestations(redis);
    const [gone, stays] = [pointAt(1, 1n), pointAt(1, 1n, hashOf("another accumulator"))];
    for (const point of [gone, stays]) await store.add(point, attestation(point, "v1"));
    await store.withdraw(gone);
    assert.deepEqual(await store.pointsAbove(gone.lane, 0n), [stays]);
    assert.equal((await store.signatures(gone, 1n)).size, 0);
    assert.equal((await store.signatures(stays, 1n)).size, 1);
  });
});

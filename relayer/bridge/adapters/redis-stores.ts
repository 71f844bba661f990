import { z } from "zod";
import type { Attestation, Point } from "../../domain/bridge.ts";
import { type LaneId, publicKey, type PublicKey, signature, type Signature } from "../../domain/ids.ts";
import { pointSchema } from "../../domain/jobs.ts";
import type { RedisClient } from "../../platform/redis.ts";
import type { AttestationStore } from "../ports.ts";

/** KEYS: the points of a lane, the signatures on one point. ARGV: nonce, point, field, signature. @returns all fields and signatures of the point */
const ADD_ATTESTATION = `
redis.call("ZADD", KEYS[1], ARGV[1], ARGV[2])
redis.call("HSET", KEYS[2], ARGV[3], ARGV[4])
return redis.call("HGETALL", KEYS[2])`;

const flatHash = z.array(z.string());

/**
 * An {@link AttestationStore} in Redis: a sorted set of points by nonce for each lane, and a hash of signatures for each point.
 * A point's accumulator is part of its keys, so signatures over different accumulators never count together.
 */
export class RedisAttestations implements AttestationStore {
  readonly #redis: RedisClient;

  constructor(redis: RedisClient) {
    this.#redis = redis;
  }

  async add(
    point: Point,
    { epoch, validator, signature: signed }: Attestation,
  ): Promise<ReadonlyMap<PublicKey, Signature>> {
    const value = JSON.stringify(pointSchema.encode(point));
    const keys = [pointsKey(point.lane), signaturesKey(point)] as const;
    const answer = await this.#redis.eval(
      ADD_ATTESTATION,
      2,
      ...keys,
      point.nonce.toString(),
      value,
      field(epoch, validator),
      signed,
    );
    const flat = flatHash.parse(answer);
    return signaturesOf(
      epoch,
      flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1]] as const] : [])),
    );
  }

  async pointsAbove(lane: LaneId, nonce: bigint, end?: bigint): Promise<readonly Point[]> {
    const most = end?.toString() ?? "+inf";
    const values = await this.#redis.zrevrangebyscore(pointsKey(lane), most, `(${nonce}`);
    return values.map((value) => pointSchema.parse(JSON.parse(value)));
  }

  async signatures(point: Point, epoch: bigint): Promise<ReadonlyMap<PublicKey, Signature>> {
    return signaturesOf(epoch, Object.entries(await this.#redis.hgetall(signaturesKey(point))));
  }

  async prune(lane: LaneId, nonce: bigint): Promise<void> {
    const values = await this.#redis.zrangebyscore(pointsKey(lane), "-inf", nonce.toString());
    const keys = values.map((value) => signaturesKey(pointSchema.parse(JSON.parse(value))));
    if (keys.length === 0) return;
    await this.#redis
      .multi()
      .unlink(...keys)
      .zremrangebyscore(pointsKey(lane), "-inf", nonce.toString())
      .exec();
  }

  async withdraw(point: Point): Promise<void> {
    const nonce = point.nonce.toString();
    const values = await this.#redis.zrangebyscore(pointsKey(point.lane), nonce, nonce);
    const same = values.filter(
      (value) => pointSchema.parse(JSON.parse(value)).accumulator === point.accumulator,
    );
    const transaction = this.#redis.multi().unlink(signaturesKey(point));
    for (const value of same) transaction.zrem(pointsKey(point.lane), value);
    await transaction.exec();
  }
}

/** Those of one epoch among the fields of a point's hash. */
function signaturesOf(
  epoch: bigint,
  fields: readonly (readonly [name: string, signed: unknown])[],
): ReadonlyMap<PublicKey, Signature> {
  const prefix = field(epoch, "");
  return new Map(
    fields
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, signed]) => [publicKey.parse(name.slice(prefix.length)), signature.parse(signed)]),
  );
}

const pointsKey = (lane: LaneId) => `{dchat}:points:${lane}`;
const signaturesKey = ({ lane, nonce, accumulator }: Point) =>
  `{dchat}:signatures:${lane}:${nonce}:${accumulator}`;
const field = (epoch: bigint, validator: string) => `${epoch}:${validator}`;

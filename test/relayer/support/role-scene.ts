import assert from "node:assert/strict";
import { getBytes } from "ethers";
import { LocalSigningKey } from "../../../relayer/bridge/adapters/local-key.ts";
import { digestOf } from "../../../relayer/domain/attestation.ts";
import type { Attestation, Point } from "../../../relayer/domain/bridge.ts";
import type { FatalError, RetryableError } from "../../../relayer/domain/errors.ts";
import { createLogger } from "../../../relayer/platform/log.ts";
import { ed25519Set, hashOf } from "./bridge.ts";
import { FakeDestination, FakeOrigin } from "./fakes.ts";

/** What a role gets with each job. */
export const job = { signal: new AbortController().signal, logger: createLogger("silent", {}) };

/** Three validators, in the order of their set. */
export const keys = ["one", "two", "three"]
  .map((name) => new LocalSigningKey(getBytes(hashOf(name))))
  .sort((a, b) => (a.publicKey < b.publicKey ? -1 : 1));

const set = ed25519Set(
  keys.map(({ publicKey }) => publicKey),
  2,
);

/** Both ends of a lane in memory, for a role that works on it; two of three validators decide. */
export class RoleScene {
  readonly origin = new FakeOrigin();
  readonly destination = new FakeDestination(set);

  async pointOf(nonce: bigint): Promise<Point> {
    return (await this.origin.advance(this.origin.lane.id, nonce)) ?? assert.fail();
  }

  async attestationBy(key: LocalSigningKey, point: Point): Promise<Attestation> {
    const statement = {
      domain: this.destination.domain,
      lane: point.lane,
      nonce: point.nonce,
      accumulator: point.accumulator,
      epoch: 1n,
    };
    return { ...statement, validator: key.publicKey, signature: await key.sign(digestOf(statement)) };
  }
}

/** What {@link assert.rejects} holds an error against. */
export const hasCode = (type: typeof FatalError | typeof RetryableError, code: string) => (error: unknown) =>
  error instanceof type && error.code === code;

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { getBytes } from "ethers";
import { SigningGate } from "../../../../relayer/bridge/worker/signing-gate.ts";
import { Signer } from "../../../../relayer/bridge/worker/signer.ts";
import { digestOf } from "../../../../relayer/domain/attestation.ts";
import type { Attestation } from "../../../../relayer/domain/bridge.ts";
import { verify } from "../../../../relayer/domain/ed25519.ts";
import { FatalError, RetryableError } from "../../../../relayer/domain/errors.ts";
import { A, B, hashOf } from "../../support/bridge.ts";
import { type FakeDestination, type FakeOrigin, FakeRecords } from "../../support/fakes.ts";
import { hasCode, job, keys, RoleScene } from "../../support/role-scene.ts";

const [firstKey] = keys;
assert(firstKey !== undefined);

let scene: RoleScene;
let origin: FakeOrigin;
let destination: FakeDestination;
beforeEach(() => {
  scene = new RoleScene();
  ({ origin, destination } = scene);
});

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
    const point = await scene.pointOf(2n);
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
    const point = await scene.pointOf(3n);
    const lie = hashOf("a lie");
    await assert.rejects(
      signer.attest({ ...point, accumulator: lie }, job),
      hasCode(FatalError, "NOT_ON_ORIGIN"),
    );
    await assert.rejects(signer.attest({ ...point, nonce: 4n }, job), hasCode(RetryableError, "NOT_FINAL"));
    await assert.rejects(signer.attest(await scene.pointOf(1n), job), hasCode(FatalError, "NOT_A_POINT"));
    await assert.rejects(
      signer.attest({ ...point, lane: lie as never }, job),
      hasCode(FatalError, "UNKNOWN_LANE"),
    );
    origin.final = 1;
    await assert.rejects(signer.attest(point, job), hasCode(RetryableError, "NOT_FINAL"));
    assert.deepEqual([records.signed.size, published.length], [0, 0]);
  });

  it("never signs a second accumulator, even if its own node shows one now", async () => {
    const point = await scene.pointOf(3n);
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
      signer.attest(await scene.pointOf(2n), job),
      (error) =>
        hasCode(FatalError, "BELOW_LOW_WATER_MARK")(error) && String(error).includes("No money is lost"),
    );
    await signer.attest(await scene.pointOf(3n), job);
    assert.deepEqual(
      published.map(({ nonce }) => nonce),
      [3n],
    );
  });

  it("signs nothing that could not be recorded", async () => {
    records.checkAndRecord = () => Promise.reject(new RetryableError("SIGNING_RECORDS", "the disk is full"));
    await assert.rejects(
      signer.attest(await scene.pointOf(3n), job),
      hasCode(RetryableError, "SIGNING_RECORDS"),
    );
    assert.equal(published.length, 0);
  });
});

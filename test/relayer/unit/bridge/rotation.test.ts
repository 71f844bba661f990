import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import fc from "fast-check";
import { getBytes } from "ethers";
import { LocalSigningKey } from "../../../../relayer/bridge/adapters/local-key.ts";
import { type Candidate, elect } from "../../../../relayer/bridge/core/election.ts";
import { setHash } from "../../../../relayer/domain/validator-set.ts";
import { type FormedSet, setLane, setPoint } from "../../../../relayer/bridge/core/rotation.ts";
import type { SetDeliverer, SetOrigin } from "../../../../relayer/bridge/ports.ts";
import { Aggregator } from "../../../../relayer/bridge/worker/aggregator.ts";
import { Rotator } from "../../../../relayer/bridge/worker/rotator.ts";
import { SetSender } from "../../../../relayer/bridge/worker/set-sender.ts";
import { SetSigner } from "../../../../relayer/bridge/worker/set-signer.ts";
import { SigningGate } from "../../../../relayer/bridge/worker/signing-gate.ts";
import type { Attestation, Point, ValidatorSet } from "../../../../relayer/domain/bridge.ts";
import { FatalError, RetryableError } from "../../../../relayer/domain/errors.ts";
import { address, type Address } from "../../../../relayer/domain/ids.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { A, anyAddress, anyPublicKey, B, ed25519Set, hashOf, laneOf } from "../../support/bridge.ts";
import { FakeAttestations, FakeDestination, FakeRecords, ManualClock } from "../../support/fakes.ts";

const logger = createLogger("silent", {});
const job = { signal: new AbortController().signal, logger };
const home = { chainId: A, registry: address.parse("0x00000000000000000000000000000000000000B1") };
const keys = ["one", "two", "three"].map((name) => new LocalSigningKey(getBytes(hashOf(name))));
const members = keys.map(({ publicKey }) => publicKey).sort();

/** Sets of epochs 1, 2, … of the same members, as a registry would have formed them. */
class FakeSets implements SetOrigin {
  readonly home = home;
  readonly formed: FormedSet[] = [];

  form(count: number): void {
    for (let i = 0; i < count; i++) {
      const epoch = BigInt(this.formed.length + 1);
      const position = {
        blockNumber: Number(epoch),
        blockHash: hashOf(`block ${epoch}`),
        transactionHash: hashOf(`set ${epoch}`),
        logIndex: 0,
      };
      this.formed.push({ set: { ...ed25519Set(members, 2), epoch }, position });
    }
  }

  finalSet(epoch: bigint): Promise<FormedSet | undefined> {
    return Promise.resolve(this.formed[Number(epoch) - 1]);
  }
}

let sets: FakeSets;
let destination: FakeDestination;
beforeEach(() => {
  sets = new FakeSets();
  sets.form(1);
  destination = new FakeDestination(sets.formed[0]?.set);
});

function pointOf(epoch: number): Point {
  return setPoint(home, B, sets.formed[epoch - 1] ?? assert.fail());
}

describe("the lane of validator sets", () => {
  it("has a point for each set: the epoch, and the set's hash", () => {
    const formed = sets.formed[0] ?? assert.fail();
    const { lane, nonce, accumulator } = pointOf(1);
    assert.deepEqual([lane, nonce, accumulator], [setLane(home, B).id, 1n, setHash(formed.set)]);
    assert.notEqual(setLane(home, A).id, lane);
  });
});

describe("rotator", () => {
  it("asks for the next set only, once, and again when nothing comes of it", async () => {
    const clock = new ManualClock();
    const asked: bigint[] = [];
    const rotator = new Rotator(
      { redriveMilliseconds: 1_000 },
      {
        sets,
        destinations: new Map([[B, destination]]),
        requestAttestations: ({ nonce }) => Promise.resolve(void asked.push(nonce)),
        clock,
        logger,
      },
    );
    await rotator.tick();
    assert.deepEqual(asked, [], "there is no next set");
    sets.form(2);
    await rotator.tick();
    await rotator.tick();
    assert.deepEqual(asked, [2n]);
    await clock.sleep(1_000);
    await rotator.tick();
    assert.deepEqual(asked, [2n, 2n]);
    destination.set = sets.formed[1]?.set ?? assert.fail();
    await rotator.tick();
    assert.deepEqual(asked, [2n, 2n, 3n]);
  });
});

describe("set signer", () => {
  let published: Attestation[];
  let signer: SetSigner;
  beforeEach(() => {
    published = [];
    signer = new SetSigner({
      sets,
      destinations: new Map([[B, destination]]),
      gate: new SigningGate({ records: new FakeRecords(), key: keys[0] ?? assert.fail() }),
      publish: (_point, attestation) => Promise.resolve(void published.push(attestation)),
    });
    sets.form(2);
  });

  it("attests to the set that the registry formed, whatever the job says, in the epoch that is current", async () => {
    await signer.attest({ ...pointOf(2), accumulator: hashOf("a lie") }, job);
    const [{ accumulator, nonce, epoch, lane } = assert.fail()] = published;
    assert.deepEqual(
      [accumulator, nonce, epoch, lane],
      [pointOf(2).accumulator, 2n, 1n, setLane(home, B).id],
    );
  });

  it("waits for a set that is not final or not due, passes over one that is in force, and refuses other lanes", async () => {
    const unknown = { ...pointOf(2), nonce: 9n };
    for (const point of [unknown, pointOf(3)])
      await assert.rejects(signer.attest(point, job), (error) => error instanceof RetryableError);
    await signer.attest(pointOf(1), job);
    await assert.rejects(
      signer.attest({ ...pointOf(2), lane: laneOf("another") }, job),
      (error) => error instanceof FatalError && error.code === "UNKNOWN_LANE",
    );
    assert.deepEqual(published, []);
  });
});

describe("set sender", () => {
  it("rotates on a quorum of the current set, once", async () => {
    sets.form(1);
    const attestations = new FakeAttestations();
    const rotations: ValidatorSet[] = [];
    let requested = 0;
    const aggregator = new Aggregator({
      destination,
      attestations,
      setLane: setLane(home, B).id,
      watch: undefined,
      requestDelivery: () => {
        requested++;
        return Promise.resolve();
      },
    });
    const deliverer: SetDeliverer = {
      rotate: (next) => {
        rotations.push(next);
        destination.set = next;
        return Promise.resolve({ transactionHash: hashOf("rotation") });
      },
    };
    const sender = new SetSender({ sets, destination, attestations, deliverer });
    for (const [i, key] of keys.entries()) {
      await sender.rotate(pointOf(2), job);
      assert.equal(rotations.length, 0, `${i} attestations are no quorum`);
      if (i === 2) break;
      const signer = new SetSigner({
        sets,
        destinations: new Map([[B, destination]]),
        gate: new SigningGate({ records: new FakeRecords(), key }),
        publish: (point, attestation) => aggregator.collect(point, attestation, job),
      });
      await signer.attest(pointOf(2), job);
      if (requested > 0) break;
    }
    assert.equal(requested, 1);
    await sender.rotate(pointOf(2), job);
    await sender.rotate(pointOf(2), job);
    assert.deepEqual(
      rotations.map(({ epoch }) => epoch),
      [2n],
    );
  });
});

describe("election", () => {
  it("takes everybody eligible but for seats and cap, ascending", () => {
    const candidates = fc.uniqueArray(
      fc.record({ key: anyPublicKey, operator: fc.nat({ max: 3 }), isEligible: fc.boolean() }),
      { selector: ({ key }) => key, maxLength: 20 },
    );
    const operators = fc.array(anyAddress, { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(
        candidates,
        operators,
        fc.array(fc.nat({ max: 6 }), { minLength: 4, maxLength: 4 }),
        fc.integer({ min: 1, max: 6 }),
        (chosen, accounts, seats, cap) => {
          const operatorOf = (i: number): Address => accounts[i] ?? assert.fail();
          const all: Candidate[] = chosen.map((of) => ({ ...of, operator: operatorOf(of.operator) }));
          const seatsOf = new Map(accounts.map((account, i) => [account, seats[i] ?? 0]));
          const elected = elect(all, seatsOf, cap);
          assert.deepEqual(elected, elected.toSorted());
          for (const account of new Set(accounts)) {
            const own = all.filter((of) => of.operator === account && of.isEligible);
            const expected = Math.min(own.length, cap, seatsOf.get(account) ?? 0);
            assert.equal(own.filter((of) => elected.includes(of.key)).length, expected);
          }
          assert(elected.every((key) => all.some((of) => of.key === key && of.isEligible)));
        },
      ),
    );
  });
});

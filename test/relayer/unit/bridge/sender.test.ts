import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { BatchRule } from "../../../../relayer/bridge/core/batch.ts";
import type { Deliverer } from "../../../../relayer/bridge/ports.ts";
import { Sender } from "../../../../relayer/bridge/worker/sender.ts";
import type { Point } from "../../../../relayer/domain/bridge.ts";
import { FatalError, RetryableError } from "../../../../relayer/domain/errors.ts";
import { emptyLane } from "../../../../relayer/domain/message.ts";
import { hashOf } from "../../support/bridge.ts";
import { FakeAttestations, type FakeDestination, type FakeOrigin, ManualClock } from "../../support/fakes.ts";
import { hasCode, job, keys, RoleScene } from "../../support/role-scene.ts";

let scene: RoleScene;
let origin: FakeOrigin;
let destination: FakeDestination;
beforeEach(() => {
  scene = new RoleScene();
  ({ origin, destination } = scene);
});

describe("sender", () => {
  let attestations: FakeAttestations;
  let deliveries: { first: bigint; count: number; later: number; signers: number[] }[];
  let most: number;
  let answer: "stale" | undefined;
  /** What happens while a delivery is under way. */
  let meanwhile: () => Promise<void>;
  const deliverer: Deliverer = {
    deliver: async (_lane, { firstNonce, messages, later }, { signers }) => {
      await meanwhile();
      if (answer !== undefined) return answer;
      if (messages.length > most) return "too-big";
      deliveries.push({
        first: firstNonce,
        count: messages.length,
        later: later.length,
        signers: [0, 1, 2].filter((index) => (signers >> BigInt(index)) & 1n),
      });
      destination.accepted = messages.at(-1) ?? assert.fail();
      const gasUsed = BigInt(messages.length) * 40_000n;
      return { transactionHash: hashOf(`delivery ${deliveries.length}`), gasUsed };
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
    meanwhile = () => Promise.resolve();
  });

  async function attest(nonce: bigint, signers: readonly number[]): Promise<Point> {
    const point = await scene.pointOf(nonce);
    for (const index of signers)
      await attestations.add(point, await scene.attestationBy(keys[index] ?? assert.fail(), point));
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

  it("counts what a message has waited from its quorum on, also while another delivery was under way", async () => {
    origin.mine(1);
    const first = await attest(1n, [0, 1]);
    const one = sender({ ageMilliseconds: 100 });
    let second: Point | undefined;
    meanwhile = async () => {
      if (second !== undefined) return;
      origin.mine(1);
      second = await attest(2n, [0, 1]);
      one.noteQuorum(second);
      clock.advance(70);
      origin.mine(1);
      one.noteQuorum(await attest(3n, [0, 1]));
    };
    one.noteQuorum(first);
    await one.deliver(first, job);
    const began = clock.now();
    await one.deliver(second ?? assert.fail(), job);
    assert.equal(clock.now() - began, 30);
    assert.deepEqual(
      deliveries.map(({ first: from, count }) => [from, count]),
      [
        [1n, 1],
        [2n, 2],
      ],
    );
  });

  it("waits no longer because the clock was set back", async () => {
    origin.mine(1);
    const point = await attest(1n, [0, 1]);
    const one = sender();
    one.noteQuorum(point);
    const sleep = clock.sleep.bind(clock);
    let naps = 0;
    clock.sleep = async (milliseconds) => {
      assert(++naps <= 3, "it waits for ever");
      if (naps === 1) clock.advance(-3_600_000);
      await sleep(milliseconds);
    };
    await one.deliver(point, job);
    assert.equal(deliveries.length, 1);
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

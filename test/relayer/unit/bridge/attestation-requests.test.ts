import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { AttestationRequests } from "../../../../relayer/bridge/worker/attestation-requests.ts";
import { LagMeter } from "../../../../relayer/bridge/worker/lag-meter.ts";
import { RetryableError } from "../../../../relayer/domain/errors.ts";
import { B, pointAt, publicKeyOfText } from "../../support/bridge.ts";
import { FakeDestination, FakeOrigin, ManualClock } from "../../support/fakes.ts";

const MOST = 3;

describe("asking validators", () => {
  it("asks those with room while they are a quorum, and nobody otherwise", async () => {
    const depths = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(depths, fc.integer({ min: 1, max: 7 }), async (queues, wanted) => {
        const threshold = Math.min(wanted, queues.length);
        const members = queues.map((_, i) => publicKeyOfText(`v${i}`));
        const asked: string[] = [];
        const requests = new AttestationRequests(MOST, {
          quorumOf: () => Promise.resolve({ members, threshold }),
          depth: (key) => Promise.resolve(queues[members.indexOf(key)] ?? 0),
          add: (key) => Promise.resolve(void asked.push(key)),
        });
        const free = members.filter((_, i) => (queues[i] ?? 0) < MOST);
        const asking = requests.request(pointAt(1, 1n));
        if (free.length >= threshold) {
          await asking;
          assert.deepEqual(asked, free);
        } else {
          await assert.rejects(
            asking,
            (error) => error instanceof RetryableError && error.code === "BACK_PRESSURE",
          );
          assert.deepEqual(asked, []);
        }
      }),
    );
  });
});

describe("the lag of a lane", () => {
  it("counts what was sent and not accepted, and tells its age by the block of the oldest", async () => {
    const [origin, destination, clock] = [new FakeOrigin(), new FakeDestination(), new ManualClock()];
    const born = clock.now() / 1_000;
    const asked: number[] = [];
    const timeOf = (block: number) => {
      asked.push(block);
      return Promise.resolve(born + block);
    };
    const meter = new LagMeter({ origin, destinations: new Map([[B, destination]]), timeOf, clock });
    assert.deepEqual(await meter.measure(), [{ destination: B, messages: 0n, seconds: 0 }]);

    origin.mine(2);
    origin.mine(1);
    clock.advance(10_000);
    const behind = [{ destination: B, messages: 3n, seconds: 9 }];
    assert.deepEqual(await meter.measure(), behind);
    assert.deepEqual(await meter.measure(), behind);
    assert.deepEqual(asked, [1], "the time of a block is asked for once");

    const second = origin.sent[1];
    assert(second !== undefined);
    destination.accepted = second;
    assert.deepEqual(await meter.measure(), [{ destination: B, messages: 1n, seconds: 8 }]);
    // A block that seems to come from the future has not waited.
    clock.advance(-60_000);
    assert.deepEqual((await meter.measure())[0]?.seconds, 0);
  });
});

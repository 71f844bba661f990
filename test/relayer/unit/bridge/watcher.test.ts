import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import fc from "fast-check";
import { Watcher } from "../../../../relayer/bridge/worker/watcher.ts";
import type { Point } from "../../../../relayer/domain/bridge.ts";
import type { DomainEvent } from "../../../../relayer/domain/events.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { B, hashOf } from "../../support/bridge.ts";
import { FakeCursors, FakeDestination, FakeOrigin, FakeRequests, ManualClock } from "../../support/fakes.ts";

const REDRIVE = 10_000;
const signal = new AbortController().signal;

class World {
  readonly origin = new FakeOrigin();
  readonly destination = new FakeDestination();
  readonly cursors = new FakeCursors();
  readonly requests = new FakeRequests();
  /** What stands requested and was not withdrawn, as a store of attestations would hold it. */
  standing: Point[] = [];
  readonly alarms: DomainEvent[] = [];
  readonly clock = new ManualClock();
  requested: bigint[] = [];
  beforeRequest: (point: Point) => Promise<void> = () => Promise.resolve();

  watcher(): Watcher {
    return new Watcher(
      { redriveMilliseconds: REDRIVE },
      {
        origin: this.origin,
        destinations: new Map([[B, this.destination]]),
        cursors: this.cursors,
        requestAttestations: async (point) => {
          await this.beforeRequest(point);
          this.requested.push(point.nonce);
          this.standing.push(point);
        },
        requests: this.requests,
        withdraw: (point) => {
          this.standing = this.standing.filter(({ accumulator }) => accumulator !== point.accumulator);
          return Promise.resolve();
        },
        emit: (event) => this.alarms.push(event),
        clock: this.clock,
        logger: createLogger("silent", {}),
      },
    );
  }

  /** The Inbox accepts everything up to `nonce`. */
  accept(nonce: bigint): void {
    const message = this.origin.sent[Number(nonce) - 1];
    assert(message !== undefined);
    this.destination.accepted = message;
  }
}

describe("watcher", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });

  it("asks for the last final message, once, and for nothing that is not final", async () => {
    const watcher = world.watcher();
    for (const count of [2, 0, 1, 3]) world.origin.mine(count);
    world.origin.final = 3;
    await watcher.tick(signal);
    await watcher.tick(signal);
    assert.deepEqual(world.requested, [3n]);
    world.origin.final = 4;
    await watcher.tick(signal);
    assert.deepEqual(world.requested, [3n, 6n]);
  });

  it("finds what was sent while it was down", async () => {
    world.origin.final = 1;
    world.origin.mine();
    await world.watcher().tick(signal);
    world.origin.mine(1);
    world.origin.final = 2;
    await world.watcher().tick(signal);
    assert.deepEqual(world.requested, [1n]);
  });

  it("without a cursor begins at the first block with something undelivered, however long the chain", async () => {
    for (let i = 0; i < 10; i++) world.origin.mine(1);
    for (let i = 0; i < 5_000; i++) world.origin.mine();
    world.origin.mine(1);
    world.origin.final = world.origin.newest;
    world.accept(10n);
    await world.watcher().tick(signal);
    assert.deepEqual(world.requested, [11n]);
    assert.deepEqual(world.origin.read, [[5_011, 5_011]]);
  });

  it("reads a long way in steps, and keeps each", async () => {
    world.origin.mine(1);
    for (let i = 0; i < 2_500; i++) world.origin.mine();
    world.origin.final = world.origin.newest;
    await world.watcher().tick(signal);
    assert.deepEqual(world.origin.read, [
      [1, 1_000],
      [1_001, 2_000],
      [2_001, 2_501],
    ]);
    assert.equal(world.cursors.value, 2_501);
  });

  it("does not paper over a wipe that comes between asking and moving the cursor", async () => {
    world.origin.mine(1);
    world.origin.final = 1;
    const genesis = await world.origin.block(0);
    assert(genesis !== undefined);
    world.cursors.blocks = [genesis];
    world.beforeRequest = () => {
      world.cursors.wipe(); // and the request goes with it
      world.beforeRequest = () => Promise.resolve();
      return Promise.resolve();
    };
    const watcher = world.watcher();
    await watcher.tick(signal);
    assert.equal(world.cursors.value, undefined);
    await watcher.tick(signal);
    assert.deepEqual(world.requested, [1n, 1n]);
  });

  it("does not move the cursor past what it could not ask for", async () => {
    world.origin.mine(1);
    world.origin.final = 1;
    world.beforeRequest = () => Promise.reject(new Error("Redis is away"));
    const watcher = world.watcher();
    await assert.rejects(watcher.tick(signal));
    assert.equal(world.cursors.value, undefined);
    world.beforeRequest = () => Promise.resolve();
    await watcher.tick(signal);
    assert.deepEqual(world.requested, [1n]);
  });

  it("asks again for a lane that stands still, and only then", async () => {
    const watcher = world.watcher();
    for (let i = 0; i < 3; i++) world.origin.mine(1);
    world.origin.final = 3;
    await watcher.tick(signal);
    assert.deepEqual(world.requested.splice(0), [3n]);
    await world.clock.sleep(REDRIVE - 1);
    world.accept(1n);
    await watcher.tick(signal);
    await world.clock.sleep(REDRIVE - 1);
    await watcher.tick(signal);
    assert.deepEqual(world.requested, []);
    await world.clock.sleep(1);
    await watcher.tick(signal);
    assert.deepEqual(world.requested.splice(0), [3n]);
    world.accept(3n);
    await watcher.tick(signal);
    await world.clock.sleep(5 * REDRIVE);
    world.origin.mine(1); // sent now, after a long silence
    world.origin.final = 4;
    await watcher.tick(signal);
    assert.deepEqual(world.requested, [4n]);
  });

  it("asks a chain on which nothing happens for nothing but how far it is", async () => {
    const watcher = world.watcher();
    world.origin.mine(1);
    world.origin.final = 1;
    world.accept(1n);
    await watcher.tick(signal);
    const asked = world.origin.asked;
    for (let i = 0; i < 10; i++) await watcher.tick(signal);
    assert.equal(world.origin.asked, asked);
    world.origin.mine();
    await watcher.tick(signal);
    assert(world.origin.asked > asked, "a new block may be another fork's");
  });

  it("starts over on a chain that is shorter than its cursor", async () => {
    world.cursors.blocks = [{ number: 99, hash: hashOf("a block of another chain") }];
    world.origin.mine(1);
    world.origin.final = 1;
    await world.watcher().tick(signal);
    assert.deepEqual(world.requested, [1n]);
  });

  it("asks for a point at or after every message, whatever is lost and restarted on the way", async () => {
    const events = fc.array(fc.constantFrom("mine", "empty", "finalize", "tick", "restart", "wipe"), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(events, async (history) => {
        const world = new World();
        let watcher = world.watcher();
        for (const event of history) {
          if (event === "mine") world.origin.mine(2);
          else if (event === "empty") world.origin.mine();
          else if (event === "finalize") world.origin.final = world.origin.newest;
          else if (event === "tick") await watcher.tick(signal);
          else if (event === "restart") watcher = world.watcher();
          else world.cursors.wipe();
        }
        world.origin.final = world.origin.newest;
        await watcher.tick(signal);
        const last = world.origin.sent.at(-1);
        assert(last === undefined || world.requested.includes(last.nonce));
      }),
    );
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Watcher } from "../../../../relayer/bridge/worker/watcher.ts";
import type { Point } from "../../../../relayer/domain/bridge.ts";
import type { DomainEvent } from "../../../../relayer/domain/events.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { B, hashOf, publicKeyOfText, signatureOf } from "../../support/bridge.ts";
import {
  FakeAttestations,
  FakeCursors,
  FakeDestination,
  FakeOrigin,
  FakeRequests,
  ManualClock,
} from "../../support/fakes.ts";

const signal = new AbortController().signal;

/** A chain whose blocks are final when `depth` more stand on them, a watcher of it, and what stands requested in the queues. */
class World {
  readonly origin = new FakeOrigin();
  readonly destination = new FakeDestination();
  readonly cursors = new FakeCursors();
  readonly requests = new FakeRequests();
  readonly attestations = new FakeAttestations();
  readonly alarms: DomainEvent[] = [];
  standing: Point[] = [];
  /** Whether a block has vanished that was final once. */
  hasLostFinal = false;
  #finalOnce = 0;
  readonly #depth: number;
  watcher: Watcher;

  constructor(depth: number) {
    this.#depth = depth;
    this.watcher = this.restart();
  }

  restart(): Watcher {
    this.watcher = new Watcher(
      { redriveMilliseconds: 1_000_000 },
      {
        origin: this.origin,
        destinations: new Map([[B, this.destination]]),
        cursors: this.cursors,
        requests: this.requests,
        requestAttestations: (point) => {
          assert(point.position.blockNumber <= this.origin.final, "nothing is asked for that is not final");
          this.standing.push(point);
          return Promise.resolve();
        },
        withdraw: async (point) => {
          this.standing = this.standing.filter(
            ({ position }) => position.blockHash !== point.position.blockHash,
          );
          await this.attestations.withdraw(point);
        },
        emit: (event) => this.alarms.push(event),
        clock: new ManualClock(),
        logger: createLogger("silent", {}),
      },
    );
    return this.watcher;
  }

  mine(count: number): void {
    this.origin.mine(count);
    this.#finalise();
  }

  reorganise(depth: number): void {
    this.origin.reorganise(depth);
    this.hasLostFinal ||= this.origin.newest < this.#finalOnce;
    this.#finalise();
  }

  /** Validators answer whatever stands requested. */
  async attest(): Promise<void> {
    for (const point of this.standing) {
      const [validator, signature] = [publicKeyOfText("v"), signatureOf("v")];
      const { lane, nonce, accumulator } = point;
      const statement = { domain: hashOf("domain"), lane, nonce, accumulator, epoch: 1n };
      await this.attestations.add(point, { ...statement, validator, signature });
    }
  }

  /** Redis loses everything. */
  wipe(): void {
    this.cursors.wipe();
    this.requests.points = [];
    this.attestations.kept = [];
    this.standing = [];
  }

  /** The ends of final blocks with messages that wait; a request for the last of them stands for all. */
  async due(): Promise<readonly Point[]> {
    const advances = await this.origin.advances(0, this.origin.final);
    return advances.filter(
      ({ nonce, position }, i) =>
        advances[i + 1]?.position.blockNumber !== position.blockNumber &&
        nonce > this.destination.accepted.nonce,
    );
  }

  /** Asserts that what waits is asked for, and nothing that is not there. */
  async assertRequests(): Promise<void> {
    const due = (await this.due()).map(place);
    const standing = this.standing.map(place);
    assert.deepEqual(
      due.slice(-1).filter((point) => !standing.includes(point)),
      [],
      "not asked for",
    );
    assert.deepEqual(
      standing.filter((point) => !due.includes(point)),
      [],
      "something orphaned is requested",
    );
  }

  #finalise(): void {
    this.origin.final = Math.max(0, this.origin.newest - this.#depth);
    this.#finalOnce = Math.max(this.#finalOnce, this.origin.final);
  }
}

const place = ({ nonce, accumulator, position }: Point) => `${nonce} ${accumulator} ${position.blockHash}`;

describe("watcher, when the chain reorganises", () => {
  it("does nothing about blocks that were not final", async () => {
    const world = new World(5);
    for (let i = 0; i < 10; i++) world.mine(1);
    await world.watcher.tick(signal);
    world.reorganise(5);
    for (let i = 0; i < 10; i++) world.mine(1);
    await world.watcher.tick(signal);
    assert.deepEqual(world.alarms, []);
    await world.assertRequests();
  });

  it("withdraws what deeper blocks led to, raises an alarm that names it, and asks for what took its place", async () => {
    const world = new World(2);
    for (let i = 0; i < 10; i++) {
      world.mine(1);
      await world.watcher.tick(signal);
    }
    await world.attest();
    world.reorganise(6); // blocks 5 to 10; 5 to 8 were final
    for (let i = 0; i < 6; i++) world.mine(1);
    await world.watcher.tick(signal);
    const [alarm] = world.alarms;
    assert(alarm?.kind === "deep-reorg");
    assert.deepEqual(
      [alarm.depth, alarm.ancestor, alarm.points.map(({ nonce }) => nonce)],
      [4, 4, [5n, 6n, 7n, 8n]],
    );
    assert.equal(world.alarms.length, 1);
    await world.assertRequests();
    assert.deepEqual(
      world.attestations.kept.map(({ point }) => point.nonce),
      [1n, 2n, 3n, 4n],
    );
  });

  it("waits, without an alarm, for a node that shows less of the same chain than was read", async () => {
    const world = new World(0);
    for (let i = 0; i < 10; i++) {
      world.mine(1);
      await world.watcher.tick(signal);
    }
    const cursor = world.cursors.value;
    const blockOf = world.origin.block.bind(world.origin);
    world.origin.final = 6;
    world.origin.block = (number) => (number <= 6 ? blockOf(number) : Promise.resolve(undefined));
    await world.watcher.tick(signal);
    assert.deepEqual([world.alarms, world.cursors.value], [[], cursor]);
  });

  it("begins at the Inboxes' heads when none of the blocks that it remembers is left", async () => {
    const world = new World(0);
    for (let i = 0; i < 5; i++) world.mine(1);
    await world.watcher.tick(signal);
    world.reorganise(4);
    for (let i = 0; i < 6; i++) world.mine(1);
    await world.watcher.tick(signal);
    assert.deepEqual(
      world.alarms.map((alarm) => alarm.kind === "deep-reorg" && alarm.ancestor),
      [undefined],
    );
    await world.assertRequests();
  });

  it("asks for nothing that a shorter fork has made unfinal again, and for all of it later", async () => {
    const world = new World(2);
    for (let i = 0; i < 3; i++) world.mine(1);
    await world.watcher.tick(signal);
    world.mine(1);
    await world.watcher.tick(signal);
    world.reorganise(3); // block 2 was final and goes; block 1 stays, and is not final any more
    world.mine(0);
    await world.watcher.tick(signal); // the queue refuses what is not final
    assert.equal(world.alarms.length, 1);
    for (let i = 0; i < 4; i++) world.mine(0);
    await world.watcher.tick(signal);
    assert.equal(world.alarms.length, 1);
    await world.assertRequests();
  });

  const event = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("mine" as const), count: fc.nat(3) }) },
    { weight: 4, arbitrary: fc.constant({ kind: "tick" as const }) },
    { weight: 2, arbitrary: fc.constant({ kind: "attest" as const }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("reorg" as const), depth: fc.integer({ min: 1, max: 30 }) }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: "restart" as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: "wipe" as const }) },
  );

  it("asks for every canonical message, leaves nothing orphaned requested or counted, and respects finality", async () => {
    const histories = fc.array(event, { minLength: 20, maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(fc.nat(12), histories, async (depth, history) => {
        const world = new World(depth);
        for (const step of history) {
          if (step.kind === "mine") world.mine(step.count);
          else if (step.kind === "tick") await world.watcher.tick(signal);
          else if (step.kind === "attest") await world.attest();
          else if (step.kind === "restart") world.restart();
          else if (step.kind === "wipe") world.wipe();
          else world.reorganise(step.depth);
        }
        // The fork that won grows past everything that was read; two looks, as the first may only notice.
        for (let i = 0; i < 200; i++) world.mine(0);
        for (let i = 0; i < 2; i++) await world.watcher.tick(signal);

        await world.assertRequests();
        const canonical = new Set<string>(world.origin.sent.map(({ accumulator }) => accumulator));
        assert(world.attestations.kept.every(({ point }) => canonical.has(point.accumulator)));
        if (!world.hasLostFinal) assert.deepEqual(world.alarms, []);
      }),
      { numRuns: 300 },
    );
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { DelayedTransfer } from "../../../../relayer/bridge/ports.ts";
import { HeldTransfers } from "../../../../relayer/bridge/worker/held-transfers.ts";
import { usedRatio } from "../../../../relayer/bridge/worker/token-meter.ts";
import type { Hash } from "../../../../relayer/domain/ids.ts";
import { hashOf } from "../../support/bridge.ts";

/** A bridge whose logs and state a test writes. */
class FakeBridge {
  newest = 0;
  logs: (DelayedTransfer & { readonly block: number })[] = [];
  readonly waiting = new Set<Hash>();
  /** How many blocks were read in all. */
  blocks = 0;
  asked = 0;

  delay(text: string, block: number): void {
    const id = hashOf(text);
    this.logs.push({ id, since: 1_000 + block, block });
    this.waiting.add(id);
    this.newest = Math.max(this.newest, block);
  }

  newestBlock = () => Promise.resolve(this.newest);
  delayed = (from: number, to: number) => {
    assert(from >= 0 && from <= to && to <= this.newest, `${from}–${to} of ${this.newest}`);
    this.blocks += to - from + 1;
    return Promise.resolve(this.logs.filter(({ block }) => block >= from && block <= to));
  };
  isWaiting = (id: Hash) => {
    this.asked++;
    return Promise.resolve(this.waiting.has(id));
  };
}

describe("transfers that a bridge holds back", () => {
  it("are found in the end, whatever came when and in whatever block, and only those that wait", async () => {
    const step = fc.oneof(
      fc.nat(7_000).map((blocks) => ({ kind: "arrives" as const, blocks })),
      fc.nat(20).map((index) => ({ kind: "settles" as const, index })),
      fc.constant({ kind: "look" as const }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const bridge = new FakeBridge();
        const held = new HeldTransfers({ bridge, deploymentBlock: 0 });
        for (const [i, one] of steps.entries())
          if (one.kind === "arrives") bridge.delay(`transfer ${i}`, bridge.newest + one.blocks);
          else if (one.kind === "look") await held.look();
          else
            for (const id of [...bridge.waiting].slice(one.index, one.index + 1)) bridge.waiting.delete(id);
        const looks = Math.ceil(bridge.newest / 5_000) + 2;
        for (let look = 1; look < looks; look++) await held.look();
        const times = bridge.logs.filter(({ id }) => bridge.waiting.has(id)).map(({ since }) => since);
        const oldest = times.length === 0 ? undefined : Math.min(...times);
        assert.deepEqual(await held.look(), { count: times.length, oldest });
      }),
      { numRuns: 200 },
    );
  });

  it("cost the same at the start on a chain of any length", async () => {
    const costs: number[] = [];
    for (const newest of [100_000, 100_000_000]) {
      const bridge = new FakeBridge();
      bridge.newest = newest;
      await new HeldTransfers({ bridge, deploymentBlock: 0 }).look();
      costs.push(bridge.blocks);
    }
    assert.equal(costs[0], costs[1]);
  });

  it("are asked for a hundred at a look, so that a flood of them is no flood of requests, and all in turn", async () => {
    const bridge = new FakeBridge();
    for (let i = 0; i < 250; i++) bridge.delay(`transfer ${i}`, i);
    const held = new HeldTransfers({ bridge, deploymentBlock: 0 });
    assert.equal((await held.look()).count, 250);
    assert.equal(bridge.asked, 100);
    bridge.waiting.clear();
    bridge.newest += 1_000; // what is settled leaves the blocks that are read again
    assert.deepEqual([(await held.look()).count, (await held.look()).count], [150, 50]);
    assert.deepEqual(await held.look(), { count: 0, oldest: undefined });
  });

  it("that a reorganisation moved to another block are still there, and those that it took are not", async () => {
    const bridge = new FakeBridge();
    bridge.delay("moved", 990);
    bridge.delay("gone", 1_000);
    const held = new HeldTransfers({ bridge, deploymentBlock: 0 });
    assert.equal((await held.look()).count, 2);
    bridge.logs = [];
    bridge.waiting.clear();
    bridge.newest = 995;
    assert.equal((await held.look()).count, 0);
    bridge.delay("moved", 996);
    assert.deepEqual(await held.look(), { count: 1, oldest: 1_996 });
  });
});

describe("how much of a limit is used", () => {
  it("goes from 0 to 1, grows with what is used, and is 1 where nothing may ever pass", () => {
    assert.equal(usedRatio({ available: 0n, capacity: 0n }), 1);
    const amount = fc.bigInt({ min: 1n, max: 2n ** 128n - 1n });
    fc.assert(
      fc.property(amount, amount, (available, capacity) => {
        const used = usedRatio({ available, capacity });
        assert(used >= 0 && used <= 1);
        assert.equal(usedRatio({ available: 0n, capacity }), 1);
        assert.equal(usedRatio({ available: capacity, capacity }), 0);
        assert(usedRatio({ available: available / 2n, capacity }) >= used);
      }),
    );
  });
});

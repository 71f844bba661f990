import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { hasBitten } from "../../../../relayer/chaos/core/effect.ts";
import { type Fault, faultSchema } from "../../../../relayer/chaos/core/fault.ts";

const fault = (input: object): Fault => faultSchema.parse(input);

/** Faults, each with a reading before and during that shows it. */
const SEEN: readonly (readonly [Fault, before: number, during: number])[] = [
  [fault({ type: "Latency", milliseconds: 500 }), 2, 505],
  [fault({ type: "PacketLoss", percent: 20 }), 0, 0.2],
  [fault({ type: "NetworkPartition" }), 0, 1],
  [fault({ type: "RpcLie" }), 0, 1],
  [fault({ type: "RpcLag", blocks: 10 }), 0, 10],
  [fault({ type: "CpuSpike", percent: 90 }), 0.1, 0.95],
  [fault({ type: "MemoryPressure", megabytes: 500 }), 4_000, 3_480],
  [fault({ type: "DiskSlow", milliseconds: 200 }), 3, 204],
  [fault({ type: "DiskFull" }), 0, 1],
  [fault({ type: "ServiceCrash" }), 0, 1],
  [fault({ type: "ClockSkew", milliseconds: -60_000 }), 0, -60_001],
  [fault({ type: "EventLoopBlock", milliseconds: 300 }), 1, 290],
  [fault({ type: "Reorg", depth: 3 }), 0, 1],
  [fault({ type: "RedisFailover" }), 0, 1],
];

describe("whether a fault has bitten", () => {
  for (const [each, before, during] of SEEN)
    it(`${each.type}: is seen when it is there, not when nothing changed or nothing could be measured`, () => {
      assert(hasBitten(each, before, during));
      if (each.type !== "CpuSpike") assert(!hasBitten(each, before, before));
      assert(!hasBitten(each, before, undefined));
    });

  it("is never so of a fault that does nothing", () => {
    const nothings = [
      { type: "Latency", milliseconds: 0 },
      { type: "PacketLoss", percent: 0 },
      { type: "CpuSpike", percent: 0 },
      { type: "DiskSlow", milliseconds: 0 },
      { type: "ClockSkew", milliseconds: 0 },
    ].map(fault);
    fc.assert(
      fc.property(fc.constantFrom(...nothings), fc.double(), fc.double(), (each, before, during) => {
        assert(!hasBitten(each, before, during));
      }),
    );
  });
});

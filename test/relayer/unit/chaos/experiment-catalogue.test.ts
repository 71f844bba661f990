import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { catalogue, SCENARIOS } from "../../../../relayer/chaos/core/catalogue.ts";
import { experimentSchema, methodMilliseconds } from "../../../../relayer/chaos/core/experiment.ts";
import { scaleExperiment } from "../../../../relayer/chaos/core/time-scale.ts";

const MINUTE = 60_000;
/** As the catalogue was asked for: name, minutes, faults. */
const asked: readonly (readonly [string, string, number, readonly object[]])[] = [
  ["high-latency", "High Latency", 5, [{ type: "Latency", milliseconds: 500 }]],
  ["packet-loss", "Packet Loss", 3, [{ type: "PacketLoss", percent: 20 }]],
  ["cpu-spike", "CPU Spike", 2, [{ type: "CpuSpike", percent: 90 }]],
  ["memory-pressure", "Memory Pressure", 3, [{ type: "MemoryPressure", megabytes: 500 }]],
  ["network-partition", "Network Partition", 5, [{ type: "NetworkPartition" }, { type: "NetworkPartition" }]],
  ["service-crash", "Service Crash", 1, [{ type: "ServiceCrash", restartDelayMilliseconds: 30_000 }]],
  [
    "cascading-failure",
    "Cascading Failure",
    10,
    [{ type: "ServiceCrash" }, { type: "ServiceCrash" }, { type: "ServiceCrash" }],
  ],
  ["disk-slow", "Disk Slow", 4, [{ type: "DiskSlow", milliseconds: 200 }]],
  [
    "combined-stress",
    "Combined Stress",
    3,
    [{ type: "Latency" }, { type: "CpuSpike" }, { type: "MemoryPressure" }],
  ],
  ["zone-failure", "Zone Failure", 10, [{ type: "ServiceCrash" }]],
];

describe("the catalogue", () => {
  const all = catalogue();

  it("has the ten scenarios, and no other", () => {
    assert.deepEqual(
      asked.map(([id]) => id),
      [...SCENARIOS],
    );
    assert.deepEqual(new Set(Object.keys(all)), new Set(SCENARIOS));
  });

  for (const [index, [id, title, minutes, faults]] of asked.entries())
    it(`has ${title} for ${minutes} min`, () => {
      const scenario = all[SCENARIOS[index] ?? assert.fail(id)];
      assert.equal(scenario.title, title);
      assert.equal(methodMilliseconds(scenario), minutes * MINUTE);
      assert.equal(scenario.method.length, faults.length);
      assert.partialDeepStrictEqual(
        scenario.method.map(({ fault }) => fault),
        faults,
      );
    });

  it("lets database, cache and API fail one after the other, and come back together", () => {
    const { method } = all["cascading-failure"];
    assert.deepEqual(
      method.map(({ selector, startMilliseconds }) => [selector, startMilliseconds / MINUTE]),
      [
        [{ kind: "Service", service: "database" }, 0],
        [{ kind: "Service", service: "redis" }, 2],
        [{ kind: "Service", service: "api" }, 4],
      ],
    );
    assert.equal(new Set(method.map((step) => step.startMilliseconds + step.durationMilliseconds)).size, 1);
  });

  it("splits the zones both ways", () => {
    const [there, back] = all["network-partition"].method;
    assert.deepEqual(there?.selector, back?.to);
    assert.deepEqual(there?.to, back?.selector);
  });
});

describe("a time scale", () => {
  const factor = fc.double({ min: 0.001, max: 1, noNaN: true });
  const scenario = fc.constantFrom(...Object.values(catalogue()));

  it("keeps every experiment a valid one, and the order of its steps", () => {
    fc.assert(
      fc.property(scenario, factor, factor, (full, durations, delays) => {
        const scaled = scaleExperiment(full, { durations, delays });
        assert.deepEqual(experimentSchema.parse(scaled), scaled);
        const starts = scaled.method.map(({ startMilliseconds }) => startMilliseconds);
        assert.deepEqual(
          starts,
          starts.toSorted((a, b) => a - b),
        );
        assert.ok(methodMilliseconds(scaled) <= methodMilliseconds(full));
      }),
    );
  });

  it("is above 0 and at most 1", () => {
    for (const by of [0, -1, 1.01, NaN])
      for (const factors of [
        { durations: by, delays: 1 },
        { durations: 1, delays: by },
      ])
        assert.throws(() => scaleExperiment(catalogue()["cpu-spike"], factors), { code: "TIME_SCALE" });
  });

  it("changes nothing by 1", () => {
    for (const full of Object.values(catalogue()))
      assert.deepEqual(scaleExperiment(full, { durations: 1, delays: 1 }), full);
  });

  it("compresses durations, restart delays, T and the pace of work together", () => {
    const full = catalogue()["service-crash"];
    const scaled = scaleExperiment(full, { durations: 0.1, delays: 1 });
    assert.equal(methodMilliseconds(scaled), 6_000);
    assert.partialDeepStrictEqual(scaled.method[0]?.fault, { restartDelayMilliseconds: 3_000 });
    const halved = scaleExperiment(full, { durations: 0.5, delays: 1 });
    assert.equal(halved.executedWithinMilliseconds, full.executedWithinMilliseconds / 2);
    assert.equal(scaled.load.everyMilliseconds, full.load.everyMilliseconds / 10);
    assert.equal(scaled.halting[0]?.forMilliseconds, 3_000);
  });

  it("scales the delays that faults cause as time-outs are, whatever becomes of durations", () => {
    const full = catalogue()["high-latency"];
    const of = (delays: number) => scaleExperiment(full, { durations: 0.1, delays }).method[0]?.fault;
    assert.partialDeepStrictEqual(of(1), { milliseconds: 500, jitterMilliseconds: 50 });
    assert.partialDeepStrictEqual(of(0.4), { milliseconds: 200, jitterMilliseconds: 20 });
    assert.partialDeepStrictEqual(
      of(0.01),
      { milliseconds: 100, jitterMilliseconds: 10 },
      "less could not be seen",
    );
  });
});

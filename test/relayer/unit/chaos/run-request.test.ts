import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { resolveAll } from "../../../../relayer/chaos/core/blast-radius.ts";
import { campaignSchema } from "../../../../relayer/chaos/core/campaign.ts";
import { campaignExperiment } from "../../../../relayer/chaos/core/campaign-experiment.ts";
import { methodMilliseconds } from "../../../../relayer/chaos/core/experiment.ts";
import type { FaultRecord } from "../../../../relayer/chaos/core/report/record.ts";
import { effectiveShare, windowsOf } from "../../../../relayer/chaos/core/run-policy.ts";
import { prepareRun, runRequestSchema } from "../../../../relayer/chaos/core/run-request.ts";
import { fleet } from "../../support/chaos-fleet.ts";

const request = (what: unknown, more: object = {}) => runRequestSchema.parse({ what, ...more });

describe("a request for a run", () => {
  it("means a scenario in compressed time", () => {
    const full = prepareRun(request({ kind: "scenario", scenario: "high-latency" }), 1);
    const short = prepareRun(request({ kind: "scenario", scenario: "high-latency" }, { timeScale: 10 }), 1);
    assert.equal(methodMilliseconds(full.experiment), 5 * 60_000);
    assert.equal(methodMilliseconds(short.experiment), 30_000);
    assert.equal(short.timeFactor, 0.1);
    assert.deepEqual([full.policy.failedStep, full.policy.leastEffectiveShare], ["halt", 1]);
  });

  it("is compressed as the fleet is, unless it says otherwise, and its delays in any case", () => {
    const latencyOf = (more: object) => {
      const { experiment } = prepareRun(request({ kind: "scenario", scenario: "high-latency" }, more), 5);
      const fault = experiment.method[0]?.fault;
      return [methodMilliseconds(experiment), fault?.type === "Latency" && fault.milliseconds];
    };
    assert.deepEqual(latencyOf({}), [60_000, 100]);
    assert.deepEqual(latencyOf({ timeScale: 10 }), [30_000, 100]);
    const drawn = campaignSchema.parse({ seed: 7 });
    const { timeFactor } = prepareRun(request({ kind: "campaign", campaign: drawn }), 5);
    assert.equal(timeFactor, 1, "its windows are short enough");
  });

  it("leaves processes the time that they need to start, however short all else is", () => {
    const { experiment } = prepareRun(
      request({ kind: "scenario", scenario: "service-crash" }, { timeScale: 1_000 }),
      1,
    );
    assert.equal(experiment.executedWithinMilliseconds, 60_000);
  });

  it("is refused where it names no scenario, or more than it has", () => {
    for (const wrong of [
      { what: { kind: "scenario", scenario: "none" } },
      { what: { kind: "scenario", scenario: "high-latency" }, timeScale: 0.5 },
      { what: { kind: "scenario", scenario: "high-latency" }, tier: "kubernetes" },
      { what: { kind: "campaign", campaign: {} } },
    ])
      assert(!runRequestSchema.safeParse(wrong).success, JSON.stringify(wrong));
  });

  it("means for a campaign the same windows from the same seed, all of which a fleet has targets for", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
        const options = campaignSchema.parse({ seed, windows: 20, messages: 100 });
        const experiment = campaignExperiment(options);
        assert.deepEqual(campaignExperiment(options), experiment);
        assert.equal(resolveAll(experiment, fleet).length, experiment.method.length);
        assert.equal(new Set(experiment.method.map(({ window }) => window)).size, 20);
        // All messages fit into the time that the windows take.
        const pace = experiment.load.everyMilliseconds;
        assert(pace * 100 <= methodMilliseconds(experiment));
      }),
      { numRuns: 30 },
    );
  });
});

describe("windows", () => {
  const options = campaignSchema.parse({ seed: 7, windows: 40 });
  const { method } = campaignExperiment(options);
  const cascade = method.find(({ name }) => name?.endsWith("CascadingFailure"))?.window ?? -1;
  const bitten = (step: number, inFlight = 3): FaultRecord => ({
    ...{ step, type: "Latency", targets: [], injectedAt: 0, healedAt: 1 },
    mechanism: { tier: "portable", name: "", what: "" },
    effect: { measure: "", before: 0, during: 1, isEffective: true, inFlight },
  });
  const all = method.map((_, step) => bitten(step));

  it("bit where all their steps bit with work in flight", () => {
    assert.equal(effectiveShare(windowsOf(method, all)), 1);
    const steps = method.flatMap(({ window }, step) => (window === cascade ? [step] : []));
    assert(steps.length === 3);
    for (const step of steps)
      assert.equal(
        effectiveShare(
          windowsOf(
            method,
            all.filter((each) => each.step !== step),
          ),
        ),
        39 / 40,
      );
    const [idle = 0] = steps;
    const one = all.map((each) => (each.step === idle ? bitten(idle, 0) : each));
    assert.equal(effectiveShare(windowsOf(method, one)), 39 / 40);
  });

  it("are single steps where a method has none", () => {
    const plain = method.slice(0, 3).map((step) => ({ ...step, window: undefined, name: undefined }));
    assert.deepEqual(
      windowsOf(plain, [bitten(1)]).map(({ isEffective }) => isEffective),
      [false, true, false],
    );
  });
});

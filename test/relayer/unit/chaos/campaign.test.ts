import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { burstsOf } from "../../../../relayer/chaos/core/bursts.ts";
import {
  CAMPAIGN_TYPES,
  type CampaignOptions,
  campaignSchema,
  drawCampaign,
} from "../../../../relayer/chaos/core/campaign.ts";
import { resolve } from "../../../../relayer/chaos/core/selector.ts";
import { fleet } from "../../support/chaos-fleet.ts";

const options = (given: Partial<CampaignOptions> = {}) => campaignSchema.parse({ seed: 1, ...given });
const seeds = fc.integer({ min: 0, max: 0xffff_ffff });

describe("a campaign", () => {
  it("is the same for the same seed, and another for another", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        assert.deepEqual(drawCampaign(options({ seed })), drawCampaign(options({ seed })));
        assert.notDeepEqual(
          drawCampaign(options({ seed })),
          drawCampaign(options({ seed: (seed + 1) % 2 ** 32 })),
        );
      }),
      { numRuns: 30 },
    );
  });

  it("is what this seed gave when it was written, so that old seeds still say the same", () => {
    const windows = drawCampaign(options({ seed: 42, windows: 5 }));
    assert.deepEqual(
      windows.map(({ type, startMilliseconds, durationMilliseconds }) => [
        type,
        startMilliseconds,
        durationMilliseconds,
      ]),
      [
        ["PacketLoss", 0, 1_881],
        ["MemoryPressure", 1_516, 3_000],
        ["PacketLoss", 9_516, 1_707],
        ["DiskSlow", 10_136, 4_000],
        ["MemoryPressure", 19_136, 3_565],
      ],
    );
  });

  it("has as many windows as asked, each as long as allowed, with steps that lie in it and have targets", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const windows = drawCampaign(options({ seed, windows: 50 }));
        assert.equal(windows.length, 50);
        for (const [i, window] of windows.entries()) {
          assert.equal(window.index, i);
          assert.ok(window.durationMilliseconds >= 1_000 && window.durationMilliseconds <= 5_000);
          assert.ok(window.steps.length > 0);
          for (const step of window.steps) {
            assert.ok(step.startMilliseconds >= window.startMilliseconds);
            const end = window.startMilliseconds + window.durationMilliseconds;
            assert.ok(step.startMilliseconds + step.durationMilliseconds <= end);
            if (step.to === undefined) assert.ok(resolve(step.fault.type, step, fleet).length > 0);
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  it("draws all eight types, in bursts of windows that overlap, with calm after each", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 6 }), (seed, mostBurst) => {
        const windows = drawCampaign(options({ seed, mostBurst, calmMilliseconds: 3_000, windows: 1_000 }));
        assert.deepEqual(new Set(windows.map(({ type }) => type)), new Set(CAMPAIGN_TYPES));
        const steps = windows.flatMap(({ index, steps }) => steps.map((step) => ({ ...step, index })));
        const bursts = burstsOf(steps).map(({ places, endMilliseconds }) => ({
          windows: new Set(places.map((place) => steps[place]?.index)),
          begin: Math.min(...places.map((place) => steps[place]?.startMilliseconds ?? NaN)),
          end: endMilliseconds,
        }));
        const sizes = bursts.map((burst) => burst.windows.size);
        assert.equal(Math.max(...sizes), mostBurst);
        assert.equal(Math.min(...sizes.slice(0, -1)), 1);
        for (const [i, { begin }] of bursts.entries())
          if (i > 0) assert.ok(begin >= (bursts[i - 1]?.end ?? NaN) + 3_000);
      }),
      { numRuns: 30 },
    );
  });

  it("draws by weight: never what weighs nothing, and more of what weighs more", () => {
    const weights = { Latency: 0, ServiceCrash: 20 };
    const count = (type: string) =>
      drawCampaign(options({ windows: 500, weights })).filter((window) => window.type === type).length;
    assert.equal(count("Latency"), 0);
    assert.ok(count("ServiceCrash") > 300);
    const none = Object.fromEntries(CAMPAIGN_TYPES.map((type) => [type, 0]));
    assert.equal(campaignSchema.safeParse({ seed: 1, weights: none }).success, false);
  });
});

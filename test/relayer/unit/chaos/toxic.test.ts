import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  allowance,
  heldFor,
  nextPiece,
  toxicSchema,
  type Toxic,
} from "../../../../relayer/chaos/core/toxic.ts";

const toxic = (type: string, attributes: object): Toxic =>
  toxicSchema.parse({ name: "it", type, attributes });

void describe("what toxics do to a chunk", () => {
  void it("is nothing without toxics", () => {
    assert.equal(heldFor([], 0.3), 0);
    assert.deepEqual(nextPiece([], 77, 0.5), { length: 77, waitMilliseconds: 0 });
    assert.equal(allowance([], 1e9), Infinity);
  });

  void it("is a latency within its jitter, never less than none, and the sum of several", () => {
    fc.assert(
      fc.property(
        fc.nat(9_999),
        fc.nat(9_999),
        fc.double({ min: -1, max: 1, noNaN: true }),
        (latency, spread, draw) => {
          const one = heldFor([toxic("latency", { latency, jitter: spread })], draw);
          assert(one >= Math.max(0, latency - spread) && one <= latency + spread);
          const [a, b] = [toxic("latency", { latency }), toxic("latency", { latency: spread })];
          assert.equal(heldFor([a, b], draw), latency + spread);
        },
      ),
    );
  });

  void it("is a hold without end under a stall, and under a bandwidth of nothing", () => {
    assert.equal(heldFor([toxic("stall", {})], 0), Infinity);
    assert.equal(heldFor([toxic("bandwidth", { rate: 0 })], 0), Infinity);
  });

  void it("is pieces that make progress and sum up to the time that the rate takes", () => {
    const rates = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(
        rates,
        fc.integer({ min: 1, max: 100_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (rate, length, draw) => {
          const slicer = toxic("slicer", { average_size: 4_096, size_variation: 4_095, delay: 0 });
          let [left, waited] = [length, 0];
          for (let pieces = 0; left > 0; pieces++) {
            const piece = nextPiece([toxic("bandwidth", { rate }), slicer], left, draw);
            assert(piece.length >= 1 && piece.length <= left && pieces <= length);
            left -= piece.length;
            waited += piece.waitMilliseconds;
          }
          assert(Math.abs(waited - length / (rate * 1.024)) < 1e-6 * waited + 1e-9);
        },
      ),
      { numRuns: 50 },
    );
  });

  void it("is an end after so many bytes", () => {
    assert.equal(allowance([toxic("limit_data", { bytes: 10 }), toxic("limit_data", { bytes: 7 })], 3), 4);
    assert.equal(allowance([toxic("limit_data", { bytes: 10 })], 11), 0);
  });

  const bad = {
    latency: { latency: -1 },
    slicer: {},
    rpc_lag: { blocks: 0 },
    timeout: { timout: 1 },
    noise: {},
  };
  for (const [type, attributes] of Object.entries(bad)) {
    void it(`is refused for ${type} ${JSON.stringify(attributes)}`, () => {
      assert.equal(toxicSchema.safeParse({ name: "it", type, attributes }).success, false);
    });
  }
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Openings } from "../../../../relayer/speech/adapters/openings.ts";

const sound = (samples: number) => ({ sampleRate: 16_000, samples: new Int16Array(samples) });

describe("openings that are kept", () => {
  it("are those that were asked for last, up to two minutes", () => {
    const openings = new Openings();
    const [a, b, c] = [sound(800_000), sound(800_000), sound(800_000)];
    openings.keep("a", a);
    openings.keep("b", b);
    assert.equal(openings.find("a"), a);
    openings.keep("c", c);
    assert.deepEqual([openings.find("a"), openings.find("b"), openings.find("c")], [a, undefined, c]);
  });

  it("count once, however often they are kept", () => {
    const openings = new Openings();
    for (let time = 0; time < 10; time++) openings.keep("a", sound(1_000_000));
    openings.keep("b", sound(900_000));
    assert.ok(openings.find("a") !== undefined && openings.find("b") !== undefined);
  });
});

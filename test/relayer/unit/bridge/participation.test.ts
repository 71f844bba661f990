import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Participation } from "../../../../relayer/bridge/core/participation.ts";
import { publicKey } from "../../../../relayer/domain/ids.ts";
import { hashOf } from "../../support/bridge.ts";

const [one, two, three] = [hashOf("one"), hashOf("two"), hashOf("three")].map((key) => publicKey.parse(key));

describe("how far validators are behind", () => {
  it("grows while others attest, and neither while nobody does nor for who is new", () => {
    assert(one && two && three);
    const participation = new Participation();
    participation.hear(one, [one, two], 1_000);
    assert.deepEqual([...participation.behind().values()], [0, 0]);
    participation.hear(one, [one, two], 9_000);
    assert.equal(participation.behind().get(two), 8_000);
    participation.hear(three, [one, two, three], 10_000);
    assert.deepEqual(
      [one, two, three].map((key) => participation.behind().get(key)),
      [1_000, 9_000, 0],
    );
    participation.hear(two, [two, three], 11_000);
    assert.deepEqual(
      participation.behind(),
      new Map([
        [two, 0],
        [three, 1_000],
      ]),
    );
  });

  it("is not changed by strangers, and a clock that goes back makes nobody late", () => {
    assert(one && two && three);
    const participation = new Participation();
    participation.hear(one, [one, two], 5_000);
    participation.hear(two, [one, two], 4_000);
    participation.hear(three, [one, two], 90_000);
    assert.deepEqual([...participation.behind().values()], [0, 0]);
  });
});

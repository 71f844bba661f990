import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { beginInside, endInside } from "../../../../relayer/chaos/adapters/inspected.ts";
import { isInspectorOpen } from "../../../../relayer/chaos/adapters/inspector.ts";
import { measureClock, measureDisk } from "../../../../relayer/chaos/adapters/probes/inside.ts";
import { isRunning } from "../../../../relayer/chaos/adapters/processes.ts";
import { ChaosScene } from "../../support/chaos-scene.ts";

const ROUNDS = 25;
const FAULT = { type: "DiskSlow", milliseconds: 5 } as const;

describe("the inspector of a process", () => {
  it("answers everybody who comes while it would be closed, and does not take the process with it", async () => {
    await using scene = new ChaosScene();
    const targets = await Promise.all([scene.target("one"), scene.target("two")]);
    await Promise.all(
      targets.map(async (target) => {
        for (let round = 0; round < ROUNDS; round++) {
          const given = { id: `${target.pid} ${round}`, forMilliseconds: 100 };
          await measureDisk(target, scene.folder);
          await sleep(4 * round); // around the end of a fault, and before it
          await beginInside(target, FAULT, given);
          await measureDisk(target, scene.folder);
          await sleep(6 * round);
          await endInside(target, given);
        }
        assert(isRunning(target));
      }),
    );
  });

  it("is closed when nobody has come for a while; whoever comes at that moment waits, and opens it again", async () => {
    await using scene = new ChaosScene();
    const target = await scene.target("one");
    for (const milliseconds of [1_100, 1_900, 2_000, 2_100]) {
      await measureClock(target);
      await sleep(milliseconds);
    }
    assert.equal(await isInspectorOpen(target), false);
    assert(isRunning(target));
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RetryableError } from "../../../../relayer/domain/errors.ts";
import { Readiness } from "../../../../relayer/platform/readiness.ts";

describe("readiness", () => {
  it("has everything looked at once a second, however often and by however many it is asked", async () => {
    let now = 0;
    let looks = 0;
    let isAway = true;
    const readiness = new Readiness(() => now);
    readiness.add("chain A", () => {
      looks++;
      if (isAway) throw new RetryableError("RPC", "it is away");
    });
    const away = [{ check: "chain A", code: "RPC", message: "it is away" }];
    assert.deepEqual(await Promise.all([readiness.reasons(), readiness.reasons()]), [away, away]);
    isAway = false;
    now = 999;
    assert.deepEqual(await readiness.reasons(), away);
    assert.equal(looks, 1);
    now = 1_000;
    assert.deepEqual(await readiness.reasons(), []);
    assert.equal(looks, 2);
  });
});

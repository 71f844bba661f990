import assert from "node:assert/strict";
import { it } from "node:test";
import { waitAfter } from "../../../../relayer/platform/backoff.ts";

it("the wait doubles from the first up to the longest, and stays there", () => {
  const waits = [1, 2, 3, 4, 5, 2_000].map((failures) =>
    waitAfter(failures, { firstMs: 50, longestMs: 300 }),
  );
  assert.deepEqual(waits, [50, 100, 200, 300, 300, 300]);
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MOST_ROWS, moreThan, readPages, restOf } from "../../web/dapp/core/pages.ts";

/** A list of `length` numbers that gives at most 200 at once. @returns its reader, and the sizes that were asked for */
function listOf(length: number) {
  const asked: number[] = [];
  const read = ({ limit, after = "0" }: { readonly limit: string; readonly after?: string }) => {
    asked.push(Number(limit));
    const [from, to] = [Number(after), Number(after) + Number(limit)];
    const rows = Array.from({ length: Math.min(to, length) - from }, (_, i) => from + i);
    return Promise.resolve({ rows, next: to < length ? String(to) : null, index: to });
  };
  return { asked, read };
}

describe("lists that come in pages", () => {
  it("are read as far as they are wanted, each row once and in order", async () => {
    for (const [length, wanted, sizes] of [
      [0, 8, [8]],
      [5, 8, [8]],
      [1_000, 8, [8]],
      [1_000, 250, [200, 50]],
      [1_000, 1_000, [200, 200, 200, 200, 200]],
      [450, 1_000, [200, 200, 200]],
    ] as const) {
      const { asked, read } = listOf(length);
      const { rows, next } = await readPages(read, wanted);
      assert.deepEqual(asked, sizes);
      assert.deepEqual(rows, [...Array(Math.min(length, wanted)).keys()]);
      assert.equal(next === null, length <= wanted);
    }
  });

  it("show a page more each time, up to the most that is shown", () => {
    assert.deepEqual([8, 50, 200, 400, 900, 1_000].map(moreThan), [200, 200, 400, 600, 1_000, MOST_ROWS]);
  });

  it("are looked at less often the longer they are", () => {
    assert.deepEqual(
      [8, 200, 201, 1_000].map((count) => restOf(count, 3)),
      [3, 3, 6, 15],
    );
  });
});

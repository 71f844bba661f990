import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { agree, type Answer, blockCandidates } from "../../../../../relayer/platform/rpc/agreement.ts";

const said = (provider: number, key: string | undefined): Answer<string> =>
  key === undefined
    ? { provider: `p${provider}`, failure: "hangs" }
    : { provider: `p${provider}`, key, said: key, value: key };

describe("agreement of providers", () => {
  it("is reached by as many as are needed, whatever the others say", () => {
    const verdict = agree(2, [said(1, "lie"), said(2, "truth"), said(3, "truth")], 0);
    assert(verdict.kind === "agreed" && verdict.value === "truth");
  });

  it("stays open while those who are outstanding could decide it", () => {
    assert.equal(agree(2, [said(1, "a")], 1).kind, "open");
    assert.equal(agree(2, [said(1, "a"), said(2, "b")], 1).kind, "open");
    assert.equal(agree(2, [said(1, undefined), said(2, undefined)], 1).kind, "too-few");
  });

  it("tells contradiction from silence", () => {
    assert.equal(agree(2, [said(1, "a"), said(2, "b"), said(3, undefined)], 0).kind, "disagreement");
    assert.equal(agree(2, [said(1, "a"), said(2, undefined), said(3, undefined)], 0).kind, "too-few");
  });

  it("never returns what fewer said, and with enough honest providers returns what they say, in any order", () => {
    const setting = fc.integer({ min: 1, max: 7 }).chain((count) =>
      fc.record({
        count: fc.constant(count),
        needed: fc.integer({ min: Math.floor(count / 2) + 1, max: count }),
        answers: fc.array(fc.option(fc.constantFrom("truth", "lie", "lie'"), { nil: undefined }), {
          minLength: count,
          maxLength: count,
        }),
      }),
    );
    fc.assert(
      fc.property(setting, ({ count, needed, answers }) => {
        const honest = answers.filter((key) => key === "truth").length;
        for (let came = 0; came <= count; came++) {
          const verdict = agree(
            needed,
            answers.slice(0, came).map((key, i) => said(i, key)),
            count - came,
          );
          if (verdict.kind === "agreed")
            assert(answers.filter((key) => key === verdict.value).length >= needed);
          if (honest >= needed) assert(verdict.kind === "open" || verdict.kind === "agreed");
          if (came === count && honest >= needed)
            assert(verdict.kind === "agreed" && verdict.value === "truth");
          if (came === count) assert.notEqual(verdict.kind, "open");
        }
      }),
    );
  });

  it("looks for a common block at the highest that enough providers name, then below it", () => {
    assert.deepEqual(blockCandidates(2, [200, 100, 199]), [199, 100]);
    assert.deepEqual(blockCandidates(2, [1_000_000, 200, 199]), [200, 199]);
    assert.deepEqual(blockCandidates(1, [7]), [7]);
    assert.deepEqual(blockCandidates(3, [5, 6]), []);
  });
});

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { SharedLook } from "../../../../relayer/platform/shared-look.ts";

describe("a look that is shared", () => {
  let now: number;
  let looks: PromiseWithResolvers<string>[];
  let look: SharedLook<string>;

  beforeEach(() => {
    now = 0;
    looks = [];
    const begin = () => {
      const begun = Promise.withResolvers<string>();
      looks.push(begun);
      return begun.promise;
    };
    look = new SharedLook(begin, 1_000, () => now);
  });

  it("is waited for by all who ask while it lasts, and told for a while after its end", async () => {
    const first = look.get();
    now = 5_000;
    const second = look.get();
    looks[0]?.resolve("seen");
    assert.deepEqual(await Promise.all([first, second]), ["seen", "seen"]);
    now += 999;
    assert.equal(await look.get(), "seen");
    assert.equal(looks.length, 1);
    now += 1;
    const third = look.get();
    looks[1]?.resolve("seen anew");
    assert.equal(await third, "seen anew");
  });

  it("that fails is told to those who waited for it, and to nobody else", async () => {
    const both = Promise.allSettled([look.get(), look.get()]);
    looks[0]?.reject(new Error("blind"));
    assert.deepEqual(
      (await both).map(({ status }) => status),
      ["rejected", "rejected"],
    );
    const next = look.get();
    looks[1]?.resolve("seen");
    assert.equal(await next, "seen");
  });
});

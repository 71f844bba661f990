import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { whyNot } from "../../web/dashboard/core/permission.ts";
import { PLACES, readRoute, titleOf } from "../../web/dashboard/core/route.ts";
import { pageOf, search } from "../../web/dashboard/core/rows.ts";

const ID = `0x${"aB".repeat(32)}`;

describe("addresses of the dashboard", () => {
  for (const [hash, route] of [
    ["", { view: "health" }],
    ["#/lanes", { view: "lanes" }],
    [`#/lanes/${ID}`, { view: "message", id: ID.toLowerCase() }],
    [`#/validators/${ID}`, { view: "validator", key: ID.toLowerCase() }],
    ["#/queues/deliver-A-B", { view: "queue", queue: "deliver-A-B" }],
    ["#/alerts", { view: "alerts", tab: "firing" }],
    ["#/alerts/history", { view: "alerts", tab: "history" }],
    ["#/chaos/8c1f-1", { view: "run", id: "8c1f-1" }],
    ["#/alerts/yesterday", { view: "nowhere" }],
    ["#/lanes/0x12", { view: "nowhere" }],
    ["#/queues/a b", { view: "nowhere" }],
    ["#/health/more", { view: "nowhere" }],
    ["#/wherever", { view: "nowhere" }],
  ] as const)
    it(`reads "${hash}"`, () => {
      assert.deepEqual(readRoute(hash), route);
    });

  it("leads from every place of the navigation to a view that belongs there", () => {
    for (const { name, hash, views } of PLACES) {
      const route = readRoute(hash);
      assert(views.includes(route.view), name);
      assert.equal(titleOf(route), `${name} · dchat`);
    }
  });
});

describe("what somebody may do", () => {
  it("is what their role and those below it may", () => {
    assert.equal(whyNot({ name: "ada", role: "admin" }, "operator"), undefined);
    assert.equal(whyNot({ name: "ada", role: "operator" }, "operator"), undefined);
    assert.equal(
      whyNot({ name: "ada", role: "viewer" }, "operator"),
      "This takes an operator; ada is a viewer.",
    );
    assert.equal(whyNot(undefined, "admin"), "Sign in as an admin to do this.");
  });
});

describe("long lists", () => {
  const rows = Array.from({ length: 120 }, (_, i) => `row ${i}`);
  it("are shown by pages, and by the nearest page where rows have gone", () => {
    const last = pageOf(rows, 9);
    assert.deepEqual([last.page, last.pages, last.rows.length, last.words], [2, 3, 20, "101–120 of 120"]);
    assert.deepEqual(pageOf([], 3), { rows: [], page: 0, pages: 1, total: 0, words: "None" });
  });
  it("are searched for every word, in any case", () => {
    assert.deepEqual(
      search(rows, " ROW  11 ", (row) => row),
      rows.filter((row) => row.includes("11")),
    );
    assert.equal(
      search(rows, "", (row) => row),
      rows,
    );
  });
});

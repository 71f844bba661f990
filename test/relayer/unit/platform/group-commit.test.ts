import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { describe, it } from "node:test";
import { GroupCommit } from "../../../../relayer/platform/group-commit.ts";

describe("a group commit", () => {
  it("puts what is asked for together into one transaction, in order, and answers after it", async () => {
    const log: string[] = [];
    const commits = new GroupCommit((work) => {
      log.push("begin");
      work();
      log.push("commit");
    });
    const ask = (name: string) =>
      commits
        .run(() => {
          log.push(name);
          return name.toUpperCase();
        })
        .then((answer) => log.push(answer));
    await Promise.all([ask("a"), ask("b")]);
    await ask("c");
    assert.deepEqual(log, ["begin", "a", "b", "commit", "A", "B", "begin", "c", "commit", "C"]);
  });

  it("answers nobody when the transaction fails, and goes on with the next", async () => {
    let isFull = true;
    const commits = new GroupCommit((work) => {
      work();
      if (isFull) throw new Error("full");
    });
    const results = await Promise.allSettled([commits.run(() => 1), commits.run(() => 2)]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["rejected", "rejected"],
    );
    isFull = false;
    assert.equal(await commits.run(() => 3), 3);
  });

  it("does at once what waits when it is flushed, and nothing afterwards", async () => {
    let transactions = 0;
    const commits = new GroupCommit((work) => {
      transactions++;
      work();
    });
    const answer = commits.run(() => "done");
    commits.flush();
    assert.equal(transactions, 1);
    assert.equal(await answer, "done");
    await setImmediate();
    assert.equal(transactions, 1);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Change } from "../../../../relayer/alerting/core/change.ts";
import { Ledger } from "../../../../relayer/alerting/worker/ledger.ts";
import { RetryableError } from "../../../../relayer/domain/errors.ts";
import { planOf } from "../../support/alerting.ts";

/** So long that its own flush does not come within a test. */
const LONG = 3_600_000;
const change = (key: string): Change => ({ kind: "event-sample-removed", key });

/** A ledger, and the keys of each transaction of its store, which can be made to refuse. */
function open() {
  const transactions: string[][] = [];
  const disk = { refuses: false };
  const store = {
    load: () => ({
      alerts: [],
      instances: [],
      silences: [],
      acknowledgements: [],
      groups: [],
      eventSamples: [],
      mutings: [],
      lastTime: 0,
    }),
    transaction: (_: number, work: (write: (one: Change) => void) => void) => {
      if (disk.refuses) throw new RetryableError("ALERTING_STORE", "the disk is full");
      const keys: string[] = [];
      work((one) => keys.push(one.kind === "event-sample-removed" ? one.key : one.kind));
      transactions.push(keys);
    },
  };
  const ledger = new Ledger(planOf(), {
    store,
    now: () => 1,
    complete: () => [],
    onCommitted: () => undefined,
  });
  return { ledger, transactions, disk };
}

describe("the ledger", () => {
  it("has who is in no hurry share the flush of who is, and keeps their order", async () => {
    const { ledger, transactions } = open();
    const answers = await Promise.all([
      ledger.runSoon((_, commit) => (commit(change("a")), "a"), LONG),
      ledger.runSoon((_, commit) => (commit(change("b")), "b"), LONG),
      ledger.run((_, commit) => (commit(change("c")), "c")),
    ]);
    assert.deepEqual(answers, ["a", "b", "c"]);
    assert.deepEqual(transactions, [["a", "b", "c"]]);
  });

  it("flushes for who is in no hurry where nobody else comes, and answers only then", async () => {
    const { ledger, transactions } = open();
    await ledger.runSoon((_, commit) => {
      commit(change("a"));
    }, 1);
    assert.deepEqual(transactions, [["a"]]);
    await ledger.runSoon((_, commit) => {
      commit(change("b"));
    }, 1);
    assert.deepEqual(transactions, [["a"], ["b"]]);
  });

  it("commits what waits when it is closed", async () => {
    const { ledger, transactions } = open();
    const waiting = ledger.runSoon((_, commit) => {
      commit(change("a"));
    }, LONG);
    ledger.close();
    assert.deepEqual(transactions, [["a"]]);
    await waiting;
  });

  it("tells all of a flush that the disk refused", async () => {
    const { ledger, transactions, disk } = open();
    disk.refuses = true;
    const both = await Promise.allSettled([
      ledger.runSoon((_, commit) => {
        commit(change("a"));
      }, LONG),
      ledger.run((_, commit) => {
        commit(change("b"));
      }),
    ]);
    assert.deepEqual(
      both.map(({ status }) => status),
      ["rejected", "rejected"],
    );
    disk.refuses = false;
    await ledger.run((_, commit) => {
      commit(change("c"));
    });
    assert.deepEqual(transactions, [["c"]]);
  });
});

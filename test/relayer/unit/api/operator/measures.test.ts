import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { History, MOST_POINTS } from "../../../../../relayer/api/operator/fleet/history.ts";
import { Meter } from "../../../../../relayer/api/operator/fleet/measure.ts";
import { metricFacts } from "../../../../../relayer/api/operator/fleet/metric-facts.ts";
import { quantileOf } from "../../../../../relayer/api/operator/fleet/quantile.ts";
import { account, healthyFacts, healthyMetrics, keys, NOW } from "../../../support/fleet-facts.ts";

describe("what is measured between two looks", () => {
  const withGas = (milliseconds: number, sum: number, count: number) =>
    healthyFacts({
      at: NOW + milliseconds,
      metrics: { value: healthyMetrics({ gas: new Map([["A", { sum, count }]]) }) },
    });
  const away = { problem: "away" };

  it("is messages a second, gas per message of the deliveries in between, and the oldest wait", () => {
    const meter = new Meter();
    const before = healthyFacts();
    assert.deepEqual(meter.measure(before).values, { delivered: null, "gas:A": null, lag: 20 });
    assert("value" in before.status);
    const lanes = before.status.value.lanes.map((each) => ({ ...each, accepted: each.sent }));
    const status = { value: { ...before.status.value, lanes } };
    const now = { ...withGas(5_000, 400_000, 3), status };
    assert.deepEqual(meter.measure(now).values, { delivered: 0.6, "gas:A": 150_000, lag: 0 });
    const { delivered } = meter.measure({ ...before, at: NOW + 10_000 }).values;
    assert.equal(delivered, null, "a reorganisation has taken some back");
  });

  it("is nothing where a source was away", () => {
    const meter = new Meter();
    meter.measure(healthyFacts());
    const now = healthyFacts({ at: NOW + 5_000, status: away, metrics: away });
    assert.deepEqual(meter.measure(now).values, { delivered: null, lag: null });
  });

  it("counts gas from nothing for a chain's first delivery and for a process that was started again, and never twice", () => {
    const meter = new Meter();
    meter.measure(healthyFacts({ metrics: { value: healthyMetrics({ gas: new Map() }) } }));
    const gas = (milliseconds: number, sum: number, count: number) =>
      meter.measure(withGas(milliseconds, sum, count)).values["gas:A"];
    assert.equal(gas(5_000, 100, 1), 100);
    meter.measure(healthyFacts({ at: NOW + 10_000, metrics: away }));
    assert.equal(gas(15_000, 100, 1), null);
    assert.equal(gas(20_000, 70, 1), null);
    assert.equal(gas(25_000, 0, 0), null);
    assert.equal(gas(30_000, 90, 2), 45);
  });
});

describe("the history", () => {
  const filled = (count: number) => {
    const history = new History();
    for (let i = 0; i < count; i++) history.add({ at: NOW + i * 5_000, values: { lag: i, gone: null } });
    return { history, now: NOW + (count - 1) * 5_000 };
  };

  it("has a point for every five seconds of an hour, and null where nothing was measured", () => {
    const { history, now } = filled(1_000);
    const { times, series } = history.last(60, now);
    assert.equal(times.length, MOST_POINTS);
    assert.deepEqual(series["lag"]?.at(-1), 999);
    assert(series["gone"]?.every((value) => value === null));
  });

  it("has means of more for a longer time, and forgets what is older than a day", () => {
    const { history, now } = filled(17_300);
    const { times, series } = history.last(1_440, now);
    assert(times.length <= MOST_POINTS && times.length >= MOST_POINTS - 1);
    assert(times.every((time, i) => i === 0 || time > (times[i - 1] ?? 0)));
    assert((series["lag"]?.[0] ?? 0) >= 20);
    assert.equal(history.last(1, now).times.length, 12);
  });

  it("never has more points than it may, nor a series of another length, whenever and whatever is asked", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 400 }),
        fc.integer({ min: 1, max: 1_440 }),
        (gaps, minutes) => {
          const history = new History();
          let at = NOW;
          for (const gap of gaps) {
            at += gap;
            history.add({ at, values: { lag: gap } });
          }
          const { times, series } = history.last(minutes, at);
          assert(times.length <= MOST_POINTS);
          for (const values of Object.values(series)) assert.equal(values.length, times.length);
        },
      ),
    );
  });
});

describe("a percentile of a histogram", () => {
  it("is Prometheus's", () => {
    const buckets = [
      { atMost: 1, count: 10 },
      { atMost: 2, count: 90 },
      { atMost: Infinity, count: 100 },
    ];
    assert.equal(quantileOf(buckets, 0.5), 1.5);
    assert.equal(quantileOf(buckets, 0.05), 0.5);
    assert.equal(quantileOf(buckets, 0.95), 2);
    assert.equal(quantileOf([{ atMost: Infinity, count: 0 }], 0.95), undefined);
    assert.equal(quantileOf([], 0.95), undefined);
  });

  it("lies within the bounds, and does not fall as the share rises", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 2, maxLength: 8 }), (counts) => {
        let sum = 0;
        const buckets = counts.map((count, i) => ({ atMost: i + 1, count: (sum += count) }));
        const found = [0.1, 0.5, 0.95, 1].map((part) => quantileOf(buckets, part));
        if (sum === 0) {
          assert(found.every((value) => value === undefined));
          return;
        }
        assert(found.every((value) => value !== undefined && value >= 0 && value <= counts.length));
        assert(found.every((value, i) => i === 0 || (value ?? 0) >= (found[i - 1] ?? 0)));
      }),
    );
  });
});

describe("what the pages of metrics tell", () => {
  const [first, second] = keys;
  const read = (pages: Record<string, readonly [Record<string, string>, number][]>) =>
    metricFacts((name) => (pages[name] ?? []).map(([labels, value]) => ({ labels, value })));

  it("is put together over the processes of a role", () => {
    const facts = read({
      dchat_validator_behind_seconds: [
        [{ chain: "A", validator: first ?? "", instance: "sender-A" }, 50],
        [{ chain: "A", validator: first ?? "", instance: "sender-A-2" }, 3],
        [{ chain: "A", validator: "nonsense", instance: "sender-A" }, 3],
      ],
      dchat_watchtower_judged_points: [[{}, 40]],
      dchat_watchtower_missed_points: [[{ validator: second ?? "" }, 7]],
      dchat_watchtower_cases: [
        [{ state: "seen", offence: "x" }, 1],
        [{ state: "settled", offence: "x" }, 5],
      ],
      dchat_sender_balance_wei: [
        [{ chain: "A", address: account, instance: "sender-A" }, 1e18],
        [{ chain: "A", address: account, instance: "sender-A-2" }, 1e18],
      ],
      dchat_sender_pending: [
        [{ chain: "A", instance: "sender-A" }, 4],
        [{ chain: "A", instance: "sender-A-2" }, 0],
      ],
      dchat_delivery_gas_per_message_sum: [
        [{ chain: "A" }, 10],
        [{ chain: "A" }, 20],
      ],
      dchat_delivery_gas_per_message_count: [
        [{ chain: "A" }, 1],
        [{ chain: "A" }, 1],
      ],
      dchat_queue_wait_seconds_bucket: [
        [{ queue: "q", le: "1", instance: "a" }, 5],
        [{ queue: "q", le: "1", instance: "b" }, 5],
        [{ queue: "q", le: "+Inf", instance: "a" }, 5],
        [{ queue: "q", le: "+Inf", instance: "b" }, 5],
      ],
    });
    assert.equal(facts.behind.get("A")?.size, 1);
    assert.equal(facts.behind.get("A")?.get(keys[0] ?? assert.fail()), 3);
    assert.deepEqual(facts.windows.get(keys[1] ?? assert.fail()), { missed: 7, of: 40 });
    assert.equal(facts.openCases, 1);
    assert.deepEqual(
      facts.senders.map(({ chain, pending }) => [chain, pending]),
      [["A", 4]],
    );
    assert.deepEqual(facts.gas.get("A"), { sum: 30, count: 2 });
    assert.equal(facts.waits.get("q"), 0.95);
  });

  it("is not that there is no evidence, where no watchtower says so", () => {
    assert.equal(read({}).openCases, undefined);
  });
});

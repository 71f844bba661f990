import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FleetFacts, LaneEdge } from "../../../../../relayer/api/operator/fleet/facts.ts";
import {
  nothingSeen,
  type Memory,
  remember,
  seenBy,
} from "../../../../../relayer/api/operator/fleet/seen.ts";
import { viewFleet } from "../../../../../relayer/api/operator/fleet/view.ts";
import { fleetView } from "../../../../../relayer/api/operator-schema.ts";
import type { PublicKey } from "../../../../../relayer/domain/ids.ts";
import {
  A,
  account,
  B,
  healthyFacts,
  healthyMetrics,
  keys,
  lane,
  NOW,
} from "../../../support/fleet-facts.ts";

const quiet = { standingSince: new Map(), gone: [], uncovered: new Set<string>() };
const view = (given: Partial<FleetFacts> = {}, seen = quiet) => viewFleet(healthyFacts(given), seen);
const codes = (of: ReturnType<typeof view>) => of.health.troubles.map(({ code }) => code);
const away = { problem: "It did not answer" };
const silent = (behind: readonly (readonly [PublicKey, number])[]) => ({
  value: healthyMetrics({ behind: new Map(["A", "B"].map((name) => [name, new Map(behind)])) }),
});
const [first, second, third] = keys as [PublicKey, PublicKey, PublicKey];

describe("the view of a fleet in which all is well", () => {
  it("says that value moves, that it is safe, and that nobody is missing, in the contract's shape", () => {
    const fine = view();
    assert.deepEqual(fine.health, { value: "moving", safety: "safe", missing: [], troubles: [] });
    const text = JSON.stringify(fleetView.encode(fine));
    assert.deepEqual(fleetView.parse(JSON.parse(text)), fine);
    assert.deepEqual(fine.lanes[0], {
      ...{ id: lane, from: A, to: B, sent: 5n, accepted: 2n, inFlight: 3, oldestSeconds: 20 },
      lastDeliveredAt: NOW - 30_000,
    });
    assert.deepEqual(fine.quorums[0], {
      ...{ chain: A, epoch: 1n, threshold: 2, members: 3, present: 3, expiresAt: NOW + 30 * 86_400_000 },
    });
    assert.deepEqual(fine.senders, [
      { chain: A, account, pending: 0, balance: 10n ** 18n, nonce: 9, isLow: false },
    ]);
    assert.deepEqual([fine.queues[0]?.waitSecondsP95, fine.queues[0]?.runSecondsP95], [0.2, 1.5]);
    assert.deepEqual(fine.validators[0]?.seats, [
      { chain: A, behindSeconds: 0 },
      { chain: B, behindSeconds: 0 },
    ]);
  });

  it("counts what is locked and not minted as on its way, also what a bridge holds back", () => {
    const [holding] = view().holdings;
    assert.deepEqual([holding?.inFlight, holding?.isWhole], [40n, true]);
  });

  it("says idle when nothing waits and nothing was delivered lately", () => {
    const { status } = healthyFacts();
    assert("value" in status);
    const lanes = status.value.lanes.map((each) => ({ ...each, accepted: each.sent }));
    const edges = new Map<typeof lane, LaneEdge>([
      [lane, { waiting: undefined, deliveredAt: NOW / 1_000 - 61 }],
    ]);
    assert.equal(
      view({ status: { value: { ...status.value, lanes } }, edges: { value: edges } }).health.value,
      "idle",
    );
  });
});

describe("a source that does not answer", () => {
  it("leaves its part out, or null, and is a trouble; nothing is made up for it", () => {
    const parts: readonly [keyof FleetFacts, string, (of: ReturnType<typeof view>) => unknown][] = [
      [
        "status",
        "CHAINS_UNKNOWN",
        ({ lanes, quorums, health }) => [lanes, quorums, health.value, health.safety],
      ],
      ["edges", "INDEX_UNKNOWN", ({ lanes }) => [lanes[0]?.oldestSeconds, lanes[0]?.lastDeliveredAt]],
      ["validators", "VALIDATORS_UNKNOWN", ({ validators }) => validators],
      ["queues", "QUEUES_UNKNOWN", ({ queues }) => queues],
      ["metrics", "METRICS_UNKNOWN", ({ quorums, senders, health }) => [quorums, senders, health.safety]],
      ["accounts", "BALANCES_UNKNOWN", ({ senders }) => senders],
      ["holdings", "HOLDINGS_UNKNOWN", ({ holdings, health }) => [holdings, health.safety]],
      ["roles", "ROLES_UNKNOWN", ({ roles }) => roles],
      ["alerts", "ALERTING_DOWN", ({ alerts }) => alerts],
    ];
    const expected = [
      [[], [], "unknown", "unknown"],
      [null, null],
      [],
      [],
      [[], [], "unknown"],
      [],
      [[], "unknown"],
      [],
      null,
    ];
    for (const [i, [part, code, look]] of parts.entries()) {
      const without = view({ [part]: away });
      assert.deepEqual(look(without), expected[i], part);
      const trouble = without.health.troubles.find((each) => each.code === code);
      assert.match(trouble?.text ?? "", /^It did not answer\. .*(look at|start the role)/i, part);
      fleetView.encode(without);
    }
  });

  it("does not hide what is known to be bad", () => {
    const open = { value: healthyMetrics({ openCases: 1 }) };
    assert.equal(view({ metrics: open, holdings: away }).health.safety, "unsafe");
  });
});

describe("the safety of money", () => {
  it("is gone when more is minted and on its way than is locked, at two looks in a row", () => {
    const holdings = {
      value: [{ symbol: "DEMO", decimals: 6, locked: 100n, minted: 80n, undelivered: 30n }],
    };
    const facts = healthyFacts({ holdings });
    const once = remember(nothingSeen, facts);
    const early = viewFleet(facts, seenBy(once, facts));
    assert.deepEqual([early.holdings[0]?.isWhole, early.health.safety], [null, "unknown"]);
    const twice = remember(once, facts);
    const late = viewFleet(facts, seenBy(twice, facts));
    assert.deepEqual([late.holdings[0]?.isWhole, late.holdings[0]?.inFlight], [false, 30n]);
    assert.equal(late.health.safety, "unsafe");
    assert.equal(late.health.troubles[0]?.code, "NOT_CONSERVED");
    const healed = healthyFacts();
    assert.equal(viewFleet(healed, seenBy(remember(twice, healed), healed)).health.safety, "safe");
  });

  it("is gone while there is evidence against a validator, by the watchtower's word or by a bond that is held", () => {
    const open = view({ metrics: { value: healthyMetrics({ openCases: 2 }) } });
    assert.deepEqual([open.health.safety, codes(open)], ["unsafe", ["EVIDENCE_OPEN"]]);
    const { validators } = healthyFacts();
    assert("value" in validators);
    const held = validators.value.validators.map((each) => ({ ...each, holds: 1n }));
    assert.equal(
      view({ validators: { value: { ...validators.value, validators: held } } }).health.safety,
      "unsafe",
    );
  });

  it("is at risk when no validator more may go missing, and the quorum is lost when too many are", () => {
    const one = view({
      metrics: silent([
        [first, 0],
        [second, 0],
        [third, 600],
      ]),
    });
    assert.deepEqual([one.health.safety, one.health.missing], ["at-risk", [third]]);
    assert.deepEqual(new Set(codes(one)), new Set(["QUORUM_AT_RISK", "VALIDATOR_MISSING"]));
    const two = view({
      metrics: silent([
        [first, 0],
        [second, 601],
        [third, 600],
      ]),
    });
    assert.deepEqual([two.quorums[0]?.present, codes(two)[0]], [1, "QUORUM_LOST"]);
  });

  it("is told by the watchtower's record where no sender has heard anything yet, and is unknown where neither knows", () => {
    const none = new Map();
    const windows = new Map(keys.map((key, i) => [key, { missed: i === 0 ? 51 : 0, of: 100 }]));
    const recorded = view({ metrics: { value: healthyMetrics({ behind: none, windows }) } });
    assert.deepEqual([recorded.quorums[0]?.present, recorded.health.missing], [2, [first]]);
    assert.equal(recorded.validators[0]?.seats[0]?.behindSeconds, null);
    const unknown = view({ metrics: { value: healthyMetrics({ behind: none, windows: none }) } });
    assert.deepEqual([unknown.quorums, unknown.health.safety], [[], "unknown"]);
  });
});

describe("a lane on which nothing arrives", () => {
  const after = (memory: Memory, milliseconds: number, given: Partial<FleetFacts> = {}) => {
    const facts = { ...healthyFacts(given), at: NOW + milliseconds };
    const next = remember(memory, facts);
    return { memory: next, view: viewFleet(facts, seenBy(next, facts)) };
  };

  it("is stalled once final messages have waited for two minutes while none was accepted", () => {
    const begin = after(nothingSeen, 0).memory;
    assert.equal(after(begin, 119_999).view.health.value, "moving");
    const late = after(begin, 120_000).view;
    assert.deepEqual([late.health.value, codes(late)[0]], ["stalled", "LANE_STALLED"]);
    const { status } = healthyFacts();
    assert("value" in status);
    const lanes = status.value.lanes.map((each) => (each.id === lane ? { ...each, accepted: 3n } : each));
    const moved = after(begin, 120_000, { status: { value: { ...status.value, lanes } } });
    assert.equal(moved.view.health.value, "moving");
    assert.equal(after(moved.memory, 240_000).view.health.value, "moving");
  });

  it("is not stalled while its messages are not final, and nothing is forgotten while nobody answers", () => {
    const edges = new Map([[lane, { waiting: { sentAt: 1, isFinal: false }, deliveredAt: undefined }]]);
    const begin = after(nothingSeen, 0, { edges: { value: edges } }).memory;
    assert.equal(after(begin, 500_000, { edges: { value: edges } }).view.health.value, "moving");
    const seen = after(after(nothingSeen, 0).memory, 60_000, { status: away }).memory;
    assert.equal(after(seen, 120_000).view.health.value, "stalled");
  });

  it("shows who did not attest to what waits there, though the others are silent, too", () => {
    const signers = { value: new Map([[lane, new Set([first])]]) };
    const begin = after(nothingSeen, 0, { signers }).memory;
    const late = after(begin, 700_000, { signers }).view;
    assert.deepEqual(late.health.missing, [second, third]);
    assert.deepEqual(late.validators[1]?.seats, [
      { chain: A, behindSeconds: 0 },
      { chain: B, behindSeconds: 700 },
    ]);
    assert.equal(late.quorums.find(({ chain }) => chain === B)?.present, 1);
  });
});

describe("what else is wrong", () => {
  it("is told with what it means: roles, the index, queues, balances, sets that expire", () => {
    const { validators, status, queues } = healthyFacts();
    assert("value" in validators && "value" in status && "value" in queues);
    const role = { instance: "sender-A", role: "sender", chain: "A" };
    const bad = view({
      roles: { value: [{ ...role, isReady: false, reasons: ["Redis: away"] }] },
      validators: {
        value: {
          ...validators.value,
          index: validators.value.index.map((each) => ({ ...each, lagSeconds: 61 })),
        },
      },
      queues: { value: queues.value.map((each) => ({ ...each, failed: 2, isPaused: true })) },
      accounts: { value: new Map([[`A ${account}`, { balance: 1n, nonce: 0 }]]) },
      status: {
        value: {
          ...status.value,
          chains: status.value.chains.map((each, i) => ({
            ...each,
            validatorSet: { ...each.validatorSet, expiresAt: BigInt(NOW / 1_000 + (i === 0 ? 0 : 3_600)) },
          })),
        },
      },
    });
    assert.deepEqual(codes(bad), [
      ...["SET_EXPIRED", "SET_EXPIRING", "ROLE_DOWN", "INDEX_BEHIND", "DEAD_LETTERS", "QUEUE_PAUSED"],
      "LOW_BALANCE",
    ]);
    for (const { text } of bad.health.troubles) assert.match(text, /\. .*\.$/);
  });

  it("remembers a role that ended for ten minutes", () => {
    const gone = healthyFacts({ roles: { value: [] } });
    const memory = remember(nothingSeen, healthyFacts());
    const soon = { ...gone, at: NOW + 5_000 };
    const [role] = viewFleet(soon, seenBy(remember(memory, soon), soon)).roles;
    assert.deepEqual(role, {
      ...{ instance: "sender-A", role: "sender", chain: "A" },
      ...{ isReady: false, reasons: ["it ended 5 s ago"] },
    });
    const later = { ...gone, at: NOW + 600_000 };
    assert.deepEqual(viewFleet(later, seenBy(remember(memory, later), later)).roles, []);
  });

  it("is where a validator stands", () => {
    const { validators } = healthyFacts();
    assert("value" in validators);
    const changes = [
      { jailedUntil: 5n },
      { exitedAt: 5n, jailedUntil: 5n },
      { isTombstoned: true, exitedAt: 5n },
    ];
    const all = validators.value.validators.map((each, i) => ({ ...each, ...changes[i] }));
    const seen = view({ validators: { value: { ...validators.value, validators: all } } }).validators;
    assert.deepEqual(
      seen.map(({ standing, jailedUntil }) => [standing, jailedUntil]),
      [
        ["jailed", 5_000],
        ["exited", 5_000],
        ["tombstoned", null],
      ],
    );
  });
});

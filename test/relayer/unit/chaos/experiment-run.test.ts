import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ExperimentInput, experimentSchema } from "../../../../relayer/chaos/core/experiment.ts";
import type { Violation } from "../../../../relayer/chaos/core/checker/violation.ts";
import type { Fault, FaultType } from "../../../../relayer/chaos/core/fault.ts";
import { campaignPolicy, type RunPolicy } from "../../../../relayer/chaos/core/run-policy.ts";
import type { Injector, Observer } from "../../../../relayer/chaos/ports.ts";
import { ExperimentRun } from "../../../../relayer/chaos/worker/experiment-run.ts";
import { createLogger } from "../../../../relayer/platform/log.ts";
import { ManualClock } from "../../support/fakes.ts";

const input: ExperimentInput = {
  title: "One sender is slow",
  steadyState: {
    title: "Messages arrive",
    probes: [
      {
        name: "nothing is wrong",
        measure: "violations",
        tolerance: { most: 0 },
        phases: ["before", "after"],
      },
      {
        name: "messages arrive",
        measure: "throughput",
        tolerance: { least: 1 },
        phases: ["before", "after"],
      },
    ],
  },
  method: [
    {
      fault: { type: "DiskSlow", milliseconds: 200 },
      selector: { kind: "Pod", name: "signer-1" },
      durationMilliseconds: 10_000,
    },
  ],
  blastRadius: { mostTargets: 1, mostShare: 1 },
  halting: [{ measure: "backlog", tolerance: { most: 50 } }],
};
const target = {
  kind: "process",
  name: "signer-1",
  pid: 2,
  startTime: "1",
  zone: "a",
  region: "r",
  service: "signer",
} as const;

const MECHANISM = { tier: "portable", name: "a fake", what: "nothing real" } as const;

/** A fleet of which everything can be set, and an injector whose one fault makes the target's disk slow. */
class World {
  readonly clock = new ManualClock();
  isFaulty = false;
  heals = 0;
  can: readonly FaultType[] = ["DiskSlow"];
  slowness = 200;
  /** How long after its injection the fault begins to bite, and when it was injected. */
  delay = 0;
  /** How long its injection takes. */
  injecting = 0;
  injectedAt = 0;
  inFlight = 5;
  throughput = 10;
  backlogDuring = 10;
  failingHeals = 0;
  /** How long messages that faults held up take after their healing. */
  holding = 0;
  violations: readonly Violation[] = [];
  change: Partial<ExperimentInput> = {};
  policy: RunPolicy | undefined;
  isUp = true;
  /** How long after the healing the checker was asked the last time. */
  checkedAfter = 0;
  sent = 0;
  /** What was done, by type, in order. */
  readonly done: string[] = [];

  async run(signal = new AbortController().signal) {
    const observer: Observer = {
      sample: () => {
        const backlog = this.isFaulty ? this.backlogDuring : 0;
        return Promise.resolve({ at: this.clock.now(), values: { throughput: this.throughput, backlog } });
      },
      firstExecutedAfter: (moment) => moment + 100,
      inFlight: (sentBefore) => (sentBefore === undefined ? this.inFlight : this.heldUp(sentBefore)),
    };
    const experiment = experimentSchema.parse({ ...input, ...this.change });
    return new ExperimentRun(
      { id: "run", experiment, timeFactor: 1, ...(this.policy && { policy: this.policy }) },
      {
        isUp: () => this.isUp,
        inventory: () => ({ processes: [target], links: [] }),
        injectors: [new FakeInjector(this)],
        gaugeOf: () => () => Promise.resolve(this.bites() ? 3 + this.slowness : 3),
        observer,
        traffic: {
          ways: [
            () => {
              this.sent++;
              return Promise.resolve();
            },
          ],
        },
        checker: {
          check: ({ healedAt }) => {
            this.checkedAfter = this.clock.now() - healedAt;
            return Promise.resolve(this.heals > 0 ? this.violations : []);
          },
        },
        clock: this.clock,
        logger: createLogger("silent", {}),
        onChange: () => undefined,
      },
    ).run(signal);
  }

  /** How many messages that were sent before everything was healed are not executed. */
  heldUp(healedAt: number): number {
    return this.clock.now() - healedAt < this.holding ? 3 : 0;
  }

  bites(): boolean {
    return this.isFaulty && this.clock.now() - this.injectedAt >= this.delay;
  }

  heal(): Promise<void> {
    this.heals++;
    if (this.heals <= this.failingHeals) return Promise.reject(new Error("not yet"));
    this.isFaulty = false;
    return Promise.resolve();
  }
}

/** A class, as the real ones are: its methods are not its own properties. */
class FakeInjector implements Injector {
  readonly tier = "portable";
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  mechanismOf(type: FaultType) {
    return this.#world.can.includes(type) ? MECHANISM : undefined;
  }

  whyNot(type: FaultType) {
    return this.#world.can.includes(type) ? undefined : "it is only a fake";
  }

  async inject(fault: Fault) {
    await this.#world.clock.sleep(this.#world.injecting);
    this.#world.done.push(fault.type);
    this.#world.isFaulty = true;
    this.#world.injectedAt = this.#world.clock.now();
    return { mechanism: MECHANISM, heal: () => this.#world.heal() };
  }
}

/** A world that differs from a good one. */
function worldWith(change: Partial<Omit<World, "clock" | "run" | "heal" | "bites">>): World {
  const world = new World();
  Object.assign(world, change);
  return world;
}

describe("a run of an experiment", () => {
  it("passes when the fault bit with work in flight and everything is well afterwards", async () => {
    const world = new World();
    const record = await world.run();
    assert.equal(record.verdict.kind, "passed", record.verdict.reason);
    assert.deepEqual(
      record.phases.map(({ state }) => state),
      ["Pending", "Running", "Recovering", "Completed"],
    );
    const [fault] = record.faults;
    assert.deepEqual([fault?.effect?.before, fault?.effect?.during, fault?.effect?.inFlight], [3, 203, 5]);
    assert.equal(record.recovery.firstSuccess, 100);
    assert(!world.isFaulty);
  });

  it("passes when the fault takes a while to bite, as filling memory does on a busy machine", async () => {
    const { verdict, faults } = await worldWith({ delay: 5_000 }).run();
    assert.deepEqual([verdict.kind, faults[0]?.effect?.during], ["passed", 203]);
  });

  it("lets a fault last as long as it shall from when it is there, however long that took", async () => {
    const world = worldWith({ injecting: 4_000 });
    const { verdict, faults } = await world.run();
    assert.equal(verdict.kind, "passed");
    // This clock goes on with every sleep of everybody, so that the fault is seen to end a little late.
    assert((faults[0]?.healedAt ?? 0) - world.injectedAt >= 10_000);
  });

  it("has the checker judge once what the faults held up is carried, or was due", async () => {
    const T = experimentSchema.parse(input).executedWithinMilliseconds;
    for (const [holding, after] of [
      [8_000, 8_000],
      [10 * T, T],
    ] as const) {
      const world = worldWith({ holding });
      await world.run();
      assert(world.checkedAfter >= after && world.checkedAfter < after + 5_000, String(world.checkedAfter));
    }
  });

  it("does nothing where the steady state does not hold before", async () => {
    const world = new World();
    world.throughput = 0;
    const { verdict, faults, phases } = await world.run();
    assert.deepEqual([verdict.kind, faults.length, phases.at(-1)?.state], ["failed", 0, "Failed"]);
    assert.match(verdict.reason, /before any fault: messages arrive/);
    assert.equal(world.heals, 0);
  });

  for (const [what, change] of [
    ["a fault that does nothing", { slowness: 0 }],
    ["a fault with nothing in flight", { inFlight: 0 }],
  ] as const)
    it(`is ineffective with ${what}`, async () => {
      const { verdict, phases } = await worldWith(change).run();
      assert.deepEqual([verdict.kind, phases.at(-1)?.state], ["ineffective", "Failed"]);
    });

  it("fails by what the checker finds, whatever else was well", async () => {
    const violations: readonly Violation[] = [{ rule: "execution-once", text: "It was executed twice." }];
    const { verdict } = await worldWith({ violations }).run();
    assert.equal(verdict.kind, "failed");
    assert.match(verdict.reason, /executed twice/);
  });

  it("halts and heals when a measure is outside of what the experiment allows", async () => {
    const world = worldWith({ backlogDuring: 51 });
    const { verdict, faults } = await world.run();
    assert.equal(verdict.kind, "halted");
    assert.match(verdict.reason, /51/);
    const [fault] = faults;
    assert((fault?.healedAt ?? Infinity) - (fault?.injectedAt ?? 0) < 10_000, "it was healed before its end");
    assert(!world.isFaulty);
  });

  it("heals when the kill switch is used", async () => {
    const world = new World();
    const killing = new AbortController();
    const running = world.run(killing.signal);
    while (!world.isFaulty) await world.clock.sleep(0);
    killing.abort();
    const { verdict } = await running;
    assert.deepEqual([verdict.kind, verdict.reason], ["halted", "the kill switch was used"]);
    assert(!world.isFaulty);
  });

  it("heals again when that fails the first times", async () => {
    const world = worldWith({ failingHeals: 3 });
    assert.equal((await world.run()).verdict.kind, "passed");
    assert.equal(world.heals, 4);
  });

  it("restarts whom the rollbacks name, once everything is healed", async () => {
    const selector = { kind: "Pod", name: "signer-1" } as const;
    const rollbacks = [{ name: "a fresh signer", action: "restart", selector } as const];
    const world = worldWith({ change: { rollbacks }, can: ["DiskSlow", "ServiceCrash"] });
    assert.equal((await world.run()).verdict.kind, "passed");
    assert.deepEqual(world.done, ["DiskSlow", "ServiceCrash"]);
    const unable = await worldWith({ change: { rollbacks } }).run();
    assert.deepEqual([unable.verdict.kind, unable.faults.length], ["halted", 1]);
    assert.match(unable.verdict.reason, /"a fresh signer" could not be done/);
    assert.throws(() => experimentSchema.parse({ ...input, rollbacks: [{ name: "x", action: "restart" }] }));
  });

  it("takes turns in a campaign, sends all of its messages, and goes on without what cannot be done", async () => {
    const step = { ...input.method[0], durationMilliseconds: 1_000 } as ExperimentInput["method"][number];
    const method = Array.from({ length: 30 }, (_, window) => ({ ...step, window }));
    const away = {
      ...step,
      selector: { kind: "Pod", name: "signer-1" } as const,
      startMilliseconds: 3_600_000,
    };
    const change = { method: [...method, { ...away, window: 30 }] };
    const world = worldWith({ change, policy: campaignPolicy(10_000) });
    const running = world.run();
    while (world.done.length < 30) await world.clock.sleep(0);
    world.isUp = false; // it is killed, and does not come back
    const { verdict, faults, skipped, messages } = await running;
    assert.deepEqual([verdict.kind, faults.length], ["passed", 30], verdict.reason);
    assert.match(verdict.reason, /96.8% of the windows bit/);
    for (const [i, fault] of faults.entries())
      assert((faults[i + 1]?.injectedAt ?? Infinity) >= (fault.healedAt ?? Infinity), "one at a time");
    assert.deepEqual(
      skipped.map(({ step, type }) => [step, type]),
      [[30, "DiskSlow"]],
    );
    assert.match(skipped[0]?.reason ?? "", /signer-1 did not come up/);
    assert(messages >= 10_000 && world.sent >= 10_000);
  });

  it("keeps the calm between bursts of a campaign, however long their steps waited for each other", async () => {
    const step = { ...input.method[0], durationMilliseconds: 4_000 } as ExperimentInput["method"][number];
    const starts = [0, 1_000, 2_000, 11_000, 12_000, 21_000];
    const method = starts.map((startMilliseconds, window) => ({ ...step, startMilliseconds, window }));
    const world = worldWith({ change: { method }, policy: campaignPolicy(0), injecting: 500 });
    const { verdict, faults } = await world.run();
    assert.equal(verdict.kind, "passed", verdict.reason);
    // The first burst is meant to be over after 6 s, and takes longer: a step waits for the one before it.
    const gaps = faults.map(({ injectedAt }, i) => injectedAt - (faults[i - 1]?.healedAt ?? injectedAt));
    const isCalm = (gap: number | undefined) => gap !== undefined && gap >= 5_000;
    assert.deepEqual(gaps.map(isCalm), [false, false, false, true, false, true], gaps.join(", "));
  });

  it("is ineffective as a campaign of which more than one window in twenty did not bite", async () => {
    const world = worldWith({ policy: campaignPolicy(1), slowness: 0 });
    assert.equal((await world.run()).verdict.kind, "ineffective");
  });

  it("says of every tier why it cannot do a fault, and does nothing", async () => {
    const world = worldWith({ can: [] });
    const { verdict, faults } = await world.run();
    assert.deepEqual([verdict.kind, faults.length], ["halted", 0]);
    assert.match(verdict.reason, /portable: it is only a fake.*Nothing was done/);
  });
});

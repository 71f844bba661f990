import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { resolveAll } from "../../../../relayer/chaos/core/blast-radius.ts";
import { catalogue } from "../../../../relayer/chaos/core/catalogue.ts";
import {
  type Experiment,
  experimentSchema,
  type ExperimentInput,
} from "../../../../relayer/chaos/core/experiment.ts";
import { parseExperiment, printExperiment } from "../../../../relayer/chaos/core/experiment-text.ts";
import { brokenShare, haltReason, judge, type Sample } from "../../../../relayer/chaos/core/halting.ts";
import {
  type ExperimentState,
  isOver,
  type Lifecycle,
  mayMove,
  move,
  pending,
} from "../../../../relayer/chaos/core/lifecycle.ts";
import { PROTECTED, resolve, type Selector } from "../../../../relayer/chaos/core/selector.ts";
import { fleet, processOf } from "../../support/chaos-fleet.ts";

const base: ExperimentInput = {
  title: "One sender is slow",
  steadyState: {
    title: "steady",
    probes: [{ name: "backlog", measure: "backlog", tolerance: { most: 10 } }],
  },
  method: [
    {
      fault: { type: "Latency", milliseconds: 100 },
      selector: { kind: "Pod", name: "sender-1" },
      durationMilliseconds: 1_000,
    },
  ],
  blastRadius: { mostTargets: 3, mostShare: 0.5 },
};
const experiment = (given: Partial<ExperimentInput> = {}): Experiment =>
  experimentSchema.parse({ ...base, ...given });

describe("an experiment", () => {
  it("is the same when it is printed as YAML or JSON and read again", () => {
    for (const each of [experiment(), ...Object.values(catalogue())]) {
      assert.deepEqual(parseExperiment(printExperiment(each), "test"), each);
      assert.deepEqual(parseExperiment(JSON.stringify(each), "test"), each);
    }
  });

  it("is refused with everything that is wrong, by name", () => {
    const wrong = { ...base, title: "", method: [], unknown: 1 };
    assert.throws(
      () => parseExperiment(JSON.stringify(wrong), "x.json"),
      (error: Error) =>
        ["x.json", "title:", "method:", "unknown"].every((part) => error.message.includes(part)),
    );
  });

  it("is refused when the text is no YAML, blows up, or is too long", () => {
    const bomb = `a: &a [x]\nb: &b [${"*a,".repeat(60)}]\nc: [${"*b,".repeat(60)}]`;
    const long = `# ${"x".repeat(1_048_576)}`;
    for (const [text, why] of [
      ["a: [", /Flow sequence/],
      ["a: 1\na: 2", /unique/],
      [bomb, /alias/i],
      [long, /is the most/],
    ] as const)
      assert.throws(() => parseExperiment(text, "x"), { code: "EXPERIMENT", message: why });
  });

  it("has no tolerance that nothing can meet", () => {
    for (const tolerance of [{}, { least: 2, most: 1 }])
      assert.equal(
        experimentSchema.safeParse({
          ...base,
          steadyState: { title: "t", probes: [{ name: "p", measure: "backlog", tolerance }] },
        }).success,
        false,
      );
  });
});

describe("the lifecycle of an experiment", () => {
  const states: readonly ExperimentState[] = ["Pending", "Running", "Recovering", "Completed", "Failed"];
  const legal = new Set([
    "Pending>Running",
    "Pending>Failed",
    "Running>Recovering",
    "Recovering>Completed",
    "Recovering>Failed",
  ]);

  it("allows these moves and refuses every other", () => {
    for (const from of states)
      for (const to of states) {
        const at: Lifecycle = { state: from, at: 10, reason: "" };
        assert.equal(mayMove(from, to), legal.has(`${from}>${to}`));
        if (mayMove(from, to)) assert.deepEqual(move(at, to, 11, "r"), { state: to, at: 11, reason: "r" });
        else assert.throws(() => move(at, to, 11, "r"), { code: "ILLEGAL_MOVE" });
      }
  });

  it("never goes back in time", () => {
    assert.throws(() => move(pending(10), "Running", 9, ""), { code: "ILLEGAL_MOVE" });
  });

  it("ends after at most three moves, and whatever ran was healed", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...states), { maxLength: 30 }), (asked) => {
        let at = pending(0);
        const seen: ExperimentState[] = [at.state];
        for (const to of asked)
          if (mayMove(at.state, to)) {
            at = move(at, to, at.at + 1, "");
            seen.push(to);
          }
        assert.ok(seen.length <= 4);
        assert.equal(isOver(at), ["Completed", "Failed"].includes(at.state));
        if (seen.includes("Running") && isOver(at)) assert.equal(seen.at(-2), "Recovering");
      }),
    );
  });
});

describe("a selector", () => {
  const names = (selector: Selector) => resolve("CpuSpike", { selector }, fleet).map(({ name }) => name);

  it("finds one process, a service, a zone or a region, in the order of names", () => {
    assert.deepEqual(names({ kind: "Pod", name: "signer-2" }), ["signer-2"]);
    assert.deepEqual(names({ kind: "Service", service: "signer" }), ["signer-1", "signer-2", "signer-3"]);
    assert.deepEqual(names({ kind: "AZ", zone: "zone-b" }), ["database", "sender-2", "signer-2"]);
    assert.equal(names({ kind: "Region", region: "here" }).length, 8);
  });

  it("takes no more than the count and the share that it names, and one at least", () => {
    assert.deepEqual(names({ kind: "Service", service: "signer", most: 2 }), ["signer-1", "signer-2"]);
    assert.deepEqual(names({ kind: "Service", service: "signer", share: 0.67 }), ["signer-1", "signer-2"]);
    assert.deepEqual(names({ kind: "Service", service: "signer", share: 0.01 }), ["signer-1"]);
  });

  it("gives the links of its processes for faults on links, and only those to the others that are named", () => {
    const links = (to?: Selector) =>
      resolve("Latency", { selector: { kind: "Service", service: "sender" }, to }, fleet).map(
        ({ name }) => name,
      );
    assert.deepEqual(links(), ["sender-1>redis", "sender-2>redis"]);
    assert.deepEqual(links({ kind: "AZ", zone: "zone-a" }), ["sender-1>redis", "sender-2>redis"]);
    assert.throws(() => links({ kind: "Pod", name: "api" }), { code: "NO_TARGET" });
  });

  it("refuses the controller and the checker, named or covered", () => {
    for (const name of PROTECTED) {
      assert.throws(() => names({ kind: "Pod", name }), { code: "PROTECTED_TARGET" });
      assert.throws(() => names({ kind: "Service", service: name }), { code: "PROTECTED_TARGET" });
      const guarded = { ...fleet, processes: [...fleet.processes, processOf(name, "zone-b")] };
      assert.throws(() => resolve("CpuSpike", { selector: { kind: "AZ", zone: "zone-b" } }, guarded), {
        code: "PROTECTED_TARGET",
      });
    }
  });

  it("refuses what matches nothing, and servers for a fault on processes", () => {
    assert.throws(() => names({ kind: "Pod", name: "nobody" }), { code: "NO_TARGET" });
    const selector: Selector = { kind: "Pod", name: "api" };
    assert.throws(() => resolve("CpuSpike", { selector, to: selector }, fleet), { code: "NO_TARGET" });
  });
});

describe("the blast radius", () => {
  const crash = (service: string, startMilliseconds: number) => ({
    fault: { type: "ServiceCrash" as const },
    selector: { kind: "Service" as const, service },
    startMilliseconds,
    durationMilliseconds: 100,
  });

  it("counts who suffers at the same time, and each once", () => {
    const one = experiment({ method: [crash("signer", 0), crash("signer", 50), crash("sender", 150)] });
    assert.equal(resolveAll(one, fleet).length, 3);
    const together = experiment({ method: [crash("signer", 0), crash("sender", 99)] });
    assert.throws(() => resolveAll(together, fleet), { code: "BLAST_RADIUS" });
  });

  it("is the smaller of the count and the share", () => {
    const method = [crash("signer", 0)];
    const allowed = (mostTargets: number, mostShare: number) =>
      experiment({ method, blastRadius: { mostTargets, mostShare } });
    assert.doesNotThrow(() => resolveAll(allowed(3, 1), fleet));
    assert.throws(() => resolveAll(allowed(2, 1), fleet), { code: "BLAST_RADIUS" });
    assert.throws(() => resolveAll(allowed(3, 0.3), fleet), { code: "BLAST_RADIUS" });
  });

  it("is kept by every scenario of the catalogue on a fleet of two zones", () => {
    for (const [id, each] of Object.entries(catalogue()))
      assert.ok(
        resolveAll(each, fleet).every(({ targets }) => targets.length > 0),
        id,
      );
  });
});

describe("halting", () => {
  const at = (time: number, backlog?: number): Sample => ({
    at: time,
    values: backlog === undefined ? {} : { backlog },
  });
  const rule = { measure: "backlog" as const, tolerance: { most: 10 }, forMilliseconds: 100 };

  it("waits for as long as the rule says, at a stretch", () => {
    const one = experiment({ halting: [rule] });
    assert.equal(haltReason(one, []), undefined);
    assert.equal(haltReason(one, [at(0, 11), at(50, 12)]), undefined);
    assert.equal(haltReason(one, [at(0, 11), at(50, 9), at(120, 12)]), undefined);
    assert.match(
      haltReason(one, [at(0, 11), at(100, 12)]) ?? "",
      /are 12, outside of at most 10, for 100 ms/,
    );
  });

  it("takes what cannot be measured for broken", () => {
    assert.match(haltReason(experiment({ halting: [rule] }), [at(0), at(100)]) ?? "", /not to be measured/);
    assert.deepEqual(
      judge(experiment(), "during", at(0)).map(({ holds }) => holds),
      [false],
    );
  });

  it("ends an experiment whose error budget is spent", () => {
    const one = experiment({ errorBudget: { mostBrokenShare: 0.5 } });
    const samples = [at(0, 1), at(1, 99), at(2, 99)];
    assert.equal(haltReason(one, samples.slice(0, 2)), undefined);
    assert.equal(brokenShare(one, samples), 2 / 3);
    assert.match(haltReason(one, samples) ?? "", /error budget is spent.*67%.*50%/);
  });
});

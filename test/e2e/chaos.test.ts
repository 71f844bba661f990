import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { exitCodes } from "../../relayer/platform/exit-codes.ts";
import { Fleet } from "./support/fleet.ts";

const record = z.object({
  verdict: z.object({ kind: z.string(), reason: z.string() }),
  phases: z.array(z.object({ state: z.string() })),
  faults: z.array(
    z.object({
      type: z.string(),
      mechanism: z.object({ tier: z.string() }),
      effect: z.object({ isEffective: z.boolean(), inFlight: z.number() }),
    }),
  ),
  violations: z.array(z.unknown()),
});

/** What is written in half a minute is over in a second; what a role needs to start is not compressed. */
const TIME_SCALE = "30";

describe("chaos on a whole fleet", () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await Fleet.start({ chaos: true });
  });
  after(() => fleet.stop());

  async function run(experiment: string, ...more: readonly string[]) {
    const args = ["--json", "chaos", "run", experiment, "--time-scale", TIME_SCALE, ...more];
    const { code, stdout, stderr } = await fleet.dchat(args).ended;
    return { code, ...record.parse(JSON.parse(stdout === "" ? stderr : stdout)) };
  }

  it("shows what there is, and what can be done to it", async () => {
    const { code, stdout } = await fleet.dchat(["--json", "chaos", "list"]).ended;
    assert.equal(code, exitCodes.success);
    const found = z
      .object({
        scenarios: z.array(z.object({ id: z.string() })),
        processes: z.array(z.object({ name: z.string() })),
        links: z.array(z.object({ name: z.string() })),
      })
      .parse(JSON.parse(stdout));
    assert.equal(found.scenarios.length, 10);
    const names = found.processes.map(({ name }) => name);
    for (const name of ["redis", "chain-A", "sender-B", "signer-3", "api"])
      assert(names.includes(name), name);
    assert(found.links.some(({ name }) => name === "sender-B>redis"));
  });

  for (const scenario of ["high-latency", "cpu-spike", "disk-slow"])
    it(`${scenario} bites while transfers are under way, and nothing is lost, doubled or stuck`, async () => {
      const { code, verdict, phases, faults, violations } = await run(scenario, "--tier", "portable");
      assert.deepEqual([code, verdict.kind, violations], [exitCodes.success, "passed", []], verdict.reason);
      assert.deepEqual(
        phases.map(({ state }) => state),
        ["Pending", "Running", "Recovering", "Completed"],
      );
      assert(faults.every(({ effect }) => effect.isEffective && effect.inFlight > 0));
      assert(faults.every(({ mechanism }) => mechanism.tier === "portable"));
    });

  it("calls an experiment ineffective whose fault does nothing", async () => {
    const file = join(fleet.folder, "nothing.yml");
    writeFileSync(
      file,
      `
title: A wait of nothing
steadyState:
  title: Messages arrive
  probes: [{ name: messages are executed, measure: throughput, tolerance: { least: 0.01 }, phases: [before] }]
method:
  - fault: { type: PacketLoss, percent: 0 }
    selector: { kind: Pod, name: sender-B }
    durationMilliseconds: 60000
blastRadius: { mostTargets: 5, mostShare: 1 }
`,
    );
    const { code, verdict } = await run(file, "--tier", "portable");
    assert.deepEqual([code, verdict.kind], [exitCodes.failure, "ineffective"], verdict.reason);
  });

  it("finds nothing wrong afterwards", async () => {
    await fleet.untilAllArrived();
    const { code, stdout } = await fleet.dchat(["--json", "chaos", "check"]).ended;
    assert.deepEqual(
      [code, z.object({ violations: z.array(z.unknown()) }).parse(JSON.parse(stdout)).violations],
      [exitCodes.success, []],
    );
  });

  it("refuses what it does not know, and does nothing", async () => {
    const { code, stderr } = await fleet.dchat(["chaos", "run", "no-such-thing"]).ended;
    assert.equal(code, exitCodes.usage);
    assert.match(stderr, /no scenario and no file no-such-thing.*Nothing was done/);
  });
});

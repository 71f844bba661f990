import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { exitCodes } from "../../relayer/platform/exit-codes.ts";
import { toxicsOn } from "../relayer/support/chaos-scene.ts";
import { until } from "../relayer/support/processes.ts";
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

const status = z.object({
  run: z.object({
    state: z.string(),
    verdict: z.object({ kind: z.string(), reason: z.string() }).optional(),
  }),
});

/** How many times as short the fleet's time-outs are, and delays with them. */
const FLEET_SCALE = 2;
/** What is written in half a minute is over in a second; what a role needs to start is not compressed. */
const TIME_SCALE = "30";

describe("chaos on a whole fleet", () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await Fleet.start({ chaos: true, timeScale: FLEET_SCALE });
  });
  after(() => fleet.stop());

  async function run(experiment: string, ...more: readonly string[]) {
    const args = ["--json", "chaos", "run", experiment, "--time-scale", TIME_SCALE, ...more];
    const { code, stdout, stderr } = await fleet.dchat(args).ended;
    return { code, ...record.parse(JSON.parse(stdout === "" ? stderr : stdout)) };
  }

  /** A command whose result is JSON, and which is done. */
  async function done(...args: readonly string[]): Promise<unknown> {
    const { code, stdout, stderr } = await fleet.dchat(["--json", "chaos", ...args]).ended;
    assert.equal(code, exitCodes.success, stderr);
    return JSON.parse(stdout);
  }

  /** Begins the slow links of senders, which last half a minute, and waits until they are slow. */
  async function beginSlowLinks(): Promise<string> {
    const { id } = z
      .object({ id: z.string() })
      .parse(await done("run", "high-latency", "--time-scale", "10", "--tier", "portable", "--detach"));
    await until("links are slow", async () => (await toxics()).length > 0);
    return id;
  }

  const toxics = () => toxicsOn(fleet.local.network.chaos?.proxyApi ?? assert.fail("no chaos"));
  const statusOf = async (id: string) => status.parse(await done("status", id)).run;

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
    for (const name of ["redis", "database", "chain-A", "sender-B", "signer-3", "api"])
      assert(names.includes(name), name);
    for (const link of ["sender-B>redis", "api>database"])
      assert(found.links.some(({ name }) => name === link));
  });

  for (const scenario of ["high-latency", "cpu-spike", "disk-slow", "cascading-failure"])
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

  it("shows what would be done to whom, and does nothing", async () => {
    const preview = z
      .object({ suffering: z.array(z.string()), processes: z.number() })
      .parse(await done("run", "zone-failure", "--preview"));
    assert.deepEqual(preview.suffering, ["chain-B", "keeper-B", "sender-B", "signer-2", "watcher-B"]);
    assert(preview.suffering.every((name) => fleet.local.supervisor.pid(name) !== undefined));
    const inFleetTime = z
      .object({
        milliseconds: z.number(),
        steps: z.array(z.object({ fault: z.object({ milliseconds: z.number() }) })),
      })
      .parse(await done("run", "high-latency", "--preview"));
    assert.equal(inFleetTime.milliseconds, (5 * 60_000) / FLEET_SCALE);
    assert.deepEqual(inFleetTime.steps, [{ fault: { milliseconds: 500 / FLEET_SCALE } }]);
    const { code, stderr } = await fleet.dchat(["chaos", "campaign", "--windows", "0"]).ended;
    assert.equal(code, exitCodes.usage, stderr);
  });

  it("heals everything by its kill switch, and reports what was done", async () => {
    const id = await beginSlowLinks();
    await done("stop", id);
    await until("it is over", async () => (await statusOf(id)).state === "Failed");
    assert.deepEqual(await toxics(), []);
    assert.match((await statusOf(id)).verdict?.reason ?? "", /kill switch/);
    const file = join(fleet.folder, "report.html");
    await done("report", id, "--format", "html", "--out", file);
    assert.match(readFileSync(file, "utf8"), /<svg[^]*Latency/);
  });

  it("is healed when its controller is killed in the middle, which the next one says", async () => {
    const id = await beginSlowLinks();
    await fleet.kill("chaos-controller");
    await until("nothing is left", async () => (await toxics()).length === 0);
    const { state, verdict } = await statusOf(id);
    assert.deepEqual([state, verdict?.kind], ["Failed", "halted"]);
    assert.match(verdict?.reason ?? "", /controller ended in the middle/);
  });

  it("runs what a schedule plans, until it is disabled, and says aloud what it does", async () => {
    await done("schedule", "set", "often", "cpu-spike", "--cron", "* * * * * *", "--time-scale", "120");
    const scheduled = async () =>
      z
        .object({ runs: z.array(z.object({ schedule: z.string().optional(), state: z.string() })) })
        .parse(await done("status"))
        .runs.filter(({ schedule }) => schedule === "often");
    await until(
      "a planned run is over",
      async () => (await scheduled()).some(({ state }) => state === "Completed" || state === "Failed"),
      120_000,
    );
    await done("schedule", "disable", "often");
    await done("stop", "--all");
    await until("all are over", async () =>
      (await scheduled()).every(({ state }) => state === "Completed" || state === "Failed"),
    );
    const { schedules } = z
      .object({ schedules: z.array(z.object({ schedule: z.object({ isEnabled: z.boolean() }) })) })
      .parse(await done("schedule", "list"));
    assert.deepEqual(schedules, [{ schedule: { isEnabled: false } }]);
    await done("schedule", "remove", "often");
    const speech = await fleet.dchat(["--json", "speech", "queue", "--limit", "50"]).ended;
    assert.match(speech.stdout, /Chaos: CPU Spike begins/);
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

  it("had the wallet approve once what it then sent many times", async () => {
    const [, allowance = 0, transactions = 0, sent = 0] = await fleet.books();
    assert(BigInt(allowance) > 0n, "an approval of a single amount would be used up");
    assert(BigInt(transactions) < 2n * BigInt(sent), `${transactions} transactions for ${sent} transfers`);
  });

  it("refuses what it does not know, and does nothing", async () => {
    const { code, stderr } = await fleet.dchat(["chaos", "run", "no-such-thing"]).ended;
    assert.equal(code, exitCodes.usage);
    assert.match(stderr, /no scenario and no file no-such-thing.*Nothing was done/);
  });
});

import { randomInt } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { SCENARIOS } from "../../relayer/chaos/core/catalogue.ts";
import { quantile, recoveriesOfBursts } from "../../relayer/chaos/core/report/recovery.ts";
import { effectiveShare, windowsOf } from "../../relayer/chaos/core/run-policy.ts";
import { createLogger } from "../../relayer/platform/log.ts";
import { type LocalNetwork, startLocalNetwork } from "../../scripts/local/network.ts";
import type { Figures } from "../gas/crypto.ts";
import { type Account, accountOf } from "./arrivals.ts";
import { findPlanted } from "./planted.ts";
import { recoveriesOf, runChaos, type RunRecord } from "./runs.ts";

/** How the bench is made smaller; all as `dchat chaos` takes them. */
export type ChaosBenchOptions = {
  readonly "time-scale": string;
  readonly tier: string;
  /** Which scenarios, with commas between; none where it is empty. */
  readonly scenarios: string;
  readonly windows: string;
  readonly messages: string;
  readonly seed: string;
  /** A folder in which the runs' records are kept; they are in none if it is left out. */
  readonly records?: string;
};

/** As the figures are meant, with a fresh seed. */
export const CHAOS_OPTIONS: ChaosBenchOptions = {
  "time-scale": "3",
  tier: "auto",
  scenarios: SCENARIOS.join(","),
  windows: "200",
  messages: "2000",
  seed: String(randomInt(2 ** 32)),
};

/** How long messages may still be on their way when everything is over, before they count as stuck, in milliseconds. */
const PATIENCE_MILLISECONDS = 120_000;

/** Away from the usual ports, where other networks on this machine may start while a process of this one is down. */
const PORT_OFFSET = 12_000;

/**
 * The scenarios of the catalogue on a fleet in compressed time, a campaign on one in full time, and the bugs that the checker has to find.
 * @param note told of what stands beside the figures: verdicts, and what was not effective
 */
export async function measureChaos(
  options: ChaosBenchOptions,
  note: (about: Readonly<Record<string, unknown>>) => void,
): Promise<Figures> {
  const planted = findPlanted();
  const caught = planted.filter(({ isCaught }) => isCaught).length;
  note({ plantedBugs: Object.fromEntries(planted.map(({ name, isCaught }) => [name, isCaught])) });
  const scenarios = await withFleet(Number(options["time-scale"]), (local) =>
    runScenarios(local, options, note),
  );
  const campaign = await withFleet(1, (local) => runCampaign(local, options, note));
  const both = [scenarios.account, campaign.account];
  note({ messages: sum(both.map(({ sent }) => sent)) });
  return {
    ...scenarios.figures,
    lost: sum(both.map(({ lost }) => lost)),
    doubled: sum(both.map(({ doubled }) => doubled)),
    stuck: sum(both.map(({ stuck }) => stuck)),
    ...campaign.figures,
    plantedBugsCaughtShare: round(caught / planted.length),
  };
}

/** @returns what was measured on a fleet of its own, and what became of its messages in the end */
async function withFleet(
  timeScale: number,
  measure: (local: LocalNetwork) => Promise<Figures>,
): Promise<{ readonly figures: Figures; readonly account: Account }> {
  mkdirSync(".dchat", { recursive: true });
  const folder = resolve(mkdtempSync(join(".dchat", "bench-chaos-")));
  const stopping = new AbortController();
  let local: LocalNetwork | undefined;
  try {
    local = await startLocalNetwork(
      {
        ...{ folder, timeScale, blockSeconds: 1, chaos: true },
        ...{ portOffset: PORT_OFFSET, signal: stopping.signal },
        redisServer: process.env["DCHAT_REDIS_SERVER"] ?? "redis-server",
      },
      { onStep: tell, logger: createLogger("silent", { role: "bench" }) },
    );
    const figures = await measure(local);
    return { figures, account: await accountOf(local.network, PATIENCE_MILLISECONDS) };
  } finally {
    await local?.supervisor.stop();
    rmSync(folder, { recursive: true });
  }
}

type Note = Parameters<typeof measureChaos>[1];

async function runScenarios(
  { networkFile }: LocalNetwork,
  options: ChaosBenchOptions,
  note: Note,
): Promise<Figures> {
  const verdicts: Record<string, string> = {};
  let passed = 0;
  for (const id of options.scenarios.split(",").filter((each) => each !== "")) {
    // In the time of the fleet.
    const record = await runChaos(networkFile, ["run", id, "--tier", options.tier], options.records);
    const { verdict } = record;
    verdicts[id] = `${verdict.kind}: ${verdict.reason}`;
    if (verdict.kind === "passed") passed++;
    tell(`${id}: ${verdicts[id]}; ${record.messages} messages sent, recovered after ${said(record)}`);
  }
  note({ scenarios: verdicts });
  return { scenariosPassed: passed };
}

async function runCampaign({ networkFile }: LocalNetwork, options: ChaosBenchOptions, note: Note) {
  const { seed, windows, messages, tier } = options;
  tell(`campaign of ${windows} windows, seed ${seed}`);
  const drawn = ["--seed", seed, "--windows", windows, "--messages", messages, "--tier", tier];
  const record = await runChaos(networkFile, ["campaign", ...drawn], options.records);
  const ofFaults = recoveriesOf(record.faults);
  const recoveries = recoveriesOfBursts(record.experiment.method, record.faults);
  const figures = {
    windowsEffectiveShare: round(effectiveShare(windowsOf(record.experiment.method, record.faults))),
    ...secondsAs("recoverySecondsP95", quantile(recoveries, 0.95)),
  };
  const { verdict, skipped } = record;
  tell(`campaign: ${verdict.kind}: ${verdict.reason}; ${JSON.stringify(figures)}`);
  note({
    campaign: {
      ...{ seed: Number(seed), verdict: `${verdict.kind}: ${verdict.reason}`, messages: record.messages },
      ...secondsAs("recoverySecondsP50", quantile(recoveries, 0.5)),
      ...secondsAs("recoverySecondsMost", quantile(recoveries, 1)),
      bursts: recoveries.length,
      // Counted from each fault's own end, while others of its burst may last.
      ...secondsAs("recoverySecondsP50OfSingleFaults", quantile(ofFaults, 0.5)),
      ...secondsAs("recoverySecondsP95OfSingleFaults", quantile(ofFaults, 0.95)),
      faults: record.faults.length,
      neverRecovered: ofFaults.filter((each) => each === Infinity).length,
      ineffective: countBy(record.faults.filter(({ effect }) => !bit(effect)).map(({ type }) => type)),
      notDone: countBy(skipped.map(({ type, reason }) => `${type}: ${reason}`)),
    },
  });
  return figures;
}

/** Left out where more faults than that were followed by no execution at all: there is no such number then. */
function secondsAs(name: string, milliseconds: number | undefined): Figures {
  return milliseconds === undefined ? {} : { [name]: round(milliseconds / 1_000) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function bit(effect: RunRecord["faults"][number]["effect"]): boolean {
  return effect?.isEffective === true && effect.inFlight > 0;
}

function said(record: RunRecord): string {
  const longest = recoveriesOf(record.faults).at(-1);
  return longest === undefined || longest === Infinity ? "no execution" : `${round(longest / 1_000)} s`;
}

function countBy(names: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

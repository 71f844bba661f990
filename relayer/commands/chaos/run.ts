import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { FleetObserver } from "../../chaos/adapters/fleet-observer.ts";
import { FlowWatch } from "../../chaos/adapters/flow-watch.ts";
import { gaugeOf } from "../../chaos/adapters/gauges.ts";
import { readInventory } from "../../chaos/adapters/inventory-file.ts";
import { Leases } from "../../chaos/adapters/leases.ts";
import { catalogue, SCENARIOS, type ScenarioId } from "../../chaos/core/catalogue.ts";
import type { Experiment } from "../../chaos/core/experiment.ts";
import { parseExperiment } from "../../chaos/core/experiment-text.ts";
import { htmlReport } from "../../chaos/core/report/html.ts";
import { jsonReport } from "../../chaos/core/report/json.ts";
import type { ExperimentRecord } from "../../chaos/core/report/record.ts";
import { duration } from "../../chaos/core/report/words.ts";
import type { Tier } from "../../chaos/core/target.ts";
import { scaleExperiment } from "../../chaos/core/time-scale.ts";
import { ExperimentRun } from "../../chaos/worker/experiment-run.ts";
import { UsageError } from "../../domain/errors.ts";
import { systemClock } from "../../platform/clock.ts";
import { createLogger } from "../../platform/log.ts";
import { runningRoles } from "../../platform/role-files.ts";
import { writeNewFile } from "../../platform/secret-file.ts";
import type { CommandContext } from "../context.ts";
import {
  checkedChains,
  checkerOf,
  chainUrlOf,
  openInjectors,
  requireChaos,
  runsFolder,
  trafficOf,
} from "./fleet.ts";

/** The options of `dchat chaos run`. */
export type RunOptions = { readonly timeScale: string; readonly tier: Tier | "auto" };

/** How far back throughput and latency look, in milliseconds. */
const WINDOW_MILLISECONDS = 5_000;

/** `dchat chaos run`. @returns whether the experiment was completed */
export async function run(named: string, options: RunOptions, context: CommandContext): Promise<boolean> {
  const { network, output, signal } = context;
  const config = requireChaos(network);
  const timeFactor = 1 / readTimes(options.timeScale);
  const experiment = scaleExperiment(findExperiment(named), { factor: timeFactor, amplitudes: "kept" });
  const runs = runsFolder(config);
  mkdirSync(runs, { recursive: true, mode: 0o700 });
  const logger = createLogger("silent", {});
  await using leases = await Leases.open(join(config.folder, "leases.sqlite"), {
    clock: systemClock,
    logger,
  });
  await using flow = await FlowWatch.start(checkedChains(network));
  const traffic = trafficOf(network);
  const inventory = () => readInventory(config.inventoryFile);
  const { links } = inventory();
  const alertingPort = network.alerting?.api.port;
  const id = randomUUID();
  try {
    const experimentRun = new ExperimentRun(
      { id, experiment, timeFactor },
      {
        inventory,
        injectors: await openInjectors(network, options.tier, leases),
        gaugeOf: (fault, target) =>
          gaugeOf(fault, target, { folder: config.folder, links, chainUrl: chainUrlOf(network) }),
        observer: new FleetObserver(flow, {
          roles: () => runningRoles(network.dataFolder),
          alertingUrl: alertingPort === undefined ? undefined : `http://127.0.0.1:${alertingPort}`,
          windowMilliseconds: WINDOW_MILLISECONDS,
        }),
        traffic,
        checker: checkerOf(network),
        clock: systemClock,
        logger,
        onMove: ({ phases }) => {
          const last = phases.at(-1);
          if (last !== undefined) output.step(`${last.state}: ${last.reason}`);
        },
      },
    );
    const record = await experimentRun.run(signal);
    const report = join(runs, `${id}.html`);
    writeNewFile(join(runs, `${id}.json`), jsonReport(record));
    writeNewFile(report, htmlReport(record));
    output.result(record, describe(record, report));
    return record.verdict.kind === "passed";
  } finally {
    traffic.close();
  }
}

/** @throws UsageError `EXPERIMENT`; ConfigurationError `EXPERIMENT` for a file with mistakes */
function findExperiment(named: string): Experiment {
  const scenario = SCENARIOS.find((id): id is ScenarioId => id === named);
  if (scenario !== undefined) return catalogue()[scenario];
  if (existsSync(named)) return requireRollbacks(parseExperiment(readFileSync(named, "utf8"), named), named);
  throw new UsageError(
    "EXPERIMENT",
    `There is no scenario and no file ${named}. Nothing was done; the scenarios are ${SCENARIOS.join(", ")}.`,
  );
}

/** Everything is healed in any case; other rollbacks are not done yet, and must not be passed over. @throws UsageError `ROLLBACK` */
function requireRollbacks(experiment: Experiment, file: string): Experiment {
  const other = experiment.rollbacks.find(({ action }) => action !== "heal-all");
  if (other === undefined) return experiment;
  throw new UsageError(
    "ROLLBACK",
    `${file}: the rollback "${other.name}" asks for ${other.action}, which is not done yet. Nothing was done; leave it out, and do it by hand after the run.`,
  );
}

function readTimes(text: string): number {
  const times = Number(text);
  if (times >= 1 && times <= 1_000) return times;
  throw new UsageError("USAGE", `--time-scale ${text}: expected a number from 1 to 1000. Nothing was done.`);
}

function describe(
  { experiment, phases, faults, violations, recovery, verdict }: ExperimentRecord,
  report: string,
): string {
  return [
    `${experiment.title}: ${phases.at(-1)?.state ?? "Pending"}, ${verdict.kind} (${verdict.reason})`,
    ...faults.map(({ type, mechanism, effect, targets }) => {
      const seen =
        effect === undefined
          ? "not measured"
          : `${effect.measure}: ${round(effect.before)} → ${round(effect.during)}`;
      return `${type} on ${targets.map(({ name }) => name).join(", ")}, by ${mechanism.name} (${mechanism.tier}); ${seen}`;
    }),
    ...violations.map(({ rule, text }) => `${rule}: ${text}`),
    `first success ${duration(recovery.firstSuccess)} after healing, drained ${duration(recovery.drained)}, steady ${duration(recovery.steady)}`,
    `report ${report}`,
  ].join("\n");
}

const round = (value: number) => Math.round(value * 100) / 100;

import { parseArgs } from "node:util";
import { exitCodes } from "../relayer/platform/exit-codes.ts";
import { exitWithParent, parentDescriptorVariable } from "../relayer/platform/parent-watch.ts";
import { ALL, type Bench, BENCHES } from "./benches.ts";
import type { Figures } from "./gas/crypto.ts";
import { LIMITS } from "./limits.ts";
import { compare, type Comparison, findFaults, type Peers } from "./report/compare.ts";
import { joinPeers, peersOf, type Report } from "./report/result.ts";
import { sumUp, tableOf } from "./report/words.ts";
import { keepResult, readPeers } from "./results.ts";
import { type Outcome, runAsProcess, runSuite } from "./suite.ts";

/**
 *     node bench/main.ts [NAME…] [--json] [--keep] [--check]
 *     node bench/main.ts chaos [--time-scale 3] [--tier auto] [--scenarios ID,ID] [--windows 200] [--messages 2000] [--seed N] [--records FOLDER]
 *
 * Runs benchmarks, all of {@link ALL} where none is named, and prints their figures beside limits and peers. With `--json` one line of
 * JSON follows: `{ figures, about }` of the one that is named, or of each by its name, and `failed`. Results are kept in `bench/results`
 * where none is named, or with `--keep`. Exit codes: 0 all came to their end; 1 one did not, or, with `--check`, a limit is missed or
 * was not measured; 2 there is no such benchmark.
 *
 * @module
 */

const string = { type: "string" } as const;
const chaosOptions = {
  "time-scale": string,
  ...{ tier: string, scenarios: string, windows: string, messages: string, seed: string, records: string },
};
const flag = { type: "boolean", default: false } as const;
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: flag, keep: flag, check: flag, ...chaosOptions },
});
const { json, keep, check, ...chaosValues } = values;
const [only, ...others] = positionals;
const tell = (line: string) => process.stderr.write(`${line}\n`);

// As part of a suite, or below the bootstrap: whoever ends that ends this, too.
if (process.env[parentDescriptorVariable] !== undefined)
  exitWithParent(() => process.exit(exitCodes.interrupted), process.env);

const unknown = positionals.find((name) => BENCHES[name] === undefined);
const bench = BENCHES[only ?? ""];
if (unknown !== undefined) {
  tell(
    `There is no benchmark ${unknown}. Usage: bench [${Object.keys(BENCHES).join("|")}]… [--json] [--keep] [--check]`,
  );
  process.exitCode = exitCodes.usage;
} else if (only !== undefined && bench !== undefined && others.length === 0) await runOne(only, bench);
else await runMany(only === undefined ? ALL : positionals);

async function runOne(name: string, { about, measurements }: Bench): Promise<void> {
  const measured: Figures = {};
  const notes: Record<string, unknown> = {};
  const note = (said: Readonly<Record<string, unknown>>) => {
    Object.assign(notes, said);
  };
  for (const measure of measurements) Object.assign(measured, await measure(chaosValues, note));
  const isPeer = ([key]: [string, number]) => key.startsWith("peer.");
  const entries = Object.entries(measured);
  const figures = Object.fromEntries(entries.filter((entry) => !isPeer(entry)));
  const report = {
    figures,
    about: { what: about, peers: Object.fromEntries(entries.filter(isPeer)), ...notes },
  };
  finish(name, report, keep);
  if (json) console.log(JSON.stringify(report));
}

async function runMany(names: readonly string[]): Promise<void> {
  const commandOf = (name: string) => [
    import.meta.filename,
    name,
    "--json",
    ...(name === "chaos" ? forChaos() : []),
  ];
  const keepEach = (outcome: Outcome) => {
    if ("report" in outcome) finish(outcome.name, outcome.report, keep || positionals.length === 0);
  };
  const outcomes = await runSuite(names, runAsProcess(commandOf), keepEach, tell);
  const reports = outcomes.filter((outcome) => "report" in outcome);
  const failed = outcomes.filter((outcome) => "failure" in outcome);
  console.log(`\n${reports.length} of ${names.length} benchmarks came to their end.`);
  for (const { name, report } of reports) console.log(sumUp(name, compareReport(name, report).comparisons));
  for (const { name, failure } of failed) console.log(`${name}: failed, ${failure}.`);
  if (failed.length > 0) process.exitCode = exitCodes.failure;
  if (!json) return;
  const of = (part: keyof Report) =>
    Object.fromEntries(reports.map(({ name, report }) => [name, report[part]]));
  console.log(
    JSON.stringify({ figures: of("figures"), about: of("about"), failed: failed.map(({ name }) => name) }),
  );
}

function forChaos(): readonly string[] {
  return Object.entries(chaosValues).flatMap(([option, value]) => [`--${option}`, value]);
}

/** Prints a report, and keeps it if that is asked for. */
function finish(name: string, report: Report, isKept: boolean): void {
  const { comparisons, peers } = compareReport(name, report);
  console.log(`\n${tableOf([...comparisons, ...unmatched(name, report)])}\n`);
  console.log(sumUp(name, comparisons));
  if (name === "gas" && readPeers() === undefined)
    console.log(
      "Other bridges' gas was not measured here: `npm run bench:peers` installs and measures them.",
    );
  if (isKept) keepResult(name, report, peers, comparisons);
  if (check && findFaults(comparisons).length > 0) process.exitCode = exitCodes.failure;
}

function compareReport(name: string, report: Report) {
  const names = BENCHES[name]?.peers ?? {};
  const measured = peersOf(report.about.peers, names);
  const peers: Peers = name === "gas" ? joinPeers(measured, readPeers() ?? {}) : measured;
  return { peers, comparisons: compare(report.figures, LIMITS[name] ?? {}, peers) };
}

/** What was measured of others and stands beside no figure of ours: rows of their own. */
function unmatched(name: string, report: Report): readonly Comparison[] {
  const names = BENCHES[name]?.peers ?? {};
  const rest = Object.entries(report.about.peers).filter(([key]) => names[key] === undefined);
  return compare(Object.fromEntries(rest), {}, {});
}

import { MEASURES, type Phase } from "../experiment.ts";
import { windowsOf } from "../run-policy.ts";
import type { ExperimentRecord, RecoveryMetrics } from "./record.ts";
import { quantile, recoveriesOfBursts } from "./recovery.ts";

/** One table of a report: a title, a head, and rows of plain text. */
export type Table = {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What is said where there are no rows. */
  readonly empty: string;
};

const RECOVERY: Readonly<Record<keyof RecoveryMetrics, string>> = {
  detect: "Noticed, after the first fault",
  firstSuccess: "First message executed, after healing",
  drained: "Backlog drained, after healing",
  steady: "Steady state holds, after healing",
};
const PHASES: readonly Phase[] = ["before", "during", "after"];

/** A duration as people read it. */
export function duration(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return "never";
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1_000;
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** A moment, as ISO 8601. */
export function moment(at: number | undefined): string {
  return at === undefined ? "not yet" : new Date(at).toISOString();
}

/** What a report says beside its head and its plot, in the order of reading. */
export function tablesOf(record: ExperimentRecord): readonly Table[] {
  const tables = [violations(record), faults(record), skipped(record), hypothesis(record), recovery(record)];
  return [...tables, phases(record)].filter(({ rows, empty }) => rows.length > 0 || empty !== "");
}

/** The facts in the head of a report. */
export function factsOf(record: ExperimentRecord): readonly (readonly [string, string])[] {
  const [first, last] = [record.phases.at(0), record.phases.at(-1)];
  const took = first && last ? duration(last.at - first.at) : "unknown";
  const tiers = [...new Set(record.faults.map(({ mechanism }) => mechanism.tier))];
  return [
    ["Run", record.id],
    ["State", last?.state ?? "Pending"],
    ["Began", moment(first?.at)],
    ["Took", took],
    ["Tier", tiers.length === 0 ? "none" : tiers.join(", ")],
    ["Messages sent", String(record.messages)],
    ...windowFacts(record),
    ["Time scale", record.timeScale === 1 ? "1 (full durations)" : String(record.timeScale)],
    ...(record.seed === undefined ? [] : [["Seed", String(record.seed)] as const]),
  ];
}

/** Of a campaign: how many of its windows were proven to bite. */
function windowFacts({
  experiment,
  faults: done,
  seed,
}: ExperimentRecord): readonly (readonly [string, string])[] {
  if (seed === undefined) return [];
  const windows = windowsOf(experiment.method, done);
  const effective = windows.filter(({ isEffective }) => isEffective).length;
  const times = recoveriesOfBursts(experiment.method, done);
  return [
    ["Windows that bit", `${effective} of ${windows.length}`],
    [
      "First message after the end of a burst",
      `p50 ${duration(quantile(times, 0.5))}, p95 ${duration(quantile(times, 0.95))}`,
    ],
  ];
}

function violations({ violations: found }: ExperimentRecord): Table {
  return {
    title: "What the checker found",
    head: ["Rule", "What is wrong"],
    rows: found.map(({ rule, text }) => [rule, text]),
    empty: "Nothing: no message was lost, doubled or forged, and all else that it checks is as it must be.",
  };
}

function faults({ faults: done }: ExperimentRecord): Table {
  return {
    title: "Faults",
    head: ["Fault", "Tier and mechanism", "Targets", "From", "Lasted", "Effect"],
    rows: done.map(({ type, mechanism, targets, injectedAt, healedAt, effect }) => [
      type,
      `${mechanism.tier}: ${mechanism.name}. ${mechanism.what}`,
      targets.map(({ name }) => name).join(", "),
      moment(injectedAt),
      healedAt === undefined ? "not healed" : duration(healedAt - injectedAt),
      effect === undefined
        ? "not measured"
        : `${effect.isEffective ? "bit" : "did not bite"}: ${effect.measure} ${number(effect.before)} → ${number(effect.during)}, ${effect.inFlight} in flight`,
    ]),
    empty: "None was done.",
  };
}

function skipped({ skipped: steps, experiment }: ExperimentRecord): Table {
  return {
    title: "Faults that could not be done",
    head: ["Fault", "Why"],
    rows: steps.map(({ step, type, reason }) => [experiment.method[step]?.name ?? type, reason]),
    empty: "",
  };
}

function hypothesis({ hypothesis: results }: ExperimentRecord): Table {
  return {
    title: "Steady state",
    head: ["When", "Probe", "Measured", "Holds"],
    rows: PHASES.flatMap((phase) =>
      results[phase].map(({ name, measure, value, holds }) => [
        phase,
        name,
        value === undefined ? "could not be measured" : `${number(value)} ${MEASURES[measure]}`,
        holds ? "yes" : "no",
      ]),
    ),
    empty: "It was not looked at.",
  };
}

function recovery({ recovery: metrics }: ExperimentRecord): Table {
  const names = ["detect", "firstSuccess", "drained", "steady"] as const;
  return {
    title: "Recovery",
    head: ["What", "Took"],
    rows: names.map((name) => [RECOVERY[name], duration(metrics[name])]),
    empty: "",
  };
}

function phases({ phases: all }: ExperimentRecord): Table {
  return {
    title: "Lifecycle",
    head: ["State", "Since", "Why"],
    rows: all.map(({ state, at, reason }) => [state, moment(at), reason]),
    empty: "It was never asked for.",
  };
}

function number(value: number): string {
  return String(Number(value.toPrecision(4)));
}

import type { SpeechPriority } from "../../../domain/speech-jobs.ts";
import { speechPriorities } from "../../../domain/speech-jobs.ts";
import type { Waiting } from "./queue.ts";

/** What is said instead of many alerts one by one. */
export type Digest = {
  readonly text: string;
  /** That of the most pressing among them. */
  readonly priority: SpeechPriority;
  /** The ids of all that it stands for, repeats included. */
  readonly covers: readonly string[];
};

/** The label that says what kind of alert it is, as Prometheus has it. */
const KIND = "alertname";
/** Labels that tell nobody where something is. */
const UNTOLD: ReadonlySet<string> = new Set([KIND, "severity", "job"]);
/** How many places that are no numbers are named. */
const MOST_NAMED = 3;

/**
 * One utterance for a storm of alerts: "14 alerts in 2 minutes: 9 missed attestations on validators 3 to 11, …".
 * @param waiting everything that waits; only what is not urgent and says its `alertname` is taken
 * @param most so many alerts are still said one by one
 * @returns `undefined` while there is no storm
 */
export function digestOf(waiting: Iterable<Waiting>, most: number, now: number): Digest | undefined {
  const alerts = [...waiting].filter(
    ({ entry }) => entry.priority !== "urgent" && entry.labels[KIND] !== undefined && entry.sentence === 0,
  );
  const covers = alerts.flatMap(({ entry, repeats }) => [entry.id, ...repeats]);
  if (covers.length <= most) return undefined;
  const kinds = Map.groupBy(alerts, ({ entry }) => entry.labels[KIND] ?? "");
  const since = Math.min(...alerts.map(({ entry }) => entry.addedAt));
  const parts = [...kinds].map(([kind, group]) => describeKind(kind, group));
  return {
    text: `${covers.length} alerts in ${span(now - since)}: ${parts.join(", ")}.`,
    priority: speechPriorities.find((each) => alerts.some(({ entry }) => entry.priority === each)) ?? "low",
    covers,
  };
}

function describeKind(kind: string, group: readonly Waiting[]): string {
  const count = group.reduce((sum, { repeats }) => sum + 1 + repeats.length, 0);
  const where = placeOf(group);
  return `${count} ${plural(wordsOf(kind), count)}${where === undefined ? "" : ` on ${where}`}`;
}

/** Where a group of alerts is: by the first of its labels that tells them apart, else by the first that they share. */
function placeOf(group: readonly Waiting[]): string | undefined {
  const names = Object.keys(group[0]?.entry.labels ?? {}).filter((name) => !UNTOLD.has(name));
  const valuesOf = (name: string) => [
    ...new Set(group.flatMap(({ entry }) => entry.labels[name] ?? []).filter((value) => value !== "")),
  ];
  const name =
    names.find((each) => valuesOf(each).length > 1) ?? names.find((each) => valuesOf(each).length === 1);
  if (name === undefined) return undefined;
  const values = valuesOf(name);
  return `${plural(wordsOf(name), values.length)} ${list(values)}`;
}

/** "3 to 11", "3, 4 and 9", "alpha, beta, gamma and 2 more". */
function list(values: readonly string[]): string {
  const told = values.every((value) => /^\d{1,15}$/.test(value)) ? ranges(values.map(Number)) : values;
  const rest = told.length - MOST_NAMED;
  const named = rest > 0 ? [...told.slice(0, MOST_NAMED), `${rest} more`] : told;
  return new Intl.ListFormat("en").format(named).replace(/, and /, " and ");
}

function ranges(numbers: readonly number[]): readonly string[] {
  const runs: [number, number][] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.flatMap(([first, last]) => {
    if (last - first > 1) return [`${first} to ${last}`];
    return last === first ? [String(first)] : [String(first), String(last)];
  });
}

/** "MissedAttestations" and "missed_attestations" as "missed attestations". */
function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/[_-]+/g, " ")
    .toLowerCase();
}

function plural(words: string, count: number): string {
  return count === 1 || words.endsWith("s") ? words : `${words}s`;
}

/** A length of time to the nearest minute, or second below one. */
function span(milliseconds: number): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1_000));
  const [value, unit] = seconds < 60 ? [seconds, "second"] : [Math.round(seconds / 60), "minute"];
  return new Intl.NumberFormat("en", { style: "unit", unit, unitDisplay: "long" }).format(value);
}

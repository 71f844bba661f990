import { ConfigurationError } from "../../domain/errors.ts";

/** Something wrong, or worth a warning, in a configuration file. Line and column count from 1. */
export type Problem = {
  readonly line: number;
  readonly column: number;
  /** Such as `route.routes[0].receiver`; empty for the file as a whole. */
  readonly key: string;
  /** What is wrong and how to mend it. Never holds secrets. */
  readonly message: string;
};

/** A path into a configuration. */
export type Path = readonly (string | number)[];

/** `["route", "routes", 0, "receiver"]` as `route.routes[0].receiver`. */
export function keyOf(path: Path): string {
  return path.reduce<string>((key, step) => {
    if (typeof step === "number") return `${key}[${step}]`;
    return key === "" ? step : `${key}.${step}`;
  }, "");
}

/** How many problems a message names; all are in `problems`. */
const MOST_SHOWN = 100;

/** A configuration of alerting that cannot be used, with everything that is wrong in it. The one that runs stays as it is. */
export class AlertingConfigurationError extends ConfigurationError {
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    const count = problems.length === 1 ? "one problem" : `${problems.length} problems`;
    const lines = problems.slice(0, MOST_SHOWN).map((problem) => `  ${printProblem(file, problem)}`);
    if (problems.length > MOST_SHOWN) lines.push(`  … and ${problems.length - MOST_SHOWN} more`);
    super(
      "ALERTING_CONFIGURATION",
      `The alerting configuration ${file} has ${count}; nothing of it is in force, and what ran before goes on:\n${lines.join("\n")}`,
    );
    this.problems = problems;
  }
}

/** One line about a problem, in the form that editors jump to. */
export function printProblem(file: string, { line, column, key, message }: Problem): string {
  return `${file}:${line}:${column}: ${key === "" ? "" : `${key}: `}${message}`;
}

/** The known name that is nearest to what was written; undefined when none is near. */
export function nearest(written: string, known: readonly string[]): string | undefined {
  const limit = written.length < 4 ? 1 : Math.max(2, Math.floor(written.length / 3));
  const ranked = known
    .map((name) => ({ name, distance: distanceOf(written.toLowerCase(), name.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best !== undefined && best.distance <= limit ? best.name : undefined;
}

/** Levenshtein's distance. Names are short: what is longer than 64 characters is cut. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of Array.from(a.slice(0, 64)).entries())
    row = Array.from(b).reduce<number[]>(
      (next, other, j) => [
        ...next,
        Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)),
      ],
      [i + 1],
    );
  return row.at(-1) ?? 0;
}

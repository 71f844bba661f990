import type { Labels, Matcher } from "./labels.ts";
import { compileAnchored } from "./regex.ts";

/** Whether a label set fits. */
export type Predicate = (labels: Labels) => boolean;

/** Compiled once for each matcher object: patterns are dear, and the same matchers are asked again and again. */
const compiled = new WeakMap<Matcher, Predicate>();

/**
 * What tells whether labels fit a matcher. A label that is missing counts as the empty text.
 * @throws Error when the pattern is no RE2 expression
 */
export function compileMatcher(matcher: Matcher): Predicate {
  const known = compiled.get(matcher);
  if (known !== undefined) return known;
  const predicate = compile(matcher);
  compiled.set(matcher, predicate);
  return predicate;
}

/** Whether labels fit all the matchers; none at all fit everything. */
export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every((matcher) => compileMatcher(matcher)(labels));
}

/** Whether the matchers fit even an alert without labels, so that they fit (nearly) everything. */
export function matchesEmpty(matchers: readonly Matcher[]): boolean {
  return matchesAll(matchers, {});
}

/** A matcher in the notation that both syntaxes read: `severity=~"critical|warning"`. */
export function printMatcher({ name, operator, value }: Matcher): string {
  const isClassic = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
  return `${isClassic ? name : quote(name)}${operator}${quote(value)}`;
}

/** Matchers in Alertmanager's notation: `{severity="critical",team="bridge"}`. */
export function printMatchers(matchers: readonly Matcher[]): string {
  return `{${matchers.map(printMatcher).join(",")}}`;
}

/** Labels in Alertmanager's notation, in the order of their names: `{alertname="LaneStuck", lane="A-B"}`. */
export function printLabels(labels: Labels): string {
  const pairs = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([name, value]) => `${name}=${quote(value)}`).join(", ")}}`;
}

function quote(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

function compile({ name, operator, value }: Matcher): Predicate {
  const read = (labels: Labels) => (Object.hasOwn(labels, name) ? (labels[name] ?? "") : "");
  if (operator === "=") return (labels) => read(labels) === value;
  if (operator === "!=") return (labels) => read(labels) !== value;
  const fits = compileAnchored(value);
  return operator === "=~" ? (labels) => fits(read(labels)) : (labels) => !fits(read(labels));
}

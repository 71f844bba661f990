import type { Labels, Matcher } from "./labels.ts";
import { type Comparison, type Expression, METRIC_NAME } from "./promql.ts";
import { prepareSelector, type SampleIndex, type Selector, type Series } from "./samples.ts";

/** What an expression found: the labels without the metric's name, and the value. */
export type Found = { readonly labels: Labels; readonly value: number };

/** An expression, prepared for many evaluations. */
export type Evaluation = (samples: SampleIndex, now: number) => readonly (Series | Found)[];

const COMPARE: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = {
  ">": (a, b) => a > b,
  "<": (a, b) => a < b,
  "==": (a, b) => a === b, // NaN equals nothing, as in Go
  "!=": (a, b) => a !== b,
  ">=": (a, b) => a >= b,
  "<=": (a, b) => a <= b,
};

/** Prepares an expression. What it finds are the samples' own series where there are such: they are the same objects each time. */
export function prepare(expression: Expression): Evaluation {
  const selector: Selector = prepareSelector(expression.matchers);
  switch (expression.kind) {
    case "select":
      return (samples, now) => samples.select(selector, now);
    case "compare": {
      const { threshold } = expression;
      const holds = COMPARE[expression.comparison];
      return (samples, now) => {
        const all = samples.select(selector, now);
        return all.filter(({ value }) => holds(value, threshold));
      };
    }
    case "absent": {
      const found = [{ labels: labelsOfAbsent(expression.matchers), value: 1 }];
      return (samples, now) => (samples.select(selector, now).length === 0 ? found : []);
    }
  }
}

/** What is known of a series that is missing: the labels that it had to equal, unless the selector says two things of one. */
function labelsOfAbsent(matchers: readonly Matcher[]): Labels {
  const labels = new Map<string, string>();
  const seen = new Set<string>();
  for (const { name, operator, value } of matchers) {
    if (name === METRIC_NAME) continue;
    if (operator === "=" && !seen.has(name)) labels.set(name, value);
    // As in Prometheus: whatever else is said of it, nothing is certain.
    else labels.delete(name);
    seen.add(name);
  }
  return Object.fromEntries(labels);
}

import type { Expression } from "./promql.ts";
import type { RuleTemplate } from "./template.ts";

/** Labels or annotations of a rule by name: as they were written, and ready to be filled in. */
export type RuleTexts = Readonly<Record<string, { readonly text: string; readonly template: RuleTemplate }>>;

/** An alerting rule, as a Prometheus rule file writes it. Durations in milliseconds. */
export type Rule = {
  /** What tells the rule from others over restarts and reloads: it follows from group, name, expression and labels. */
  readonly id: string;
  readonly alert: string;
  readonly expression: Expression;
  /** The expression as it was written. */
  readonly expressionText: string;
  /** How long the expression has to hold before the alert fires. */
  readonly for: number;
  /** How long the alert goes on firing once the expression no longer holds. */
  readonly keepFiringFor: number;
  /** The group's labels are among them. */
  readonly labels: RuleTexts;
  readonly annotations: RuleTexts;
};

/** Rules that are evaluated together. Durations in milliseconds. */
export type RuleGroup = {
  readonly name: string;
  readonly file: string;
  /** How often it is evaluated; undefined: as often as the engine does by itself. */
  readonly interval: number | undefined;
  /** How many alerts a rule may have; 0: any number. A rule with more of them has failed, and what it said before holds. */
  readonly limit: number;
  readonly rules: readonly Rule[];
};

/** What is wrong in a rule file, where, and how to mend it. Lines and columns from 1. */
export type RuleProblem = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Where in the document, such as `groups[0].rules[2].expr`. */
  readonly key: string;
  readonly problem: string;
};

/** The groups of a file, or everything that is wrong with it: then nothing of it is used. */
export type ParsedRules =
  { readonly groups: readonly RuleGroup[] } | { readonly problems: readonly [RuleProblem, ...RuleProblem[]] };

/** A problem as one line that says where it is. */
export function printProblem({ file, line, column, key, problem }: RuleProblem): string {
  return `${file}:${line}:${column}: ${key}: ${problem}`;
}

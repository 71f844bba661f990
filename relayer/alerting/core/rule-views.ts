import type { Found } from "./evaluate.ts";
import type { Labels } from "./labels.ts";
import type { PreparedRule } from "./rule-evaluation.ts";
import type { Instance } from "./rule-state.ts";
import type { Rule, RuleGroup } from "./rules.ts";

/** One label set for which a rule's expression holds, or held lately. */
export type InstanceView = {
  readonly state: Instance["state"];
  readonly labels: Labels;
  /** The newest value of what the last evaluation found; undefined before the first one, and while only `keep_firing_for` holds it. */
  readonly value: number | undefined;
  /** Since when the expression holds, Unix milliseconds of the engine's clock. */
  readonly since: number;
};

/** A rule as people ask for it. */
export type RuleView = {
  readonly group: string;
  readonly file: string;
  readonly rule: Rule;
  /** That of the most advanced instance; `inactive` where there is none. */
  readonly state: Instance["state"] | "inactive";
  readonly instances: readonly InstanceView[];
  /** When it was last evaluated, Unix milliseconds of the engine's clock; undefined: never by this process. */
  readonly evaluatedAt: number | undefined;
  /** Why the last evaluation failed; undefined when it did not. */
  readonly problem: string | undefined;
};

/** How a rule fares. */
export type EvaluatedRule = Pick<RuleView, "evaluatedAt" | "problem"> & {
  readonly prepared: PreparedRule;
  /** What the last evaluation that did not fail found. */
  readonly found: readonly Found[];
};

/** A copy that later evaluations do not change. */
export function viewRule(
  { name, file }: Pick<RuleGroup, "name" | "file">,
  { prepared, found, evaluatedAt, problem }: EvaluatedRule,
  instances: Iterable<Instance>,
): RuleView {
  const values = new Map(found.map((each) => [prepared.identityOf(each).fingerprint, each.value]));
  const views = [...instances].map(({ state, labels, fingerprint, activeSince }): InstanceView => ({
    state,
    labels: { ...labels },
    value: values.get(fingerprint),
    since: activeSince,
  }));
  const isFiring = views.some(({ state }) => state === "firing");
  const state = isFiring ? "firing" : views.length > 0 ? "pending" : "inactive";
  return { group: name, file, rule: prepared.rule, state, instances: views, evaluatedAt, problem };
}

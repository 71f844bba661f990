import { type Evaluation, type Found, prepare } from "./evaluate.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { Labels } from "./labels.ts";
import { withoutName, type SampleIndex } from "./samples.ts";
import { advance, type Instance } from "./rule-state.ts";
import type { Rule, RuleTexts } from "./rules.ts";
import { renderRule } from "./template.ts";

type Render = (facts: Found) => Labels;
/** The alert that a series stands for. */
type Identity = { readonly fingerprint: string; readonly labels: Labels };

/** A rule, prepared for many evaluations. */
export type PreparedRule = {
  readonly rule: Rule;
  readonly annotations: Render;
  readonly evaluation: Evaluation;
  readonly identityOf: (found: Found) => Identity;
};

/** What an evaluation of a rule changes. */
export type RuleOutcome = {
  /** What the expression found. */
  readonly found: readonly Found[];
  readonly changes: readonly {
    readonly before: Instance | undefined;
    readonly after: Instance | undefined;
  }[];
  /** Everything that fires now, with what its annotations are filled in with. */
  readonly firing: readonly { readonly instance: Instance; readonly facts: Found }[];
};

/** Prepares a rule of a file that was accepted. */
export function prepareRule(rule: Rule): PreparedRule {
  const labels = renderer(rule.labels);
  const known = new WeakMap<Found, Identity>();
  const identify = (found: Found): Identity => {
    const all = { ...withoutName(found.labels), ...labels(found), alertname: rule.alert };
    // As in Prometheus, a label that is set to nothing is none.
    const set = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
    return { fingerprint: fingerprintOf(set), labels: set };
  };
  // Labels that tell the value make another alert of every value, so there is nothing to remember.
  const isSteady = !Object.values(rule.labels).some(({ text }) => /\$value|\.Value/.test(text));
  const identityOf = (found: Found): Identity => {
    const remembered = isSteady ? known.get(found) : undefined;
    if (remembered !== undefined) return remembered;
    const identity = identify(found);
    if (isSteady) known.set(found, identity);
    return identity;
  };
  return { rule, annotations: renderer(rule.annotations), evaluation: prepare(rule.expression), identityOf };
}

/**
 * Evaluates a rule once.
 * @param known its instances, by fingerprint
 * @param options.isComplete whether every source of samples was read since the process began; before that, what is missing proves nothing
 * @throws Error when the rule fails: two series with the same alert's labels, or more alerts than the limit; then nothing changes
 */
export function evaluateRule(
  { rule, evaluation, identityOf }: PreparedRule,
  samples: SampleIndex,
  known: ReadonlyMap<string, Instance> | undefined,
  options: { readonly now: number; readonly isComplete: boolean; readonly limit: number },
): RuleOutcome {
  const { now, isComplete, limit } = options;
  if (rule.expression.kind === "absent" && !isComplete) return { found: [], changes: [], firing: [] };
  const found = evaluation(samples, now);
  if (limit > 0 && found.length > limit)
    throw new Error(`it has ${found.length} alerts, and its group allows ${limit}`);
  const changes: { readonly before: Instance | undefined; readonly after: Instance | undefined }[] = [];
  const firing: { readonly instance: Instance; readonly facts: Found }[] = [];
  const seen = new Set<string>();
  for (const facts of found) {
    const { fingerprint, labels } = identityOf(facts);
    if (seen.has(fingerprint))
      throw new Error("two series make an alert with the same labels; let the rule's labels tell them apart");
    seen.add(fingerprint);
    const before = known?.get(fingerprint);
    const after = advance(before, true, { rule: rule.id, fingerprint, labels }, rule, now);
    if (after !== before) changes.push({ before, after });
    if (after?.state === "firing") firing.push({ instance: after, facts });
  }
  for (const before of known?.values() ?? []) {
    if (seen.has(before.fingerprint) || !isComplete) continue;
    const after = advance(before, false, before, rule, now);
    if (after !== before) changes.push({ before, after });
  }
  return { found, changes, firing };
}

function renderer(texts: RuleTexts): Render {
  const templates = Object.entries(texts);
  return ({ labels, value }) => {
    const sample = { labels, value, externalLabels: {} };
    return Object.fromEntries(templates.map(([name, { template }]) => [name, renderRule(template, sample)]));
  };
}

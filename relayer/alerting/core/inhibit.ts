import type { Alert } from "./alert.ts";
import type { Labels } from "./labels.ts";
import { matchesAll } from "./matchers.ts";
import type { InhibitRule } from "./routing-types.ts";

/** What agrees in the labels that a rule names. */
type Side = {
  /** What fires and inhibits, by fingerprint. */
  readonly sources: Map<string, Alert>;
  /** How many of the sources do not fit the other side as well. */
  pure: number;
  /** The fingerprints of what fires and may be inhibited. */
  readonly targets: Set<string>;
};

/**
 * What fires and silences others by it, found by the labels that both must agree in.
 *
 * Source: `inhibit.Inhibitor.Mutes` of Alertmanager 0.28: what fits both sides of a rule is not inhibited by what fits both, itself included.
 */
export class Inhibitor {
  readonly #rules: readonly { readonly rule: InhibitRule; readonly sides: Map<string, Side> }[];

  constructor(rules: readonly InhibitRule[]) {
    this.#rules = rules.map((rule) => ({ rule, sides: new Map<string, Side>() }));
  }

  /**
   * Takes note of an alert: what fires is a source, what is over is none.
   * @returns the fingerprints of what may be inhibited now and was not, or the other way round
   */
  update(alert: Alert): Iterable<string> {
    const affected = new Set<string>();
    for (const { rule, sides } of this.#rules) {
      const isSource = matchesAll(rule.sourceMatchers, alert.labels);
      const isTarget = matchesAll(rule.targetMatchers, alert.labels);
      if (!isSource && !isTarget) continue;
      const key = keyOf(rule, alert.labels);
      const side = sides.get(key) ?? {
        sources: new Map<string, Alert>(),
        pure: 0,
        targets: new Set<string>(),
      };
      const isChanged = change(side, alert, { isSource, isTarget });
      if (side.sources.size + side.targets.size > 0) sides.set(key, side);
      else sides.delete(key);
      if (isChanged) for (const target of side.targets) affected.add(target);
    }
    return affected;
  }

  /** The fingerprints of what inhibits an alert with these labels: one for each rule that does. */
  inhibitedBy(labels: Labels): readonly string[] {
    const found = new Set<string>();
    for (const { rule, sides } of this.#rules) {
      if (!matchesAll(rule.targetMatchers, labels)) continue;
      const side = sides.get(keyOf(rule, labels));
      if (side === undefined || side.sources.size === 0) continue;
      const isBoth = matchesAll(rule.sourceMatchers, labels);
      for (const source of side.sources.values()) {
        if (isBoth && matchesAll(rule.targetMatchers, source.labels)) continue;
        found.add(source.fingerprint);
        break;
      }
    }
    return [...found];
  }
}

/** Whether the first source came or the last one went, of all or of those that inhibit what fits both sides, too. */
function change(
  side: Side,
  alert: Alert,
  { isSource, isTarget }: { readonly isSource: boolean; readonly isTarget: boolean },
): boolean {
  const { fingerprint } = alert;
  const isFiring = alert.endsAt === undefined;
  const { sources, targets } = side;
  if (isTarget && isFiring) targets.add(fingerprint);
  else targets.delete(fingerprint);
  if (!isSource) return false;
  const before = [sources.size > 0, side.pure > 0];
  const isKnown = sources.has(fingerprint);
  if (isFiring) sources.set(fingerprint, alert);
  else sources.delete(fingerprint);
  if (!isTarget && isKnown !== isFiring) side.pure += isFiring ? 1 : -1;
  return before[0] !== sources.size > 0 || before[1] !== side.pure > 0;
}

/** A label that is missing equals one that is empty. */
function keyOf({ equal }: InhibitRule, labels: Labels): string {
  return JSON.stringify(equal.map((name) => (Object.hasOwn(labels, name) ? labels[name] : "")));
}

import type { Labels } from "./labels.ts";
import type { Rule } from "./rules.ts";

/** A rule's expression holds for one label set. What is inactive is not kept. Times in Unix milliseconds of the engine's clock. */
export type Instance = {
  readonly rule: string;
  readonly fingerprint: string;
  /** The alert's labels. */
  readonly labels: Labels;
  readonly state: "pending" | "firing";
  /** Since when the expression holds. */
  readonly activeSince: number;
  /** When it began to fire; undefined while it is pending. */
  readonly firedAt: number | undefined;
  /** Since when the expression no longer holds, while `keep_firing_for` keeps it firing; undefined otherwise. */
  readonly keptSince: number | undefined;
};

/**
 * The next state of a rule for one label set, after one evaluation: inactive → pending → firing → inactive.
 *
 * Source: `AlertingRule.Eval` of Prometheus 3. A clock that is behind what is recorded makes nothing fire or end: the durations only
 * are as long as the difference says, and that is negative then.
 * @param known undefined while it is inactive
 * @param holds whether the expression holds now
 * @returns undefined when it is inactive; `known` itself when nothing changed
 */
export function advance(
  known: Instance | undefined,
  holds: boolean,
  { rule, fingerprint, labels }: Pick<Instance, "rule" | "fingerprint" | "labels">,
  timing: Pick<Rule, "for" | "keepFiringFor">,
  now: number,
): Instance | undefined {
  if (!holds) return known === undefined ? undefined : cease(known, timing.keepFiringFor, now);
  const active: Instance = known ?? {
    rule,
    fingerprint,
    labels,
    state: "pending",
    activeSince: now,
    firedAt: undefined,
    keptSince: undefined,
  };
  if (active.state === "pending" && now - active.activeSince >= timing.for)
    return { ...active, state: "firing", firedAt: now };
  return active.keptSince === undefined ? active : { ...active, keptSince: undefined };
}

function cease(known: Instance, keepFiringFor: number, now: number): Instance | undefined {
  if (known.state === "pending" || keepFiringFor === 0) return undefined;
  if (known.keptSince === undefined) return { ...known, keptSince: now };
  return now - known.keptSince < keepFiringFor ? known : undefined;
}

/**
 * An instance after nobody evaluated it for a while: that time counts neither towards `for` nor towards `keep_firing_for`, for nobody
 * knows whether the expression held.
 * @param gap how long nobody evaluated it, in milliseconds
 * @returns `instance` itself where neither counts
 */
export function afterGap(instance: Instance, gap: number): Instance {
  const { state, activeSince, keptSince } = instance;
  if (state === "firing" && keptSince === undefined) return instance;
  return {
    ...instance,
    activeSince: state === "pending" ? activeSince + gap : activeSince,
    keptSince: keptSince === undefined ? undefined : keptSince + gap,
  };
}

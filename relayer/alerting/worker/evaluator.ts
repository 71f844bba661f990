import { explain } from "../../domain/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { type Assertion, observe } from "../core/alert.ts";
import { transition } from "../core/dispatch.ts";
import { evaluateRule, type PreparedRule, prepareRule, type RuleOutcome } from "../core/rule-evaluation.ts";
import { afterGap, type Instance } from "../core/rule-state.ts";
import { type EvaluatedRule, type RuleView, viewRule } from "../core/rule-views.ts";
import type { RuleGroup } from "../core/rules.ts";
import type { SampleIndex } from "../core/samples.ts";
import type { AlertingMetrics } from "../metrics.ts";
import type { Ledger } from "./ledger.ts";

/** How often annotations that tell a value are brought up to date while an alert fires, in milliseconds. */
const REFRESH_MILLISECONDS = 60_000;

/** What an evaluator works with. */
export type EvaluatorServices = {
  readonly ledger: Ledger;
  readonly samples: SampleIndex;
  /** Whether every source of samples was read since the process began. */
  readonly isComplete: () => boolean;
  readonly now: () => number;
  /** How often groups are evaluated that do not say it, in milliseconds; and whenever samples change. */
  readonly interval: number;
  readonly metrics: AlertingMetrics;
  readonly logger: Logger;
};

type Rules = {
  readonly group: RuleGroup;
  readonly rules: EvaluatedRule[];
  dueAt: number;
};

type Found = { readonly prepared: PreparedRule; readonly outcome: RuleOutcome };

/** Evaluates rules over the newest samples, and records what changed. */
export class Evaluator {
  readonly #services: EvaluatorServices;
  #groups: readonly Rules[] = [];
  #isBusy = false;
  /** When all that was due was last evaluated; undefined: never. */
  #evaluatedAt: number | undefined;

  constructor(services: EvaluatorServices) {
    this.#services = services;
  }

  /** Every rule, in the order of the files, and how it fares. */
  views(): readonly RuleView[] {
    const { instances } = this.#services.ledger.state;
    return this.#groups.flatMap(({ group, rules }) =>
      rules.map((rule) => viewRule(group, rule, instances.get(rule.prepared.rule.id)?.values() ?? [])),
    );
  }

  get evaluatedAt(): number | undefined {
    return this.#evaluatedAt;
  }

  /**
   * Evaluates these rules from now on. What fires because of a rule that is not among them is over.
   * @param gap how long nobody evaluated anything before, in milliseconds
   */
  async useRules(groups: readonly RuleGroup[], gap: number): Promise<void> {
    this.#groups = groups.map((group) => ({
      group,
      rules: group.rules.map((rule) => ({
        prepared: prepareRule(rule),
        found: [],
        problem: undefined,
        evaluatedAt: undefined,
      })),
      dueAt: -Infinity,
    }));
    const known = new Set(groups.flatMap(({ rules }) => rules.map(({ id }) => id)));
    await this.#services.ledger.run((state, commit, now) => {
      for (const instance of [...state.instances.values()].flatMap((all) => [...all.values()]))
        if (!known.has(instance.rule)) {
          commit({ kind: "instance-removed", instance });
          const ended = endOf(state.alerts.get(instance.fingerprint), instance, now);
          if (ended === undefined) continue;
          commit({ kind: "alert", alert: ended });
          commit(transition(ended, now, "its rule is gone"));
        } else if (gap > 0) {
          const after = afterGap(instance, gap);
          if (after !== instance) commit({ kind: "instance", instance: after });
        }
    });
  }

  /**
   * Evaluates every group that is due.
   * @param isChanged whether samples changed, so that groups without an interval of their own are due
   */
  async evaluate(isChanged = false): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      const { metrics, now } = this.#services;
      const at = now();
      const stop = metrics.evaluationSeconds.startTimer();
      const due = this.#groups.filter(
        ({ group, dueAt }) => dueAt <= at || (isChanged && group.interval === undefined),
      );
      const found = due.flatMap((group) => this.#evaluateGroup(group, at));
      stop();
      await this.#record(found, at);
      this.#evaluatedAt = at;
    } finally {
      this.#isBusy = false;
    }
  }

  #evaluateGroup(rules: Rules, now: number): readonly Found[] {
    const { samples, isComplete, ledger, interval, metrics, logger } = this.#services;
    const options = { now, isComplete: isComplete(), limit: rules.group.limit };
    const { instances } = ledger.state;
    const all: Found[] = [];
    for (const [index, { prepared, found, problem }] of rules.rules.entries()) {
      try {
        const outcome = evaluateRule(prepared, samples, instances.get(prepared.rule.id), options);
        if (outcome.changes.length > 0 || outcome.firing.length > 0) all.push({ prepared, outcome });
        rules.rules[index] = { prepared, found: outcome.found, problem: undefined, evaluatedAt: now };
      } catch (error) {
        metrics.ruleFailures.inc({ rule: prepared.rule.alert });
        const reason = explain(error);
        if (reason !== problem)
          logger.warn(
            { rule: prepared.rule.alert, group: rules.group.name },
            `a rule cannot be evaluated: ${reason}`,
          );
        rules.rules[index] = { prepared, found, problem: reason, evaluatedAt: now };
      }
    }
    rules.dueAt = now + (rules.group.interval ?? interval);
    return all;
  }

  /** Only what changed is written. */
  async #record(found: readonly Found[], at: number): Promise<void> {
    const { ledger } = this.#services;
    const { alerts } = ledger.state;
    const isStale = ({ fingerprint }: Instance) => {
      const alert = alerts.get(fingerprint);
      return (
        alert === undefined || alert.endsAt !== undefined || alert.updatedAt <= at - REFRESH_MILLISECONDS
      );
    };
    const isNews = ({ outcome }: Found) =>
      outcome.changes.length > 0 || outcome.firing.some(({ instance }) => isStale(instance));
    const news = found.filter(isNews);
    if (news.length === 0) return;
    await ledger.run((state, commit, now) => {
      for (const { prepared, outcome } of news) {
        for (const { before, after } of outcome.changes) {
          if (after !== undefined) commit({ kind: "instance", instance: after });
          else if (before !== undefined) commit({ kind: "instance-removed", instance: before });
          if (before === undefined || after !== undefined) continue;
          const ended = endOf(state.alerts.get(before.fingerprint), before, now);
          if (ended === undefined) continue;
          commit({ kind: "alert", alert: ended });
          commit(transition(ended, now));
        }
        for (const { instance, facts } of outcome.firing) {
          const known = state.alerts.get(instance.fingerprint);
          const isKnown = known !== undefined && known.endsAt === undefined;
          if (isKnown && known.updatedAt > now - REFRESH_MILLISECONDS) continue;
          const assertion = assertionOf(instance, prepared.annotations(facts), prepared.rule.expressionText);
          const alert = observe(known, assertion, now, instance.fingerprint);
          if (alert === undefined) continue;
          commit({ kind: "alert", alert });
          if (!isKnown) commit(transition(alert, now));
        }
      }
    });
  }
}

/** What fires ends; what was only pending never was an alert. */
function endOf(alert: ReturnType<typeof observe>, { state, labels }: Instance, now: number) {
  if (state !== "firing") return undefined;
  const over = {
    labels,
    annotations: {},
    generatorUrl: "",
    startsAt: undefined,
    endsAt: now,
    resolveAfter: undefined,
  };
  return observe(alert, over, now);
}

/** Until the rule says that it is over. */
function assertionOf(
  instance: Instance,
  annotations: Assertion["annotations"],
  expression: string,
): Assertion {
  return {
    labels: instance.labels,
    annotations,
    generatorUrl: `/graph?g0.expr=${encodeURIComponent(expression)}&g0.tab=1`,
    startsAt: instance.firedAt,
    endsAt: undefined,
    resolveAfter: undefined,
  };
}

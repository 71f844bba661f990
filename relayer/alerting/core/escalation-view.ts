import type { Acknowledgement } from "./acknowledge.ts";
import type { Alert } from "./alert.ts";
import { dueAt } from "./escalation.ts";
import type { Escalating, Group } from "./grouping.ts";
import type { Labels } from "./labels.ts";
import type { Escalation } from "./routing-types.ts";
import type { AlertingState } from "./state.ts";

/** Where one level of an escalation stands. Times in Unix milliseconds of the engine's clock. */
export type LevelView = {
  /** From 1 on. */
  readonly level: number;
  readonly receivers: readonly string[];
  /** When it was told the last time; undefined: not yet. */
  readonly toldAt: number | undefined;
  /** When it is told next; undefined: never again, or not before an acknowledgement is taken back. */
  readonly nextAt: number | undefined;
};

/** Where the escalation of one alert that fires stands, in one of its groups. */
export type EscalationView = {
  readonly groupKey: string;
  readonly groupLabels: Labels;
  /** The route's own receiver, which was told first. */
  readonly receiver: string;
  readonly escalation: string;
  readonly alert: Alert;
  /** When the escalation began: its levels count from then; undefined: it has not, for nobody was told of the alert yet. */
  readonly since: number | undefined;
  /** The highest level that was told; 0: none. */
  readonly level: number;
  readonly levels: readonly LevelView[];
  /** Who ended it, or holds it up until a time. */
  readonly acknowledgement: Acknowledgement | undefined;
  /** Silenced or inhibited: what is due is told once that is over. */
  readonly isHeld: boolean;
};

/** Where the escalations of all alerts that fire stand, the one that is due the soonest first. */
export function viewEscalations(state: AlertingState, now: number): readonly EscalationView[] {
  return [...state.groups.values()]
    .flatMap((group) => {
      const escalation = state.plan.escalations.find(({ name }) => name === group.place.route.escalation);
      if (escalation === undefined) return [];
      return [...group.members.values()]
        .filter(({ endsAt }) => endsAt === undefined)
        .map((alert) => viewOne(state, { group, escalation, alert }, now));
    })
    .toSorted((a, b) => soonest(a) - soonest(b) || a.alert.startsAt - b.alert.startsAt);
}

function viewOne(
  state: AlertingState,
  {
    group,
    escalation,
    alert,
  }: { readonly group: Group; readonly escalation: Escalation; readonly alert: Alert },
  now: number,
): EscalationView {
  const acknowledgement = state.acknowledgementOf(alert.episode, now);
  const escalating = group.record?.escalations[alert.episode];
  const levels = escalation.levels.map(({ receivers, ...level }, index): LevelView => {
    const due = escalating && dueAt(escalating, index, { receivers, ...level });
    return {
      level: index + 1,
      receivers,
      toldAt: toldAt(escalating, index),
      nextAt: heldUp(due, acknowledgement),
    };
  });
  return {
    groupKey: group.key,
    groupLabels: group.labels,
    receiver: group.place.route.receiver,
    escalation: escalation.name,
    alert,
    since: escalating?.since,
    level: Math.max(0, ...levels.filter((each) => each.toldAt !== undefined).map((each) => each.level)),
    levels,
    acknowledgement,
    isHeld: state.silencedBy(alert.labels, now).length > 0 || state.inhibitedBy(alert.labels).length > 0,
  };
}

function toldAt(escalating: Escalating | undefined, index: number): number | undefined {
  const told = escalating?.told[index] ?? 0;
  return told === 0 ? undefined : told;
}

/** While somebody has taken it over nothing is told; what became due meanwhile is told when that no longer counts. */
function heldUp(due: number | undefined, acknowledgement: Acknowledgement | undefined): number | undefined {
  if (due === undefined || acknowledgement === undefined) return due;
  return acknowledgement.until === undefined ? undefined : Math.max(due, acknowledgement.until);
}

function soonest({ levels }: EscalationView): number {
  // The difference of two infinities is no number to sort by.
  return Math.min(Number.MAX_SAFE_INTEGER, ...levels.map(({ nextAt }) => nextAt ?? Number.MAX_SAFE_INTEGER));
}

import type { Actor } from "../../domain/actor.ts";
import type { Acknowledgement } from "./acknowledge.ts";
import type { Alert } from "./alert.ts";
import type { Change } from "./change.ts";
import { compose } from "./compose.ts";
import { announce, targetsOf } from "./dispatch.ts";
import { entry } from "./history.ts";
import { targetOf } from "./grouping.ts";
import type { AlertingState } from "./state.ts";

/** What is said with an acknowledgement. */
export type TakeOver = {
  readonly alerts: readonly Alert[];
  readonly actor: Actor;
  readonly comment: string;
  /** When it no longer counts, Unix milliseconds; undefined: it holds as long as the alerts do. */
  readonly until: number | undefined;
};

/** Takes firing alerts over: each is noted, and everybody who was told that they fire is told of it. */
export function takeOver(
  state: AlertingState,
  { alerts, actor, comment, until }: TakeOver,
  { now, limit }: { readonly now: number; readonly limit: number },
): readonly Change[] {
  return [
    ...alerts.flatMap((alert) => note(alert, { by: actor.name, comment, at: now, until })),
    {
      kind: "audit",
      entry: {
        at: now,
        who: actor.name,
        what: "acknowledged",
        from: actor.from,
        detail: detailOf(alerts, comment),
      },
    },
    // What is told names who took over, so it is composed as if that were noted already.
    ...tellOthers(new Map(alerts.map((alert) => [alert.episode, actor.name])), state, { now, limit }),
  ];
}

/** Gives alerts back: they escalate on from where they were. */
export function giveBack(alerts: readonly Alert[], actor: Actor, now: number): readonly Change[] {
  return [
    ...alerts.flatMap(({ episode, fingerprint, labels }): Change[] => [
      { kind: "acknowledgement-removed", episode },
      {
        kind: "history",
        entry: entry({
          at: now,
          kind: "act",
          what: "unacknowledged",
          labels,
          fingerprint,
          episode,
          detail: `by ${actor.name}`,
        }),
      },
    ]),
    {
      kind: "audit",
      entry: {
        at: now,
        who: actor.name,
        what: "unacknowledged",
        from: actor.from,
        detail: detailOf(alerts, ""),
      },
    },
  ];
}

function note(
  { episode, fingerprint, labels }: Alert,
  given: Omit<Acknowledgement, "episode" | "fingerprint">,
): Change[] {
  const detail = given.comment === "" ? `by ${given.by}` : `by ${given.by}: ${given.comment}`;
  return [
    { kind: "acknowledgement", acknowledgement: { episode, fingerprint, ...given } },
    {
      kind: "history",
      entry: entry({ at: given.at, kind: "act", what: "acknowledged", labels, fingerprint, episode, detail }),
    },
  ];
}

function tellOthers(
  taken: ReadonlyMap<string, string>,
  state: AlertingState,
  { now, limit }: { readonly now: number; readonly limit: number },
): readonly Change[] {
  const changes: Change[] = [];
  for (const group of state.groups.values()) {
    const { record, place, members } = group;
    if (record === undefined) continue;
    const alerts = [...members.values()].filter(
      ({ episode, endsAt }) => taken.has(episode) && endsAt === undefined,
    );
    if (alerts.length === 0) continue;
    const levels = state.plan.escalations.find(({ name }) => name === place.route.escalation)?.levels ?? [];
    const receivers = [[place.route.receiver], ...levels.map((level) => level.receivers)];
    const targets = receivers.flatMap((names, level) =>
      names.flatMap((name) => targetsOf(state.receivers, name, level)),
    );
    for (const target of targets) {
      const known = new Set(record.told[targetOf(target)]?.firing);
      const told = alerts.filter(({ episode }) => known.has(episode));
      if (told.length === 0) continue;
      const { receiver, integration, level } = target;
      const content = {
        target: { receiver, integration, level },
        reason: "acknowledged",
        alerts: told,
        now,
        limit,
      } as const;
      const notification = compose(state, group, content);
      const named = notification.alerts.map((each) => ({
        ...each,
        acknowledgedBy: taken.get(each.episode) ?? each.acknowledgedBy,
      }));
      changes.push(...announce({ ...notification, alerts: named }));
    }
  }
  return changes;
}

function detailOf(alerts: readonly Alert[], comment: string): string {
  const shown = alerts.slice(0, 20).map(({ episode }) => episode);
  const more = alerts.length > shown.length ? ` and ${alerts.length - shown.length} more` : "";
  return `${shown.join(", ")}${more}${comment === "" ? "" : `: ${comment}`}`;
}

import { type Alert, expire } from "./alert.ts";
import type { Change } from "./change.ts";
import { compose } from "./compose.ts";
import { afterTelling, dueLevels, nextDue } from "./escalation.ts";
import { type Escalating, type Group, needOf, type Target, targetOf, type Told } from "./grouping.ts";
import { entry } from "./history.ts";
import type { Notification, NotificationReason } from "./notification.ts";
import type { Escalation, ReceiverPlan } from "./routing-types.ts";
import type { AlertingState } from "./state.ts";

/** How soon a level that is due but held back (a silence, an inhibition) is looked at again, in milliseconds. */
const HELD_MILLISECONDS = 1_000;
/** How long an alert that is over is still shown, in milliseconds. */
export const KEEP_RESOLVED_MILLISECONDS = 15 * 60_000;

/** Ends alerts that were not said again in time, and forgets those that are long over, with what was said of them. */
export function sweep(state: AlertingState, now: number): readonly Change[] {
  const changes: Change[] = [];
  for (const alert of state.alerts.values()) {
    const ended = expire(alert, now);
    if (ended !== undefined) {
      changes.push({ kind: "alert", alert: ended }, transition(ended, now, "it was not said again in time"));
      continue;
    }
    if (alert.endsAt === undefined) continue;
    if (!alert.isClosed && state.groupsOf(alert.fingerprint).length === 0)
      changes.push({ kind: "alert", alert: { ...alert, isClosed: true } });
    if (!alert.isClosed || alert.updatedAt + KEEP_RESOLVED_MILLISECONDS > now) continue;
    changes.push({ kind: "alert-removed", alert });
    if (state.acknowledgements.has(alert.episode))
      changes.push({ kind: "acknowledgement-removed", episode: alert.episode });
  }
  for (const { key, until } of state.eventSamples.values())
    if (until <= now) changes.push({ kind: "event-sample-removed", key });
  return changes;
}

/** The history's line of an alert that began or ended. */
export function transition(alert: Alert, now: number, detail = ""): Change {
  const { labels, fingerprint, episode, endsAt } = alert;
  const what = endsAt === undefined ? "firing" : "resolved";
  return {
    kind: "history",
    entry: entry({ at: now, kind: "transition", what, labels, fingerprint, episode, detail }),
  };
}

/**
 * Looks at every group that is due, and says who is told what of it. The changes belong into one transaction: what is told and that it
 * was told, so that a crash repeats both or neither.
 * @param limit how many alerts one message shows
 * @param groups which groups are looked at
 */
export function dispatch(
  state: AlertingState,
  now: number,
  limit: number,
  groups: Iterable<Group> = state.groups.values(),
): readonly Change[] {
  const changes: Change[] = [];
  for (const group of groups)
    if (group.nextFlush <= now || group.nextEscalation <= now)
      new Flush(state, group, now, limit).run(changes);
  return changes;
}

/** When {@link sweep} or {@link dispatch} have something to do next; Infinity: when something happens. */
export function nextDeadline(state: AlertingState): number {
  let deadline = state.silenceBoundary;
  for (const { nextFlush, nextEscalation } of state.groups.values())
    deadline = Math.min(deadline, nextFlush, nextEscalation);
  for (const { endsAt, expiresAt } of state.alerts.values())
    if (endsAt === undefined && expiresAt !== undefined) deadline = Math.min(deadline, expiresAt);
  return deadline;
}

/** One look at one group. */
class Flush {
  readonly #state: AlertingState;
  readonly #group: Group;
  readonly #now: number;
  readonly #limit: number;
  readonly #told: Record<string, Told>;
  #escalations: Record<string, Escalating>;
  readonly #firing: readonly Alert[];
  readonly #resolved: readonly Alert[];
  readonly #notifications: Notification[] = [];
  /** Something due was held back. */
  #isHeld = false;

  constructor(state: AlertingState, group: Group, now: number, limit: number) {
    this.#state = state;
    this.#group = group;
    this.#now = now;
    this.#limit = limit;
    this.#told = { ...group.record?.told };
    this.#escalations = { ...group.record?.escalations };
    const members = [...group.members.values()];
    this.#firing = members.filter(({ endsAt }) => endsAt === undefined);
    this.#resolved = members.filter(({ endsAt }) => endsAt !== undefined);
  }

  run(changes: Change[]): void {
    const { id, place, nextFlush } = this.#group;
    const isFlush = nextFlush <= this.#now;
    const heard = this.#firing.filter((alert) => !this.#isMuted(alert));
    if (isFlush) this.#flush(heard);
    this.#escalate(heard);
    this.#write(changes, isFlush);
    changes.push({
      kind: "group-timed",
      id,
      nextFlush: isFlush ? this.#now + Math.max(1, place.route.groupInterval) : nextFlush,
      nextEscalation: this.#nextEscalation(),
      finished: isFlush ? this.#resolved.map(({ fingerprint }) => fingerprint) : [],
    });
    if (isFlush) this.#close(changes);
  }

  #isMuted({ labels }: Alert): boolean {
    return this.#state.silencedBy(labels, this.#now).length > 0 || this.#state.inhibitedBy(labels).length > 0;
  }

  /** The route's own receiver, and those levels' receivers that know of something which is over now. */
  #flush(heard: readonly Alert[]): void {
    const { route } = this.#group.place;
    for (const target of this.#targets([route.receiver], 0))
      this.#tellIfNeeded(target, heard, route.repeatInterval);
    for (const [index, { receivers }] of (this.#escalation()?.levels ?? []).entries())
      for (const target of this.#targets(receivers, index + 1)) {
        const known = new Set(this.#told[targetOf(target)]?.firing);
        const itsOwn = heard.filter(({ episode }) => known.has(episode));
        if (known.size > 0) this.#tellIfNeeded(target, itsOwn, Infinity);
      }
    if (this.#escalation() === undefined) return;
    for (const { episode } of heard) this.#escalations[episode] ??= { since: this.#now, told: [] };
    const alive = new Set(this.#firing.map(({ episode }) => episode));
    const going = Object.entries(this.#escalations).filter(([episode]) => alive.has(episode));
    this.#escalations = Object.fromEntries(going);
  }

  #tellIfNeeded(
    target: Target & { readonly sendResolved: boolean },
    heard: readonly Alert[],
    repeatInterval: number,
  ): void {
    const told = this.#told[targetOf(target)];
    const known = new Set([...(told?.firing ?? []), ...(told?.resolved ?? [])]);
    // Whoever was told that something fires is told that it is over, even if it was silenced meanwhile: an incident gets closed.
    const over = this.#resolved.filter(
      (alert) => known.has(alert.episode) || (target.level === 0 && !this.#isMuted(alert)),
    );
    const need = needOf(told, {
      firing: heard.map(({ episode }) => episode),
      resolved: over.map(({ episode }) => episode),
      sendResolved: target.sendResolved,
      repeatInterval,
      mayRepeat: heard.some(({ episode }) => this.#state.acknowledgementOf(episode, this.#now) === undefined),
      now: this.#now,
    });
    if (need === undefined) return;
    // What is silenced at this moment is not over: nobody is told so.
    if (need === "resolved" && over.length === 0) return;
    this.#tell(target, need, target.sendResolved ? [...heard, ...over] : heard);
    this.#told[targetOf(target)] = {
      firing: heard.map(({ episode }) => episode),
      resolved: target.sendResolved ? over.map(({ episode }) => episode) : [],
      at: this.#now,
    };
  }

  #escalate(heard: readonly Alert[]): void {
    const escalation = this.#escalation();
    if (escalation === undefined) return;
    const audible = new Set(heard);
    const due = new Map<number, Alert[]>();
    for (const alert of this.#firing) {
      const state = this.#escalations[alert.episode];
      if (state === undefined || this.#isTaken(alert)) continue;
      const levels = dueLevels(state, escalation, this.#now);
      if (levels.length === 0) continue;
      if (!audible.has(alert)) {
        this.#isHeld = true;
        continue;
      }
      for (const index of levels) {
        const alerts = due.get(index) ?? [];
        alerts.push(alert);
        due.set(index, alerts);
      }
      this.#escalations[alert.episode] = afterTelling(state, levels, this.#now);
    }
    for (const [index, alerts] of [...due].toSorted(([a], [b]) => a - b))
      for (const target of this.#targets(escalation.levels[index]?.receivers ?? [], index + 1)) {
        this.#tell(target, "escalated", alerts);
        const key = targetOf(target);
        const known = this.#told[key];
        const firing = new Set([...(known?.firing ?? []), ...alerts.map(({ episode }) => episode)]);
        this.#told[key] = { firing: [...firing], resolved: known?.resolved ?? [], at: this.#now };
      }
  }

  #write(changes: Change[], isFlush: boolean): void {
    const { id, record } = this.#group;
    const escalations = this.#escalations;
    const isNew = JSON.stringify(escalations) !== JSON.stringify(record?.escalations ?? {});
    if (this.#notifications.length === 0 && !isNew) return;
    const flushedAt = isFlush ? this.#now : (record?.flushedAt ?? this.#now);
    changes.push({ kind: "group", record: { id, flushedAt, told: this.#told, escalations } });
    for (const notification of this.#notifications) changes.push(...announce(notification));
  }

  /** Alerts that are over, and the group itself, once nothing is left to be said of them. */
  #close(changes: Change[]): void {
    const { id } = this.#group;
    for (const alert of this.#resolved)
      if (this.#state.groupsOf(alert.fingerprint).every((other) => other.id === id))
        changes.push({ kind: "alert", alert: { ...alert, isClosed: true } });
    if (this.#firing.length === 0) changes.push({ kind: "group-removed", id });
  }

  #nextEscalation(): number {
    const escalation = this.#escalation();
    if (escalation === undefined) return Infinity;
    let next = this.#isHeld ? this.#now + HELD_MILLISECONDS : Infinity;
    for (const alert of this.#firing) {
      const state = this.#escalations[alert.episode];
      if (state === undefined) continue;
      const taken = this.#state.acknowledgementOf(alert.episode, this.#now);
      // Once an acknowledgement no longer counts, what is overdue is told at once.
      const due = taken === undefined ? nextDue(state, escalation) : (taken.until ?? Infinity);
      if (due > this.#now) next = Math.min(next, due);
    }
    return next;
  }

  #isTaken({ episode }: Alert): boolean {
    return this.#state.acknowledgementOf(episode, this.#now) !== undefined;
  }

  #escalation(): Escalation | undefined {
    const { escalation } = this.#group.place.route;
    return this.#state.plan.escalations.find(({ name }) => name === escalation);
  }

  #targets(receivers: readonly string[], level: number) {
    return receivers.flatMap((receiver) => targetsOf(this.#state.receivers, receiver, level));
  }

  #tell(target: Target, reason: NotificationReason, alerts: readonly Alert[]): void {
    const { receiver, integration, level } = target;
    const content = {
      target: { receiver, integration, level },
      reason,
      alerts,
      now: this.#now,
      limit: this.#limit,
    };
    this.#notifications.push(compose(this.#state, this.#group, content));
  }
}

/** A notification, with its line in the history. */
export function announce(notification: Notification): readonly Change[] {
  const { id, receiver, integration, reason, at, groupLabels, commonLabels, groupKey, level } = notification;
  const labels = { ...commonLabels, ...groupLabels };
  const detail = level === undefined ? groupKey : `L${level} ${groupKey}`;
  const line = entry({
    at,
    kind: "notification",
    what: reason,
    labels,
    receiver,
    integration,
    notification: id,
    detail,
  });
  return [
    { kind: "notification", notification },
    { kind: "history", entry: line },
  ];
}

/** The integrations of a receiver. */
export function targetsOf(receivers: ReadonlyMap<string, ReceiverPlan>, name: string, level: number) {
  return (receivers.get(name)?.integrations ?? []).map(({ id, sendResolved }) => ({
    receiver: name,
    integration: id,
    level,
    sendResolved,
  }));
}

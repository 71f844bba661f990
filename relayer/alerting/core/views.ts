import type { Acknowledgement } from "./acknowledge.ts";
import type { Alert } from "./alert.ts";
import type { Labels, Matcher } from "./labels.ts";
import { matchesAll } from "./matchers.ts";
import type { AlertingState } from "./state.ts";

/** An alert as people ask for it. */
export type AlertView = {
  readonly alert: Alert;
  /** As Alertmanager's API says it: `unprocessed` until its groups have looked at it, `suppressed` while it is silenced or inhibited. */
  readonly state: "unprocessed" | "active" | "suppressed";
  /** Ids of silences. */
  readonly silencedBy: readonly string[];
  /** Fingerprints of alerts. */
  readonly inhibitedBy: readonly string[];
  readonly acknowledgement: Acknowledgement | undefined;
  /** The names of the receivers that it goes to. */
  readonly receivers: readonly string[];
};

/** Which alerts are asked for. */
export type AlertFilter = {
  readonly matchers?: readonly Matcher[] | undefined;
  /** Whether a receiver's name fits; undefined: every name does. */
  readonly receiver?: ((name: string) => boolean) | undefined;
  /** Those that are over, too. */
  readonly resolved?: boolean | undefined;
};

/** The alerts that fit, the oldest first. */
export function viewAlerts(state: AlertingState, filter: AlertFilter, now: number): readonly AlertView[] {
  const { matchers = [], receiver, resolved = false } = filter;
  return [...state.alerts.values()]
    .filter(({ endsAt, labels }) => (resolved || endsAt === undefined) && matchesAll(matchers, labels))
    .map((alert) => viewAlert(state, alert, now))
    .filter(({ receivers }) => receiver === undefined || receivers.some(receiver))
    .toSorted(
      (a, b) => a.alert.startsAt - b.alert.startsAt || (a.alert.fingerprint < b.alert.fingerprint ? -1 : 1),
    );
}

/** Alerts of one group, as Alertmanager's API shows them. */
export type GroupView = {
  readonly key: string;
  readonly labels: Labels;
  readonly receiver: string;
  readonly alerts: readonly AlertView[];
};

/** The groups with what fits in each; groups in which nothing does are left out. */
export function viewGroups(state: AlertingState, filter: AlertFilter, now: number): readonly GroupView[] {
  const { matchers = [], receiver = () => true, resolved = false } = filter;
  return [...state.groups.values()].flatMap(({ key, labels, place, members }) => {
    if (!receiver(place.route.receiver)) return [];
    const alerts = [...members.values()]
      .filter((alert) => (resolved || alert.endsAt === undefined) && matchesAll(matchers, alert.labels))
      .map((alert) => viewAlert(state, alert, now));
    return alerts.length === 0 ? [] : [{ key, labels, receiver: place.route.receiver, alerts }];
  });
}

function viewAlert(state: AlertingState, alert: Alert, now: number): AlertView {
  const silencedBy = state.silencedBy(alert.labels, now);
  const inhibitedBy = state.inhibitedBy(alert.labels);
  const isSuppressed = silencedBy.length > 0 || inhibitedBy.length > 0;
  const isSeen = state
    .groupsOf(alert.fingerprint)
    .every(({ nextFlush, record }) => record !== undefined || nextFlush > now);
  return {
    alert,
    state: isSuppressed ? "suppressed" : isSeen ? "active" : "unprocessed",
    silencedBy,
    inhibitedBy,
    acknowledgement: state.acknowledgementOf(alert.episode, now),
    receivers: state.receiversOf(alert.labels),
  };
}

import { type Acknowledgement, isInForce } from "./acknowledge.ts";
import type { Alert } from "./alert.ts";
import type { Change, EventSample } from "./change.ts";
import { firstFlush, type Group, type GroupRecord } from "./grouping.ts";
import { Inhibitor } from "./inhibit.ts";
import type { Labels } from "./labels.ts";
import { printLabels } from "./matchers.ts";
import { groupKeyOf, groupLabelsOf, type PlacedRoute, placeRoutes, routesOf } from "./route.ts";
import type { AlertingPlan, ReceiverPlan } from "./routing-types.ts";
import type { Instance } from "./rule-state.ts";
import { isSilencedBy, type Silence } from "./silence.ts";
import { type Muting, Unsettled } from "./unsettled.ts";

/** What is durable of the state. */
export type Snapshot = {
  readonly alerts: readonly Alert[];
  readonly instances: readonly Instance[];
  readonly silences: readonly Silence[];
  readonly acknowledgements: readonly Acknowledgement[];
  readonly mutings: readonly Muting[];
  readonly groups: readonly GroupRecord[];
  readonly eventSamples: readonly EventSample[];
  /** When something was last committed, Unix milliseconds of the engine's clock; 0: never. */
  readonly lastTime: number;
};

/** Everything that alerting knows, in memory: what is durable, and what follows from that and the configuration. */
export class AlertingState {
  readonly alerts = new Map<string, Alert>();
  /** By rule, then by fingerprint. */
  readonly instances = new Map<string, Map<string, Instance>>();
  readonly silences = new Map<string, Silence>();
  /** By episode. */
  readonly acknowledgements = new Map<string, Acknowledgement>();
  /** By fingerprint. */
  readonly mutings = new Map<string, Muting>();
  readonly eventSamples = new Map<string, EventSample>();
  readonly groups = new Map<string, Group>();
  readonly plan: AlertingPlan;
  /** By name. */
  readonly receivers: ReadonlyMap<string, ReceiverPlan>;
  readonly #routes: PlacedRoute;
  readonly #inhibitor: Inhibitor;
  /** The ids of the groups that an alert is in, by fingerprint. */
  readonly #groupsOf = new Map<string, Set<string>>();
  readonly #unsettled = new Unsettled();
  /** Records of groups that have no alert now. */
  readonly #records = new Map<string, GroupRecord>();

  constructor(plan: AlertingPlan, snapshot: Snapshot) {
    this.plan = plan;
    this.receivers = new Map(plan.receivers.map((receiver) => [receiver.name, receiver]));
    this.#routes = placeRoutes(plan.route);
    this.#inhibitor = new Inhibitor(plan.inhibitRules);
    for (const record of snapshot.groups) this.#records.set(record.id, record);
    for (const silence of snapshot.silences) this.silences.set(silence.id, silence);
    for (const each of snapshot.acknowledgements) this.acknowledgements.set(each.episode, each);
    for (const muting of snapshot.mutings) this.mutings.set(muting.fingerprint, muting);
    for (const sample of snapshot.eventSamples) this.eventSamples.set(sample.key, sample);
    for (const instance of snapshot.instances) this.#setInstance(instance);
    for (const alert of snapshot.alerts) this.#setAlert(alert);
  }

  /** The same state under another configuration. */
  under(plan: AlertingPlan): AlertingState {
    const records = [...this.groups.values()].flatMap(({ record }) => record ?? []);
    return new AlertingState(plan, {
      alerts: [...this.alerts.values()],
      instances: [...this.instances.values()].flatMap((each) => [...each.values()]),
      silences: [...this.silences.values()],
      acknowledgements: [...this.acknowledgements.values()],
      mutings: [...this.mutings.values()],
      groups: [...this.#records.values(), ...records],
      eventSamples: [...this.eventSamples.values()],
      lastTime: 0,
    });
  }

  /** Records of groups that nothing belongs to: an older configuration's, or those of alerts that are gone. */
  orphanRecords(): readonly string[] {
    return [...this.#records.keys()];
  }

  apply(change: Change): void {
    switch (change.kind) {
      case "alert":
        this.#setAlert(change.alert);
        break;
      case "alert-removed":
        this.#removeAlert(change.alert);
        break;
      case "instance":
        this.#setInstance(change.instance);
        break;
      case "instance-removed":
        this.instances.get(change.instance.rule)?.delete(change.instance.fingerprint);
        break;
      case "silence":
        this.silences.set(change.silence.id, change.silence);
        this.#unsettled.addAll();
        this.#reconsider();
        break;
      case "silence-removed":
        this.silences.delete(change.id);
        this.#unsettled.addAll();
        break;
      case "acknowledgement":
        this.acknowledgements.set(change.acknowledgement.episode, change.acknowledgement);
        break;
      case "acknowledgement-removed":
        this.acknowledgements.delete(change.episode);
        this.#reconsider();
        break;
      case "muting":
        this.mutings.set(change.muting.fingerprint, change.muting);
        break;
      case "muting-removed":
        this.mutings.delete(change.fingerprint);
        break;
      case "group":
      case "group-removed":
      case "group-timed":
        this.#applyToGroup(change);
        break;
      case "event-sample":
        this.eventSamples.set(change.sample.key, change.sample);
        break;
      case "event-sample-removed":
        this.eventSamples.delete(change.key);
        break;
      case "notification":
      case "postponed":
      case "delivered":
      case "dead-letter":
      case "superseded":
      case "redriven":
      case "history":
      case "audit":
        break; // only the store keeps these
    }
  }

  /** The ids of the silences that hold and fit. */
  silencedBy(labels: Labels, now: number): readonly string[] {
    return [...this.silences.values()]
      .filter((silence) => isSilencedBy(silence, labels, now))
      .map(({ id }) => id);
  }

  /** The fingerprints of what inhibits an alert with these labels. */
  inhibitedBy(labels: Labels): readonly string[] {
    return this.#inhibitor.inhibitedBy(labels);
  }

  /** When a silence begins or ends next, and {@link takeUnsettled} has something to say. */
  get silenceBoundary(): number {
    return this.#unsettled.boundary;
  }

  /** The fingerprints of alerts of which it is open whether what mutes them has changed; they count as settled from now on. */
  takeUnsettled(now: number): Iterable<string> {
    const some = this.#unsettled.take(this.silences.values(), now);
    return some ?? new Set([...this.mutings.keys(), ...this.alerts.keys()]);
  }

  /** Who has taken an episode over; undefined: nobody. */
  acknowledgementOf(episode: string, now: number): Acknowledgement | undefined {
    const acknowledgement = this.acknowledgements.get(episode);
    return isInForce(acknowledgement, now) ? acknowledgement : undefined;
  }

  /** The groups that an alert is in. */
  groupsOf(fingerprint: string): readonly Group[] {
    return [...(this.#groupsOf.get(fingerprint) ?? [])].flatMap((id) => this.groups.get(id) ?? []);
  }

  /** The receivers that an alert with these labels goes to, without those of escalations. */
  receiversOf(labels: Labels): readonly string[] {
    return [...new Set(routesOf(this.#routes, labels).map(({ route }) => route.receiver))];
  }

  #setAlert(alert: Alert): void {
    this.alerts.set(alert.fingerprint, alert);
    this.#unsettled.add(alert.fingerprint);
    for (const target of this.#inhibitor.update(alert)) this.#unsettled.add(target);
    if (alert.isClosed) return;
    const ids = this.#groupsOf.get(alert.fingerprint);
    // Where an alert goes follows from its labels, which its fingerprint stands for.
    if (ids !== undefined && ids.size > 0 && alert.endsAt !== undefined)
      for (const id of ids) this.groups.get(id)?.members.set(alert.fingerprint, alert);
    else for (const place of routesOf(this.#routes, alert.labels)) this.#join(place, alert);
  }

  #join(place: PlacedRoute, alert: Alert): void {
    const labels = groupLabelsOf(place.route, alert.labels);
    const id = `${place.id}:${printLabels(labels)}`;
    const known = this.groups.get(id);
    const record = known?.record ?? this.#records.get(id);
    // Over, and the group has taken note of that already.
    if (alert.endsAt !== undefined && record !== undefined && alert.updatedAt < record.flushedAt) return;
    const first = firstFlush(alert, place.route.groupWait);
    const group = known ?? this.#newGroup(id, place, labels, record, first);
    if (group.record === undefined) group.nextFlush = Math.min(group.nextFlush, first);
    group.members.set(alert.fingerprint, alert);
    const ids = this.#groupsOf.get(alert.fingerprint) ?? new Set<string>();
    this.#groupsOf.set(alert.fingerprint, ids.add(id));
  }

  #newGroup(
    id: string,
    place: PlacedRoute,
    labels: Labels,
    record: GroupRecord | undefined,
    first: number,
  ): Group {
    this.#records.delete(id);
    const group: Group = {
      id,
      key: groupKeyOf(place, labels),
      place,
      labels,
      members: new Map<string, Alert>(),
      record,
      nextFlush: record === undefined ? first : record.flushedAt + place.route.groupInterval,
      nextEscalation: record === undefined ? Infinity : -Infinity,
    };
    this.groups.set(id, group);
    return group;
  }

  #removeAlert({ fingerprint }: Alert): void {
    this.alerts.delete(fingerprint);
    for (const { members } of this.groupsOf(fingerprint)) members.delete(fingerprint);
    this.#groupsOf.delete(fingerprint);
  }

  #setInstance(instance: Instance): void {
    const known = this.instances.get(instance.rule) ?? new Map<string, Instance>();
    this.instances.set(instance.rule, known.set(instance.fingerprint, instance));
  }

  #applyToGroup(change: Extract<Change, { readonly kind: `group${string}` }>): void {
    if (change.kind === "group-removed") {
      this.groups.delete(change.id);
      this.#records.delete(change.id);
      return;
    }
    const group = this.groups.get(change.kind === "group" ? change.record.id : change.id);
    if (group === undefined) return;
    if (change.kind === "group") {
      group.record = change.record;
      return;
    }
    group.nextFlush = change.nextFlush;
    group.nextEscalation = change.nextEscalation;
    for (const fingerprint of change.finished) {
      group.members.delete(fingerprint);
      this.#groupsOf.get(fingerprint)?.delete(group.id);
    }
  }

  /** What was held back may be due now. */
  #reconsider(): void {
    for (const group of this.groups.values())
      if (group.record !== undefined) group.nextEscalation = -Infinity;
  }
}

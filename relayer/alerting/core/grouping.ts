import type { Alert } from "./alert.ts";
import type { PlacedRoute } from "./route.ts";
import type { Labels } from "./labels.ts";

/** What one integration was last told of a group. Times in Unix milliseconds of the engine's clock. */
export type Told = {
  /** The episodes that fired, in what it was told last. */
  readonly firing: readonly string[];
  /** Those that were over. */
  readonly resolved: readonly string[];
  readonly at: number;
};

/** What is remembered of a group over restarts. Times in Unix milliseconds of the engine's clock. */
export type GroupRecord = {
  /** {@link PlacedRoute.id} and the labels. */
  readonly id: string;
  readonly flushedAt: number;
  /** By integration; see {@link targetOf}. */
  readonly told: Readonly<Record<string, Told>>;
  /** By episode: when it was first told of, and when each level was, from L1 on (0: not yet). Empty where the route does not escalate. */
  readonly escalations: Readonly<Record<string, Escalating>>;
};

/** How far the escalation of an episode is. */
export type Escalating = { readonly since: number; readonly told: readonly number[] };

/** A group at work: alerts of one route that agree in the labels by which it groups. */
export type Group = {
  readonly id: string;
  /** In Alertmanager's notation. */
  readonly key: string;
  readonly place: PlacedRoute;
  readonly labels: Labels;
  /** By fingerprint: what fires, and what is over and was not looked at since. */
  readonly members: Map<string, Alert>;
  record: GroupRecord | undefined;
  /** When it is looked at next, and whether an escalation is due, in Unix milliseconds of the engine's clock. */
  nextFlush: number;
  nextEscalation: number;
};

/** One integration of one receiver, at one level of an escalation (0: the route's own receiver). */
export type Target = { readonly receiver: string; readonly integration: string; readonly level: number };

/** The key of a target in {@link GroupRecord.told}. */
export function targetOf({ receiver, integration, level }: Target): string {
  return `${level} ${receiver}/${integration}`;
}

/**
 * When a group is first looked at for the sake of an alert: `group_wait` after it came, or at once when the alert is older than that.
 *
 * Source: `aggrGroup.insert` of Alertmanager 0.28.
 */
export function firstFlush(alert: Alert, groupWait: number): number {
  return alert.startsAt + groupWait <= alert.recordedAt ? alert.recordedAt : alert.recordedAt + groupWait;
}

/** Why an integration is told of a group now; undefined: it is not. */
export type Need = "firing" | "resolved" | "repeated";

/** What a group has to say at one moment, and whom it is for. */
export type Saying = {
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  readonly sendResolved: boolean;
  readonly repeatInterval: number;
  /** Whether somebody has to be reminded: something fires that nobody took over. */
  readonly mayRepeat: boolean;
  readonly now: number;
};

/**
 * Whether an integration is told of a group, by what it was told last: when something fires that it does not know of, when something it
 * knows of is over, or when `repeat_interval` is.
 *
 * Source: `DedupStage.needsUpdate` of Alertmanager 0.28, by episodes instead of hashes of labels: what fires again is new.
 */
export function needOf(told: Told | undefined, saying: Saying): Need | undefined {
  const { firing, resolved, sendResolved, repeatInterval, mayRepeat, now } = saying;
  if (told === undefined) return firing.length > 0 ? "firing" : undefined;
  const knownFiring = new Set(told.firing);
  if (firing.some((episode) => !knownFiring.has(episode))) return "firing";
  if (firing.length === 0) return sendResolved && told.firing.length > 0 ? "resolved" : undefined;
  const knownResolved = new Set(told.resolved);
  if (sendResolved && resolved.some((episode) => !knownResolved.has(episode))) return "firing";
  return mayRepeat && told.at <= now - repeatInterval ? "repeated" : undefined;
}

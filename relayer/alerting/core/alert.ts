import { fingerprintOf } from "./fingerprint.ts";
import type { Labels } from "./labels.ts";

/** One firing of an alert, from its start to its end. Times in Unix milliseconds of the engine's clock. */
export type Alert = {
  /** See {@link fingerprintOf}. */
  readonly fingerprint: string;
  /** Fingerprint and start: the same alert that fires again is another episode. */
  readonly episode: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly generatorUrl: string;
  readonly startsAt: number;
  /** When it ended; undefined while it fires. */
  readonly endsAt: number | undefined;
  /** When it ends by itself unless it is said again; undefined for alerts of rules, which say when they end. */
  readonly expiresAt: number | undefined;
  /** When the engine first knew of it. */
  readonly recordedAt: number;
  /** When the engine last changed anything of it. */
  readonly updatedAt: number;
  /** It has ended, and every group that it was in has taken note of that. */
  readonly isClosed: boolean;
};

/** What somebody says of an alert: a rule, or a client of the API. Times in Unix milliseconds. */
export type Assertion = {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly generatorUrl: string;
  /** undefined: from now on. */
  readonly startsAt: number | undefined;
  /** In the past: it is over. In the future: it is over then, unless it is said again. undefined: see `resolveAfter`. */
  readonly endsAt: number | undefined;
  /** Where `endsAt` is undefined: how long it holds unless it is said again, in milliseconds; undefined: until somebody ends it. */
  readonly resolveAfter: number | undefined;
};

/** Alertmanager's `resolve_timeout`, where nothing else is configured, in milliseconds. */
export const RESOLVE_TIMEOUT = 5 * 60_000;

/** The id of one firing. */
export function episodeOf(fingerprint: string, startsAt: number): string {
  return `${fingerprint}-${startsAt}`;
}

/**
 * What becomes of an alert when something is said of it. The same thing said again changes at most how long it holds.
 *
 * An alert that is over and is said to fire again is a new episode with a later start, even when the same start is claimed for it: so
 * nothing that was told of the old episode is mistaken for the new one.
 * @param known the newest episode of the same labels
 * @returns undefined when nothing changes
 */
export function observe(
  known: Alert | undefined,
  assertion: Assertion,
  now: number,
  fingerprint = fingerprintOf(assertion.labels),
): Alert | undefined {
  const { endsAt } = assertion;
  const isOver = endsAt !== undefined && endsAt <= now;
  const isFiring = known !== undefined && known.endsAt === undefined;
  if (isOver) return isFiring ? end(known, assertion, endsAt, now) : undefined;
  const { labels, annotations, generatorUrl, resolveAfter } = assertion;
  const expiresAt = endsAt ?? (resolveAfter === undefined ? undefined : now + resolveAfter);
  if (isFiring) return refresh(known, { annotations, generatorUrl, expiresAt }, now);
  const claimed = Math.min(assertion.startsAt ?? now, now);
  const after = known?.endsAt ?? -Infinity;
  const startsAt = claimed > after ? claimed : Math.max(now, after + 1);
  return {
    fingerprint,
    episode: episodeOf(fingerprint, startsAt),
    labels,
    annotations,
    generatorUrl,
    startsAt,
    endsAt: undefined,
    expiresAt,
    recordedAt: now,
    updatedAt: now,
    isClosed: false,
  };
}

/** Ends an alert that was not said again in time. @returns undefined while it holds */
export function expire(alert: Alert, now: number): Alert | undefined {
  if (alert.endsAt !== undefined || alert.expiresAt === undefined || alert.expiresAt > now) return undefined;
  return { ...alert, endsAt: Math.max(alert.expiresAt, alert.startsAt), updatedAt: now };
}

/** A late word about an earlier episode ends nothing. */
function end(known: Alert, { annotations }: Assertion, endsAt: number, now: number): Alert | undefined {
  if (endsAt < known.startsAt) return undefined;
  const told = Object.keys(annotations).length === 0 ? known.annotations : annotations;
  return { ...known, annotations: told, endsAt, updatedAt: now };
}

function refresh(
  known: Alert,
  fresh: Pick<Alert, "annotations" | "generatorUrl" | "expiresAt">,
  now: number,
): Alert | undefined {
  const isSame =
    known.expiresAt === fresh.expiresAt &&
    known.generatorUrl === fresh.generatorUrl &&
    areSame(known.annotations, fresh.annotations);
  return isSame ? undefined : { ...known, ...fresh, updatedAt: now };
}

function areSame(a: Labels, b: Labels): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

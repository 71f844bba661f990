import { z } from "zod";
import { explain, FatalError } from "../../domain/errors.ts";
import type { EscalationView } from "../core/escalation-view.ts";
import type { Matcher } from "../core/labels.ts";
import { parseMatchers } from "../core/matcher-syntax.ts";
import { compileMatcher } from "../core/matchers.ts";
import type { Acknowledgement } from "../core/acknowledge.ts";
import type { PostedAlert } from "../core/posted.ts";
import type { Silence, SilenceDraft, silenceState } from "../core/silence.ts";
import type { AlertView, GroupView } from "../core/views.ts";

/**
 * The shapes of Alertmanager's API v2 (its openapi.yaml), as far as there is something to put into them.
 *
 * @module
 */

/** How long an alert that does not say when it ends is said to go on from now, in milliseconds, as Alertmanager's `resolve_timeout`. */
const OPEN_END_MILLISECONDS = 5 * 60_000;

/** RFC 3339, with Go's zero time for "not said". */
const time = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)), "expected a time such as 2026-01-31T12:00:00Z")
  .transform((text) => (text.startsWith("0001-01-01") ? undefined : Date.parse(text)));

const labelSet = z.record(z.string(), z.string());

const postedAlert = z.object({
  labels: labelSet,
  annotations: labelSet.default({}),
  startsAt: time.optional(),
  endsAt: time.optional(),
  generatorURL: z.string().default(""),
});

/** `postableAlerts` */
export const postableAlerts = z.array(postedAlert).transform((alerts): readonly PostedAlert[] =>
  alerts.map(({ labels, annotations, startsAt, endsAt, generatorURL }) => ({
    labels,
    annotations,
    startsAt,
    endsAt,
    generatorUrl: generatorURL,
  })),
);

const apiMatcher = z.object({
  name: z.string().min(1),
  value: z.string(),
  isRegex: z.boolean(),
  isEqual: z.boolean().default(true),
});

const previewBody = z.object({ matchers: z.array(apiMatcher).min(1, "expected at least one matcher") });
const silenceBody = previewBody.extend({
  id: z.string().optional(),
  startsAt: time,
  endsAt: time,
  comment: z.string(),
});

/**
 * `postableSilence`. Its `createdBy` is not believed: the author is who asks.
 * @param author the authenticated name
 */
export function readSilence(body: unknown, author: string, now: number): SilenceDraft {
  const { id, matchers, startsAt, endsAt, comment } = silenceBody.parse(body);
  return {
    id: id === "" ? undefined : id,
    matchers: matchers.map(fromApi),
    startsAt: startsAt ?? now,
    endsAt: endsAt ?? now,
    createdBy: author,
    comment,
  };
}

/** What a silence is about, of a body that need not say more. */
export function readSilenceMatchers(body: unknown): readonly Matcher[] {
  return previewBody.parse(body).matchers.map(fromApi);
}

/** Matchers of a query, each a text such as `severity="critical"`. @throws FatalError `MATCHER` */
export function readMatchers(texts: string | readonly string[] | undefined): readonly Matcher[] {
  return [texts ?? []].flat().flatMap((text) => {
    const parsed = parseMatchers(text);
    if ("matchers" in parsed) return parsed.matchers;
    throw new FatalError(
      "MATCHER",
      `The matcher ${text} is refused at character ${parsed.offset + 1}: ${parsed.problem}.`,
    );
  });
}

/** `gettableAlert`, with who has taken it over beside it. */
export function alertShape({ alert, state, acknowledgement, ...view }: AlertView, now: number): object {
  const { labels, annotations, fingerprint, startsAt, updatedAt, generatorUrl } = alert;
  const ends = alert.endsAt ?? alert.expiresAt ?? now + OPEN_END_MILLISECONDS;
  return {
    labels,
    annotations,
    fingerprint,
    startsAt: iso(startsAt),
    updatedAt: iso(updatedAt),
    endsAt: iso(ends),
    ...(generatorUrl === "" ? {} : { generatorURL: generatorUrl }),
    receivers: view.receivers.map((name) => ({ name })),
    status: { state, silencedBy: view.silencedBy, inhibitedBy: view.inhibitedBy, mutedBy: [] },
    ...(acknowledgement === undefined ? {} : { acknowledgement: acknowledgementShape(acknowledgement) }),
  };
}

function acknowledgementShape({ by, comment, at, until }: Acknowledgement): object {
  return { by, comment, at: iso(at), ...(until === undefined ? {} : { until: iso(until) }) };
}

/** Where an escalation stands; `next` is the level that is told next, null when none is. */
export function escalationShape({ alert, acknowledgement, levels, since, ...view }: EscalationView): object {
  const { groupKey, groupLabels, receiver, escalation, level, isHeld } = view;
  const [next] = levels
    .flatMap((each) => (each.nextAt === undefined ? [] : [{ ...each, at: each.nextAt }]))
    .toSorted((a, b) => a.at - b.at || a.level - b.level);
  return {
    ...{ groupKey, groupLabels, receiver: { name: receiver }, escalation },
    ...{ fingerprint: alert.fingerprint, labels: alert.labels, startsAt: iso(alert.startsAt) },
    ...{ since: timeOrNull(since), level, isHeld },
    levels: levels.map((each) => ({
      level: each.level,
      receivers: each.receivers.map((name) => ({ name })),
      toldAt: timeOrNull(each.toldAt),
      nextAt: timeOrNull(each.nextAt),
    })),
    next: next === undefined ? null : { level: next.level, at: iso(next.at) },
    endedBy: acknowledgement === undefined ? null : acknowledgementShape(acknowledgement),
  };
}

function timeOrNull(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : iso(milliseconds);
}

/** `alertGroup` */
export function groupShape({ labels, receiver, alerts }: GroupView, now: number): object {
  return {
    labels,
    routeLabels: {},
    receiver: { name: receiver },
    alerts: alerts.map((alert) => alertShape(alert, now)),
  };
}

/** `gettableSilence` */
export function silenceShape(silence: Silence & { readonly state: ReturnType<typeof silenceState> }): object {
  const { id, state, matchers, startsAt, endsAt, updatedAt, createdBy, comment } = silence;
  return {
    id,
    status: { state },
    matchers: matchers.map(toApi),
    startsAt: iso(startsAt),
    endsAt: iso(endsAt),
    updatedAt: iso(updatedAt),
    createdBy,
    comment,
    annotations: {},
  };
}

/** A time as JSON has it. */
export function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function fromApi({ name, value, isRegex, isEqual }: z.infer<typeof apiMatcher>): Matcher {
  const operator = isRegex ? (isEqual ? "=~" : "!~") : isEqual ? "=" : "!=";
  const matcher: Matcher = { name, operator, value };
  try {
    compileMatcher(matcher);
  } catch (error) {
    throw new FatalError("MATCHER", `The matcher ${name}${operator}${value} is refused: ${explain(error)}.`);
  }
  return matcher;
}

function toApi({ name, operator, value }: Matcher): z.input<typeof apiMatcher> {
  return { name, value, isRegex: operator.endsWith("~"), isEqual: operator.startsWith("=") };
}

import type { Labels, Matcher } from "./labels.ts";
import { matchesAll, matchesEmpty } from "./matchers.ts";

/** Nobody is told of alerts that fit all matchers, for a while. Times in Unix milliseconds. */
export type Silence = {
  readonly id: string;
  readonly matchers: readonly Matcher[];
  readonly startsAt: number;
  readonly endsAt: number;
  readonly updatedAt: number;
  readonly createdBy: string;
  readonly comment: string;
};

/** What somebody asks for: a new silence, or, with an id, that one to be changed. */
export type SilenceDraft = Omit<Silence, "id" | "updatedAt"> & { readonly id: string | undefined };

/** How long a silence may be where nothing else is configured: a week, so that nothing is forgotten for good. */
export const MOST_SILENCE_MILLISECONDS = 7 * 24 * 3_600_000;
const MOST_MATCHERS = 50;
const MOST_TEXT_LENGTH = 10_000;

/** Whether a silence is to come, holds, or is over. */
export function silenceState({ startsAt, endsAt }: Silence, now: number): "pending" | "active" | "expired" {
  return now >= endsAt ? "expired" : now >= startsAt ? "active" : "pending";
}

/** Whether a silence holds now and fits the labels. */
export function isSilencedBy(silence: Silence, labels: Labels, now: number): boolean {
  return silenceState(silence, now) === "active" && matchesAll(silence.matchers, labels);
}

/**
 * What is wrong with a silence that somebody asks for.
 * @param longest how long it may be, in milliseconds
 * @returns undefined when nothing is
 */
export function problemOfSilence(draft: SilenceDraft, now: number, longest: number): string | undefined {
  const { matchers, startsAt, endsAt, createdBy, comment } = draft;
  if (matchers.length === 0 || matchesEmpty(matchers))
    return "it would silence everything: at least one matcher has to name what an alert must have";
  // A pattern such as .+ or .* on a label that every alert has is the same in other words.
  if (matchers.every(fitsAnyName)) return "it would silence every alert that has a name: say which";
  if (matchers.length > MOST_MATCHERS)
    return `it has ${matchers.length} matchers; at most ${MOST_MATCHERS} are taken`;
  if (!(endsAt > startsAt)) return "it ends before it starts";
  if (endsAt <= now) return "its end is in the past";
  if (endsAt - Math.max(startsAt, now) > longest)
    return `it is longer than ${Math.floor(longest / 60_000)} minutes, the longest that is allowed here`;
  if (createdBy.trim() === "") return "it has no author";
  if (comment.trim() === "") return "it has no comment that says why";
  if (createdBy.length + comment.length > MOST_TEXT_LENGTH) return "its author and comment are too long";
  return undefined;
}

/**
 * What an expired silence becomes when it is changed: Alertmanager, too, makes a new one instead of rewriting the past. A change of the
 * matchers of one that holds would silence other alerts under the same id, and makes a new one as well.
 */
export function mustBeReplaced(old: Silence, draft: SilenceDraft, now: number): boolean {
  const state = silenceState(old, now);
  if (state === "expired") return true;
  const isSame = JSON.stringify(old.matchers) === JSON.stringify(draft.matchers);
  return state === "active" && (!isSame || draft.startsAt !== old.startsAt);
}

/** Ends a silence now. One that is to come never begins. @returns undefined when it is over already */
export function expireSilence(silence: Silence, now: number): Silence | undefined {
  switch (silenceState(silence, now)) {
    case "expired":
      return undefined;
    case "active":
      return { ...silence, endsAt: now, updatedAt: now };
    case "pending":
      return { ...silence, startsAt: now, endsAt: now, updatedAt: now };
  }
}

/** Names that no two different people would give an alert. */
const SAMPLE_NAMES = ["A", "zX9", "lane_stuck", "Ünïcode name", "0"];

function fitsAnyName(matcher: Matcher): boolean {
  return (
    matcher.name === "alertname" && SAMPLE_NAMES.every((alertname) => matchesAll([matcher], { alertname }))
  );
}

import type { ApiMatcher, Silence } from "./alert-schema.ts";

/** A silence while it is being filled in. */
export type SilenceForm = {
  /** Labels of the alert that it began with; those in use narrow the silence. */
  readonly matchers: readonly { readonly name: string; readonly value: string; readonly isUsed: boolean }[];
  readonly minutes: number;
  readonly comment: string;
};

/** How long a silence may be made here, in minutes, as people say it. */
export const DURATIONS = [
  [15, "15 minutes"],
  [60, "1 hour"],
  [240, "4 hours"],
  [1_440, "1 day"],
  [10_080, "7 days"],
] as const;

/** Labels by which one thing is told from another, rather than one kind of alert from another. */
const NARROW = new Set(["instance", "job", "pid"]);

/** A silence of all alerts like one. */
export function silenceOf(labels: Readonly<Record<string, string>>): SilenceForm {
  const matchers = Object.entries(labels)
    .toSorted(([a], [b]) => (a === "alertname" ? -1 : b === "alertname" ? 1 : a.localeCompare(b)))
    .map(([name, value]) => ({ name, value, isUsed: !NARROW.has(name) }));
  return { matchers, minutes: 60, comment: "" };
}

/** What is wrong with it, for people; undefined where it can be made. */
export function problemOf({ matchers, comment }: SilenceForm): string | undefined {
  if (!matchers.some(({ isUsed }) => isUsed))
    return "Choose at least one label: a silence without any would hide every alert.";
  if (comment.trim() === "") return "Say why, so that others know what is hidden from them.";
  return undefined;
}

/** Its matchers, as the API takes them. */
export function matchersOf({ matchers }: SilenceForm): readonly ApiMatcher[] {
  return matchers
    .filter(({ isUsed }) => isUsed)
    .map(({ name, value }) => ({ name, value, isRegex: false, isEqual: true }));
}

/** What the API is sent. @param now Unix milliseconds */
export function bodyOf(form: SilenceForm, author: string, now: number): object {
  return {
    matchers: matchersOf(form),
    startsAt: new Date(now).toISOString(),
    endsAt: new Date(now + form.minutes * 60_000).toISOString(),
    createdBy: author,
    comment: form.comment.trim(),
  };
}

/** A matcher as Alertmanager writes it. */
export function showMatcher({ name, value, isRegex, isEqual }: ApiMatcher): string {
  return `${name}${isEqual ? (isRegex ? "=~" : "=") : isRegex ? "!~" : "!="}${JSON.stringify(value)}`;
}

/** Those in force first, then what is to come, then what is over; each the next to end first. */
export function sortSilences(silences: readonly Silence[]): readonly Silence[] {
  const order = { active: 0, pending: 1, expired: 2 } as const;
  return silences.toSorted((a, b) => {
    const states = order[a.status.state] - order[b.status.state];
    if (states !== 0) return states;
    const ends = Date.parse(a.endsAt) - Date.parse(b.endsAt);
    return a.status.state === "expired" ? -ends : ends;
  });
}

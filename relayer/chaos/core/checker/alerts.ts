import type { AlertEvidence, Episode, Evidence, Expectations, FailedJob, Page } from "./evidence.ts";
import type { Violation } from "./violation.ts";

/** The alert of dchat's rules that tells of jobs that failed for good. */
const DEAD_LETTERS = "DeadLetters";

/** Every job that failed for good raised the alert of its queue. */
export function failuresAlerted(
  { failedJobs, alerts }: Evidence,
  expectations: Expectations,
): readonly Violation[] {
  if (alerts === undefined) return [];
  return failedJobs
    .filter((job) => isDue(job.at, expectations.alertedWithin, expectations))
    .filter((job) => !alerts.episodes.some((episode) => tellsOf(episode, job, expectations)))
    .map(({ source, queue, job, code, at }): Violation => {
      const text = `Job ${job} of queue ${queue} failed for good (${code}) at ${new Date(at).toISOString()}, as ${source} says, and no alert ${DEAD_LETTERS} of that queue fired by ${new Date(at + expectations.alertedWithin).toISOString()}.`;
      return { rule: "failed-job-alerted", text };
    });
}

/** Every alert that fired, and that somebody was to hear of, reached somebody. */
export function alertsNotified({ alerts }: Evidence, expectations: Expectations): readonly Violation[] {
  if (alerts === undefined) return [];
  return alerts.episodes
    .filter((episode) => isDue(episode.startsAt, 0, expectations))
    .filter((episode) => longestHeard(episode, expectations.checkedAt) > expectations.notifiedWithin)
    .flatMap((episode): readonly Violation[] => {
      const pages = alerts.pages.filter((page) => isAbout(page, episode));
      if (pages.some(({ isDelivered }) => isDelivered)) return [];
      const [page] = pages;
      const became =
        page === undefined
          ? "nobody was notified of it"
          : `notification ${page.id} to ${page.receiver} did not arrive`;
      const text = `Alert ${nameOf(episode)} fired at ${new Date(episode.startsAt).toISOString()} (episode ${episode.episode}), and ${became}.`;
      return [{ rule: "alert-notified", text }];
    });
}

/** Whether something of the time in question should be so by now. */
function isDue(at: number, within: number, { since, checkedAt }: Expectations): boolean {
  return at >= since && at + within <= checkedAt;
}

/** One that fires already tells of the new job, too: it stands for all that failed in the queue. */
function tellsOf(
  { labels, startsAt, endsAt }: Episode,
  { queue, at }: FailedJob,
  { alertedWithin }: Expectations,
) {
  const isOfQueue = labels["alertname"] === DEAD_LETTERS && labels["queue"] === queue;
  return isOfQueue && startsAt <= at + alertedWithin && (endsAt ?? Infinity) >= at;
}

/** For how long at a stretch an episode fired without being muted, in milliseconds. */
function longestHeard({ startsAt, endsAt, muted }: Episode, now: number): number {
  const end = endsAt ?? now;
  let [longest, from] = [0, startsAt];
  for (const mute of muted.toSorted((a, b) => a.from - b.from)) {
    longest = Math.max(longest, Math.min(mute.from, end) - from);
    from = Math.max(from, mute.to ?? Infinity);
  }
  return Math.max(longest, end - from);
}

/** A page names its episodes, or has only what its alerts have in common: then it may be about each that has that, too. */
function isAbout({ about, at }: Page, { episode, labels, startsAt, endsAt }: Episode): boolean {
  if ("episodes" in about) return about.episodes.has(episode);
  const isCommon = Object.entries(about.labels).every(([name, value]) => labels[name] === value);
  return isCommon && at >= startsAt && at <= (endsAt ?? Infinity);
}

function nameOf({ labels }: AlertEvidence["episodes"][number]): string {
  const { alertname = "?", ...rest } = labels;
  const pairs = Object.entries(rest).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${alertname}{${pairs.join(", ")}}`;
}

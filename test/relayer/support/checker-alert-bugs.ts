import type { Episode, Evidence, FailedJob, Page } from "../../../relayer/chaos/core/checker/evidence.ts";
import type { RuleName } from "../../../relayer/chaos/core/checker/violation.ts";
import type { HonestHistory } from "./checker-history.ts";

/** Spoils an honest history, and what must be said of it then. */
export type Bug = {
  readonly name: string;
  readonly rule: RuleName;
  readonly says: RegExp;
  readonly plant: (evidence: Evidence, history: HonestHistory) => Evidence;
};

/** A firing of the alert of dead letters, the page that told of it, and the job that it is about. */
export const episode: Episode = {
  episode: "e-1",
  labels: { alertname: "DeadLetters", queue: "deliver-1", severity: "warning" },
  startsAt: 5_000,
  endsAt: undefined,
  muted: [],
};
export const page: Page = {
  id: "n-1",
  receiver: "team",
  at: 6_000,
  about: { episodes: new Set(["e-1"]) },
  isDelivered: true,
};
export const failedJob: FailedJob = {
  source: "sender-B.log",
  queue: "deliver-1",
  job: "7",
  code: "BAD",
  at: 4_500,
};

/** Bugs in how people are told. */
export const alertBugs: readonly Bug[] = [
  {
    name: "a job that failed without an alert",
    says: /no alert DeadLetters/,
    rule: "failed-job-alerted",
    plant: (evidence) => ({
      ...evidence,
      failedJobs: [failedJob],
      alerts: { episodes: [{ ...episode, labels: { ...episode.labels, queue: "watch" } }], pages: [page] },
    }),
  },
  {
    name: "a swallowed alert",
    says: /nobody was notified/,
    rule: "alert-notified",
    plant: (evidence) => ({ ...evidence, alerts: { episodes: [episode], pages: [] } }),
  },
  {
    name: "an alert whose notification did not arrive",
    says: /did not arrive/,
    rule: "alert-notified",
    plant: (evidence) => ({
      ...evidence,
      alerts: { episodes: [episode], pages: [{ ...page, isDelivered: false }] },
    }),
  },
];

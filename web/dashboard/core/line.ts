import { showSpan } from "../../shared/core/format.ts";

/** How fresh is what is shown, and when to ask again. Times in Unix milliseconds. */

/** The fleet tells of itself once a second; what is silent for longer is not to be relied on. */
export const STALE_MILLISECONDS = 5_000;

const times = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** How the line to the fleet is. */
export type Line = {
  /** When something was heard the last time; undefined before the first. */
  readonly heardAt: number | undefined;
  /** When the page began to listen. */
  readonly openedAt: number;
};

/** What to say about what is shown being old; undefined while it is not. */
export function staleWords({ heardAt, openedAt }: Line, now: number): string | undefined {
  const since = heardAt ?? openedAt;
  if (now - since < STALE_MILLISECONDS) return undefined;
  if (heardAt === undefined)
    return "Nothing has been heard of the fleet yet. Money is not affected; the page keeps asking.";
  const age = showSpan((now - since) / 1_000);
  return `Nothing new since ${times.format(since)}, ${age} ago: what you see may be old. Money is not affected; the page keeps asking.`;
}

const RETRY = { least: 1_000, most: 30_000 };

/** How long to wait before asking again, in milliseconds. @param failures how often in a row there was no answer, from 1 */
export function retryMilliseconds(failures: number): number {
  return Math.min(RETRY.most, RETRY.least * 2 ** Math.max(0, failures - 1));
}

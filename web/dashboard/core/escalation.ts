import { showSpan } from "../../shared/core/format.ts";
import type { Escalation } from "./alert-schema.ts";

/** Where an alert's escalation stands, in one sentence. @param now Unix milliseconds */
export function escalationWords(escalation: Escalation, now: number): string {
  const { level, levels, next, isHeld, since } = escalation;
  const told = level === 0 ? "Nobody was told beyond its route yet" : `Level ${level} was told`;
  if (isHeld) return `${told}; held while it is quiet.`;
  if (since === null) return "Escalates once somebody was told of it.";
  if (next === null) return `${told}; no level follows.`;
  const names = levels.find((each) => each.level === next.level)?.receivers.map(({ name }) => name) ?? [];
  const due = Math.max(0, (Date.parse(next.at) - now) / 1_000);
  const when = due === 0 ? "now" : `in ${showSpan(due)}`;
  return `${told}; level ${next.level} ${when}${names.length === 0 ? "" : ` (${names.join(", ")})`}.`;
}

/** The one that matters of several: whose next level is told the soonest. */
export function soonestEscalation(
  escalations: readonly Escalation[],
  fingerprint: string,
): Escalation | undefined {
  return escalations
    .filter((each) => each.fingerprint === fingerprint)
    .toSorted((a, b) => dueOf(a) - dueOf(b))[0];
}

function dueOf({ next }: Escalation): number {
  return next === null ? Number.MAX_SAFE_INTEGER : Date.parse(next.at);
}

import type { Alert } from "./alert.ts";
import type { Change } from "./change.ts";
import { entry } from "./history.ts";
import type { AlertingState } from "./state.ts";
import type { Muting } from "./unsettled.ts";

/**
 * Says in the history which alerts became silenced, inhibited, or neither any more, since that was last settled. It belongs into the
 * transaction of what causes it.
 */
export function settleMutings(state: AlertingState, now: number): readonly Change[] {
  const changes: Change[] = [];
  for (const fingerprint of state.takeUnsettled(now)) {
    const alert = state.alerts.get(fingerprint);
    const known = state.mutings.get(fingerprint);
    if (alert === undefined || alert.endsAt !== undefined) {
      if (known !== undefined) changes.push({ kind: "muting-removed", fingerprint });
    } else changes.push(...settle(state, alert, known, now));
  }
  return changes;
}

function settle(state: AlertingState, alert: Alert, known: Muting | undefined, now: number): Change[] {
  const { fingerprint, episode, labels } = alert;
  const before = known?.episode === episode ? known : { silencedBy: [], inhibitedBy: [] };
  const silencedBy = state.silencedBy(labels, now);
  const inhibitedBy = state.inhibitedBy(labels);
  const changes: Change[] = [
    ...tell(alert, "silenced", [before.silencedBy, silencedBy], now),
    ...tell(alert, "inhibited", [before.inhibitedBy, inhibitedBy], now),
  ];
  if (silencedBy.length === 0 && inhibitedBy.length === 0) {
    if (known !== undefined) changes.push({ kind: "muting-removed", fingerprint });
    return changes;
  }
  const isKnown =
    known?.episode === episode &&
    known.silencedBy.join() === silencedBy.join() &&
    known.inhibitedBy.join() === inhibitedBy.join();
  if (!isKnown) changes.push({ kind: "muting", muting: { fingerprint, episode, silencedBy, inhibitedBy } });
  return changes;
}

function tell(
  { labels, fingerprint, episode }: Alert,
  muted: "silenced" | "inhibited",
  [before, after]: readonly [readonly string[], readonly string[]],
  now: number,
): Change[] {
  const isMuted = after.length > 0;
  if (before.length > 0 === isMuted) return [];
  const what = isMuted ? muted : `un${muted}`;
  const detail = (isMuted ? after : before).join(", ");
  const line = { at: now, kind: "transition", what, labels, fingerprint, episode, detail } as const;
  return [{ kind: "history", entry: entry(line) }];
}

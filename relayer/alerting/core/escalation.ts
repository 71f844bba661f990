import type { Escalating } from "./grouping.ts";
import type { Escalation, EscalationLevel } from "./routing-types.ts";

/** When an episode's level is told; undefined: never again. In Unix milliseconds of the engine's clock. */
export function dueAt(
  { since, told }: Escalating,
  index: number,
  level: EscalationLevel,
): number | undefined {
  const last = told[index] ?? 0;
  if (last === 0) return since + level.after;
  return level.every === undefined ? undefined : last + level.every;
}

/** The indices (0 is L1) of the levels that are due now, each once however long it has been overdue. */
export function dueLevels(state: Escalating, { levels }: Escalation, now: number): readonly number[] {
  return levels.flatMap((level, index) => {
    const due = dueAt(state, index, level);
    return due !== undefined && due <= now ? [index] : [];
  });
}

/** The state once levels were told. */
export function afterTelling(state: Escalating, indices: readonly number[], now: number): Escalating {
  const length = Math.max(state.told.length, ...indices.map((index) => index + 1));
  const told = Array.from({ length }, (_, index) =>
    indices.includes(index) ? now : (state.told[index] ?? 0),
  );
  return { ...state, told };
}

/** When the next level of an episode is due; Infinity when none is to come. */
export function nextDue(state: Escalating, { levels }: Escalation): number {
  return Math.min(...levels.map((level, index) => dueAt(state, index, level) ?? Infinity), Infinity);
}

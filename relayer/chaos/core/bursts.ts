import type { Step } from "./experiment.ts";

/** When a step is meant to last. */
type Lasting = Pick<Step, "startMilliseconds" | "durationMilliseconds">;

/** Steps of a method, by their places, that overlap, if only by way of others; and when they are all over, from the method's beginning. */
export type Burst = { readonly places: readonly number[]; readonly endMilliseconds: number };

/** The bursts of a method, in the order of their beginnings: between one and the next nothing lasts. */
export function burstsOf(method: readonly Lasting[]): readonly Burst[] {
  const inOrder = [...method.entries()].toSorted(([, a], [, b]) => a.startMilliseconds - b.startMilliseconds);
  const bursts: Burst[] = [];
  for (const [place, { startMilliseconds, durationMilliseconds }] of inOrder) {
    const last = bursts.at(-1);
    const end = startMilliseconds + durationMilliseconds;
    if (last === undefined || startMilliseconds >= last.endMilliseconds)
      bursts.push({ places: [place], endMilliseconds: end });
    else
      bursts[bursts.length - 1] = {
        places: [...last.places, place],
        endMilliseconds: Math.max(last.endMilliseconds, end),
      };
  }
  return bursts;
}

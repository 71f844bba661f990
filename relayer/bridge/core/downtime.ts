import type { PublicKey } from "../../domain/ids.ts";
import { DOWNTIME_WINDOW } from "./slashing.ts";

/** A validator that did not sign more than half of the points that its set attested to. */
export type Absentee = {
  readonly key: PublicKey;
  /** Its place in the set. */
  readonly index: number;
  readonly missed: number;
};

/**
 * At how many of the points each member is missing, in the order of the set.
 * @param signed who signed each point
 */
export function absences(
  members: readonly PublicKey[],
  signed: readonly ReadonlySet<PublicKey>[],
): readonly Absentee[] {
  return members.map((key, index) => ({
    key,
    index,
    missed: signed.filter((signers) => !signers.has(key)).length,
  }));
}

/** Whether it is missing in so many of {@link DOWNTIME_WINDOW} points that the contract punishes it. */
export function isDown({ missed }: Pick<Absentee, "missed">): boolean {
  return 2 * missed > DOWNTIME_WINDOW;
}

/** A point in the log on the home chain: who signed, by bits, and until when that can be completed (Unix seconds). */
export type RecordedPoint = { readonly signers: bigint; readonly graceUntil: bigint };

/**
 * What comes next on the way to a claim of downtime. `record`: so many more points at which the validator is missing make a window. `wait`:
 * for the grace of the points in one that is there. `claim`: the window that begins at the point `from`.
 */
export type DowntimeMove =
  | { readonly kind: "record"; readonly count: number }
  | { readonly kind: "wait" }
  | { readonly kind: "claim"; readonly from: number };

/**
 * The way to a claim with the fewest new points. A claim is about consecutive points, and others record, too; so the new ones come
 * behind what is there.
 * @param points the log's last points that were not claimed of this validator yet, in order
 * @param first the index of the first of them
 * @param index the validator's place in the set
 * @param now Unix seconds
 */
export function nextMove(
  { points, first }: { readonly points: readonly RecordedPoint[]; readonly first: number },
  index: number,
  now: bigint,
): DowntimeMove {
  const before = [0];
  for (const { signers } of points)
    before.push((before.at(-1) ?? 0) + ((signers >> BigInt(index)) & 1n ? 0 : 1));
  const missedIn = (from: number, to: number) => (before[to] ?? 0) - (before[from] ?? 0);

  let isWaiting = false;
  for (let from = 0; from + DOWNTIME_WINDOW <= points.length; from++) {
    const end = from + DOWNTIME_WINDOW;
    if (!isDown({ missed: missedIn(from, end) })) continue;
    if (points.slice(from, end).every(({ graceUntil }) => graceUntil <= now))
      return { kind: "claim", from: first + from };
    isWaiting = true;
  }
  if (isWaiting) return { kind: "wait" };

  const longest = Math.min(points.length, DOWNTIME_WINDOW - 1);
  for (let kept = longest; ; kept--) {
    const count = DOWNTIME_WINDOW - kept;
    if (isDown({ missed: count + missedIn(points.length - kept, points.length) }))
      return { kind: "record", count };
  }
}

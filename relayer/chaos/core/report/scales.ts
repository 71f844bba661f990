/** From a value to a place, in a straight line. */
export type Scale = (value: number) => number;

/** A scale from one range to another; a range of no length is all at its beginning. */
export function linear(
  [from, to]: readonly [number, number],
  [start, end]: readonly [number, number],
): Scale {
  return (value) => (to === from ? start : start + ((value - from) / (to - from)) * (end - start));
}

/** The steps between marks of a time axis, in milliseconds. */
const TIME_STEPS = [
  100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000,
  3_600_000,
];

/** Moments to mark on a time axis from 0 to `length` milliseconds, at most so many. */
export function timeMarks(length: number, most: number): readonly number[] {
  const step = TIME_STEPS.find((each) => length / each <= most) ?? Math.ceil(length / most);
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, i) => i * step);
}

/** Values to mark on an axis from 0 on, in steps of 1, 2 or 5 times a power of ten; the last is at least `most`. */
export function valueMarks(most: number): readonly number[] {
  if (most <= 0) return [0, 1];
  const power = 10 ** Math.floor(Math.log10(most / 3));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => most / each <= 3) ?? 10 * power;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => Number((i * step).toPrecision(6)));
}

/** A moment on a time axis, from its beginning: "0", "0.5 s", "45 s", "1:30", "10:00". */
export function clock(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  if (seconds === 0) return "0";
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`;
  return `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, "0")}`;
}

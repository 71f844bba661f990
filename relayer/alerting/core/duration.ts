const UNITS = [
  ["y", 365 * 24 * 3_600_000],
  ["w", 7 * 24 * 3_600_000],
  ["d", 24 * 3_600_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
] as const;

/** Each unit at most once, the longest first. */
const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** The longest duration that Go can hold: 2^63 - 1 nanoseconds. */
const MOST_MILLISECONDS = 9_223_372_036_854;

/**
 * A duration in Prometheus's notation: `5m`, `1h30m`, `0`.
 * @returns milliseconds; undefined when the text is no duration, or a longer one than Prometheus takes (292 years)
 */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  const match = DURATION.exec(text);
  if (match === null || text === "") return undefined;
  const total = UNITS.reduce((sum, [, unit], index) => sum + Number(match[index + 1] ?? 0) * unit, 0);
  return total <= MOST_MILLISECONDS ? total : undefined;
}

/** The shortest text that {@link parseDuration} reads as this many milliseconds. */
export function printDuration(milliseconds: number): string {
  let rest = milliseconds;
  let text = "";
  for (const [unit, size] of UNITS) {
    // Prometheus, too, writes years and weeks only where nothing else is left.
    if ((unit === "y" || unit === "w") && rest % size !== 0) continue;
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text === "" ? "0s" : text;
}

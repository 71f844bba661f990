/** How long to wait between attempts, in milliseconds: doubling from the first wait up to the longest. */
export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * The wait before an attempt.
 *
 * @param failures attempts that have failed in a row, 1 or more
 * @returns milliseconds
 */
export function waitAfter(failures: number, { firstMs, longestMs }: Backoff): number {
  return Math.min(longestMs, firstMs * 2 ** (failures - 1));
}

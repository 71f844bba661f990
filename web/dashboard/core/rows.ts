/** Long lists: what of them is shown, so that a thousand rows are as quick as ten. */

export const PAGE_ROWS = 50;

/** A part of a list. */
export type Page<T> = {
  readonly rows: readonly T[];
  /** From 0. */
  readonly page: number;
  readonly pages: number;
  readonly total: number;
  /** Such as `51–100 of 1,000`. */
  readonly words: string;
};

const numbers = new Intl.NumberFormat(undefined);

/** One page of rows; the nearest that there is, where rows have gone. */
export function pageOf<T>(rows: readonly T[], page: number, size = PAGE_ROWS): Page<T> {
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const at = Math.min(Math.max(0, page), pages - 1);
  const [from, to] = [at * size, Math.min(rows.length, (at + 1) * size)];
  const [first, last, all] = [from + 1, to, rows.length].map((count) => numbers.format(count));
  return {
    rows: rows.slice(from, to),
    page: at,
    pages,
    total: rows.length,
    words: rows.length === 0 ? "None" : `${first}–${last} of ${all}`,
  };
}

/** The rows in whose text every word of a search is. */
export function search<T>(rows: readonly T[], words: string, textOf: (row: T) => string): readonly T[] {
  const wanted = words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (wanted.length === 0) return rows;
  return rows.filter((row) => {
    const text = textOf(row).toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

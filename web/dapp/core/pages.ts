/** Lists that come in pages: as much of them as is wanted, and how often to look at so much again. */

/** The most rows that the API gives at once. */
const MOST_AT_ONCE = 200;
/** The most rows that a view shows; whoever has more opens the older ones by their ids. */
export const MOST_ROWS = 1_000;

export type ListPage<Row, Index> = {
  readonly rows: readonly Row[];
  /** Where the next page begins; null on the last one. */
  readonly next: string | null;
  readonly index: Index;
};

/** As many rows as are wanted, from as many pages as that takes. `next` is what lies behind them. */
export async function readPages<Row, Index>(
  read: (query: { readonly limit: string; readonly after?: string }) => Promise<ListPage<Row, Index>>,
  count: number,
): Promise<ListPage<Row, Index>> {
  let found = await read({ limit: String(Math.min(MOST_AT_ONCE, count)) });
  while (found.next !== null && found.rows.length < count) {
    const limit = String(Math.min(MOST_AT_ONCE, count - found.rows.length));
    const { rows, next, index } = await read({ limit, after: found.next });
    found = { rows: [...found.rows, ...rows], next, index };
  }
  return found;
}

/** How many rows somebody wants who has seen `count`: a page full more. */
export function moreThan(count: number): number {
  return Math.min(MOST_ROWS, (Math.floor(count / MOST_AT_ONCE) + 1) * MOST_AT_ONCE);
}

/** How long to wait before so many rows are read again: longer the more pages they are. In milliseconds. */
export function restOf(count: number, milliseconds: number): number {
  return milliseconds * Math.ceil(count / MOST_AT_ONCE);
}

import type { BlockId } from "../../domain/bridge.ts";
import type { CursorStore, Origin } from "../ports.ts";

/**
 * How a cursor stands to the chain. `canonical`: its block is there. `behind`: the node shows less of the chain than was read, but
 * nothing else; it will catch up. `orphaned`: its block is gone; `ancestor` is the newest block remembered that is still there, and
 * `oldest` the number of the oldest that is not.
 */
export type Standing =
  | { readonly kind: "canonical" | "behind" }
  | { readonly kind: "orphaned"; readonly ancestor: BlockId | undefined; readonly oldest: number };

/** Finds out how a watcher's cursor stands to the chain. */
export async function findStanding(
  origin: Origin,
  cursors: CursorStore,
  name: string,
  { cursor, final }: { readonly cursor: BlockId; readonly final: number },
): Promise<Standing> {
  const isThere = async ({ number, hash }: BlockId) => (await origin.block(number))?.hash === hash;
  const now = await origin.block(cursor.number);
  if (now?.hash === cursor.hash) return { kind: "canonical" };
  if (now === undefined && cursor.number <= final) return { kind: "behind" }; // the node contradicts itself
  const recent = await cursors.recent(name);
  // A node that lags and a chain that lost its end look the same, as long as what is shown is what was read.
  const shown = now === undefined ? recent.find(({ number }) => number <= final) : undefined;
  if (shown !== undefined && (await isThere(shown))) return { kind: "behind" };

  // Where one block is there, all before it are: the newest such is found by halves.
  let [low, high] = [0, recent.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const block = recent[middle];
    if (block !== undefined && (await isThere(block))) high = middle;
    else low = middle + 1;
  }
  const oldest = recent[low - 1] ?? cursor;
  return { kind: "orphaned", ancestor: recent[low], oldest: oldest.number };
}

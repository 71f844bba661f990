import type { Player } from "../ports.ts";

/** Plays nothing: what is said is heard on pages and kept in the archive. */
export const silentPlayer: Player = {
  prepare: () => undefined,
  play: () => ({ write: () => undefined, end: () => undefined, stop: () => undefined }),
  close: () => undefined,
};

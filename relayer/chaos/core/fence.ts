import type { Target } from "./target.ts";

/**
 * That a run has some targets, by a fencing token (Kleppmann, "How to do distributed locking", 2016): tokens only grow, and what does faults
 * refuses all but the newest, so that whoever was stopped and goes on later does nothing more.
 */
export type Fence = { readonly run: string; readonly token: number };

/** Which processes a run must have to do faults to these targets: a link's fault is its client's. */
export function fencedNames(targets: readonly Target[]): readonly string[] {
  const names = targets.map((target) => (target.kind === "link" ? target.client : target.name));
  return [...new Set(names)].toSorted();
}

import type { Point } from "../../domain/bridge.ts";

/**
 * The points to attest to among the advances of lanes found in some blocks: for each lane and block the one with the highest
 * nonce, in the order of their blocks.
 */
export function attestationPoints(advances: readonly Point[]): readonly Point[] {
  const last = new Map<string, Point>();
  for (const advance of advances) {
    const key = `${advance.lane}/${advance.position.blockNumber}`;
    const known = last.get(key);
    if (known === undefined || known.nonce < advance.nonce) last.set(key, advance);
  }
  return [...last.values()].sort((a, b) => a.position.blockNumber - b.position.blockNumber);
}

import type { Point } from "../../domain/bridge.ts";

/**
 * How many messages one attestation covers at most, where blocks hold fewer: below the size of a batch, so that a delivery finds a
 * point to end at, and far above one, so that a lane's load does not become load of every validator.
 */
const POINT_SPACING = 100n;

/**
 * The points to attest to among the advances of lanes found in some blocks: for each lane and block the one with the highest
 * nonce, in the order of their blocks. An attestation stands for everything before it, so of many blocks of a lane only some are
 * taken: the last one always, and before that as few as leave no more than {@link POINT_SPACING} messages between two.
 */
export function attestationPoints(advances: readonly Point[]): readonly Point[] {
  const last = new Map<string, Point>();
  for (const advance of advances) {
    const key = `${advance.lane}/${advance.position.blockNumber}`;
    const known = last.get(key);
    if (known === undefined || known.nonce < advance.nonce) last.set(key, advance);
  }
  const ends = [...last.values()].sort((a, b) => a.position.blockNumber - b.position.blockNumber);
  const first = new Map<string, bigint>();
  for (const { lane, nonce } of advances) if (nonce < (first.get(lane) ?? nonce + 1n)) first.set(lane, nonce);
  const lanes = [...first].map(([lane, nonce]) =>
    thinOut(
      ends.filter((point) => point.lane === lane),
      nonce - 1n,
    ),
  );
  const kept = new Set(lanes.flat());
  return ends.filter((point) => kept.has(point));
}

/** Of the block ends of one lane those that are needed. `covered` is the nonce before the first message. */
function thinOut(ends: readonly Point[], covered: bigint): readonly Point[] {
  let last = covered;
  return ends.filter(({ nonce }, i) => {
    const next = ends[i + 1];
    if (next !== undefined && next.nonce - last <= POINT_SPACING) return false;
    last = nonce;
    return true;
  });
}

import { type FleetFacts, valueOf } from "./facts.ts";
import type { Measured } from "./history.ts";

/**
 * What one look tells of the time since the one before: messages accepted a second (`delivered`), gas per message of the deliveries to each
 * chain (`gas:CHAIN`), and for how long the oldest message has waited in seconds (`lag`).
 */
export function measure(before: FleetFacts | undefined, now: FleetFacts): Measured {
  return {
    at: now.at,
    values: { delivered: deliveredBetween(before, now), ...gasBetween(before, now), lag: lagOf(now) },
  };
}

function deliveredBetween(before: FleetFacts | undefined, now: FleetFacts): number | null {
  const [first, last] = [before && acceptedBy(before), acceptedBy(now)];
  if (before === undefined || first === undefined || last === undefined || now.at <= before.at) return null;
  // A chain that was reorganised may have taken some back.
  return last < first ? null : Number(last - first) / ((now.at - before.at) / 1_000);
}

function acceptedBy({ status }: FleetFacts): bigint | undefined {
  return valueOf(status)?.lanes.reduce((sum, { accepted }) => sum + accepted, 0n);
}

/** Counters begin anew with their process; from then on they count from nothing. */
function gasBetween(before: FleetFacts | undefined, now: FleetFacts): Record<string, number | null> {
  const known = before && valueOf(before.metrics)?.gas;
  const gas = valueOf(now.metrics)?.gas ?? new Map<string, { sum: number; count: number }>();
  return Object.fromEntries(
    [...gas].map(([chain, { sum, count }]) => {
      const first = known?.get(chain);
      const deliveries = count - (first?.count ?? count);
      return [`gas:${chain}`, first !== undefined && deliveries > 0 ? (sum - first.sum) / deliveries : null];
    }),
  );
}

function lagOf({ status, edges, at }: FleetFacts): number | null {
  const [lanes, known] = [valueOf(status)?.lanes, valueOf(edges)];
  if (lanes === undefined || known === undefined) return null;
  const waits = lanes
    .filter(({ sent, accepted }) => sent > accepted)
    .flatMap(({ id }) => known.get(id)?.waiting?.sentAt ?? []);
  return Math.max(0, ...waits.map((sentAt) => at / 1_000 - sentAt));
}

import { type FleetFacts, valueOf } from "./facts.ts";
import type { Measured } from "./history.ts";

type Total = { readonly sum: number; readonly count: number };
const NONE: Total = { sum: 0, count: 0 };

/**
 * Tells of the time between two looks: messages accepted a second (`delivered`), gas per message of the deliveries to each chain
 * (`gas:CHAIN`), and for how long the oldest message has waited in seconds (`lag`).
 */
export class Meter {
  #before: FleetFacts | undefined;
  /** The last totals of each chain; undefined before the first. */
  #gas: Map<string, Total> | undefined;

  /** When it was asked the last time, Unix milliseconds. */
  get askedAt(): number {
    return this.#before?.at ?? -Infinity;
  }

  measure(now: FleetFacts): Measured {
    const delivered = deliveredBetween(this.#before, now);
    this.#before = now;
    return { at: now.at, values: { delivered, ...this.#gasSince(now), lag: lagOf(now) } };
  }

  #gasSince({ metrics }: FleetFacts): Record<string, number | null> {
    const told = valueOf(metrics)?.gas;
    if (told === undefined) return {};
    const isFirst = this.#gas === undefined;
    const totals = this.#gas ?? new Map<string, Total>();
    this.#gas = totals;
    return Object.fromEntries(
      [...told].map(([chain, total]) => {
        const known = totals.get(chain) ?? (isFirst ? total : NONE);
        totals.set(chain, total);
        // A process that was started again counts from nothing.
        const before = total.count < known.count ? NONE : known;
        const messages = total.count - before.count;
        return [`gas:${chain}`, messages > 0 ? (total.sum - before.sum) / messages : null];
      }),
    );
  }
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

function lagOf({ status, edges, at }: FleetFacts): number | null {
  const [lanes, known] = [valueOf(status)?.lanes, valueOf(edges)];
  if (lanes === undefined || known === undefined) return null;
  const waits = lanes
    .filter(({ sent, accepted }) => sent > accepted)
    .flatMap(({ id }) => known.get(id)?.waiting?.sentAt ?? []);
  return Math.max(0, ...waits.map((sentAt) => at / 1_000 - sentAt));
}

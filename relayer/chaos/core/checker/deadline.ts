import { laneFrom } from "../../../domain/message.ts";
import type { Evidence, Expectations, Outcome } from "./evidence.ts";
import { Places, type Violation } from "./violation.ts";

/** Blocks tell their time in whole seconds. */
const CLOCK_GRAIN = 1_000;

/** Every message is executed within T of its deposit, or of healing where that came later. */
export function executedInTime(
  evidence: Evidence,
  { checkedAt, healedAt, executedWithin }: Expectations,
): readonly Violation[] {
  const places = new Places(evidence);
  const known = new Set(evidence.chains.map(({ chainId }) => chainId));
  const outcomes = new Map(evidence.chains.map((chain) => [chain.chainId, bestOutcomes(chain.outcomes)]));
  return evidence.chains.flatMap(({ chainId, outbox, deposits }) =>
    deposits
      .filter(({ destinationChainId }) => known.has(destinationChainId))
      .flatMap(({ destinationChainId, id, nonce, place }): readonly Violation[] => {
        const due = Math.max(place.time * 1_000, healedAt) + executedWithin;
        const outcome = outcomes.get(destinationChainId)?.get(id);
        const isExecuted = outcome?.kind === "executed";
        const late = isExecuted ? outcome.place.time * 1_000 - CLOCK_GRAIN - due : checkedAt - due;
        if (late < 0 || (isExecuted && late === 0)) return [];
        const lane = laneFrom(chainId, outbox, destinationChainId).id;
        const what = `Message ${id} (nonce ${nonce} of lane ${lane}), sent at ${places.at(place)}, was due on ${places.chain(destinationChainId)} at ${new Date(due).toISOString()}`;
        return [{ rule: "executed-in-time", text: `${what} and ${became(outcome, late, places)}.` }];
      }),
  );
}

function became(outcome: Outcome | undefined, late: number, places: Places): string {
  if (outcome === undefined) return "is not there";
  if (outcome.kind === "failed") return `was refused by its recipient at ${places.at(outcome.place)}`;
  return `was executed ${Math.ceil(late / 1_000)} s later, at ${places.at(outcome.place)}`;
}

/** Of each message whether it was executed, and else whether it failed. */
function bestOutcomes(outcomes: readonly Outcome[]): ReadonlyMap<string, Outcome> {
  const best = new Map<string, Outcome>();
  for (const outcome of outcomes)
    if (best.get(outcome.id)?.kind !== "executed") best.set(outcome.id, outcome);
  return best;
}

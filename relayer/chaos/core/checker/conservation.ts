import type { Hash } from "../../../domain/ids.ts";
import type { Evidence, Movement, TokenEvidence, TokenSideEvidence } from "./evidence.ts";
import { Places, type Violation } from "./violation.ts";

/** What was taken on one side, in shared units, and what became of it. */
type Transfer = { readonly shared: bigint; readonly movement: Movement };

/**
 * Of every token as much is locked as is minted and on its way, in shared units. What is on its way is what the bridges logged as sent and
 * not yet as paid or sent back; what governance struck out stays locked, and on its way, for ever. What was paid without having been sent
 * counts as minted alone, so it shows.
 */
export function conserved(evidence: Evidence): readonly Violation[] {
  const places = new Places(evidence);
  const heads = new Map(evidence.chains.map(({ chainId, head }) => [chainId, head]));
  return evidence.tokens.flatMap((token) =>
    [...unpaired(token, places), ...unbalanced(token, heads), ...insolvent(token, places)].map(
      (text): Violation => ({ rule: "conservation", text }),
    ),
  );
}

function unbalanced(token: TokenEvidence, heads: ReadonlyMap<number, number>): readonly string[] {
  const sent = movements(token, "sent");
  const isBefore = ({ movement: { place } }: Transfer) =>
    place.blockNumber <= (heads.get(place.chainId) ?? -1);
  const total = (transfers: Iterable<Transfer>) =>
    [...transfers].filter(isBefore).reduce((sum, { shared }) => sum + shared, 0n);
  const settled = [...movements(token, "settled")].filter(([id]) => sent.has(id)).map(([, each]) => each);
  const inFlight = total(sent.values()) - total(settled);
  let [locked, minted] = [0n, 0n];
  for (const { state, scale } of token.sides)
    if (state.mode === "lock") locked += state.locked;
    else minted += state.supply / scale;
  if (locked === minted + inFlight) return [];
  const blocks = token.sides.map(({ chainId }) => `block ${heads.get(chainId) ?? "?"} of chain ${chainId}`);
  return [
    `Of ${token.symbol} ${locked} shared units are locked, but ${minted} are minted and ${inFlight} on their way, which are ${minted + inFlight} (at ${blocks.join(" and ")}).`,
  ];
}

/** What was paid is what was sent. That something was never sent, the balance says. */
function unpaired(token: TokenEvidence, places: Places): readonly string[] {
  const sent = movements(token, "sent");
  return [...movements(token, "settled")].flatMap(([id, { shared, movement }]) => {
    const before = sent.get(id);
    if (before === undefined || before.shared === shared) return [];
    return [
      `Transfer ${id} of ${token.symbol} was sent with ${before.shared} shared units at ${places.at(before.movement.place)}, and paid with ${shared} at ${places.at(movement.place)}.`,
    ];
  });
}

function insolvent({ symbol, sides }: TokenEvidence, places: Places): readonly string[] {
  return sides.flatMap(({ chainId, bridge, scale, state }) => {
    if (state.mode !== "lock" || state.balance >= state.locked * scale) return [];
    return [
      `The bridge ${bridge} on ${places.chain(chainId)} counts ${state.locked} shared units of ${symbol} as locked, which are ${state.locked * scale} units, but has ${state.balance}.`,
    ];
  });
}

/** Each transfer once: a message that is executed twice brings what was sent once. */
function movements({ sides }: TokenEvidence, kind: "sent" | "settled"): ReadonlyMap<Hash, Transfer> {
  const list = (side: TokenSideEvidence) =>
    side[kind].map((movement) => [movement.id, { shared: movement.amount / side.scale, movement }] as const);
  return new Map(sides.flatMap(list).toReversed());
}

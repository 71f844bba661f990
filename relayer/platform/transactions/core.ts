/**
 * What becomes of one nonce of one key: the rules alone, without a chain, a clock or a disk.
 *
 * ```
 * reserved → broadcast → included → final
 *                ↑___________|  (a reorg drops the block)
 *     any of them → abandoned   (somebody else's transaction took the nonce, and that is final)
 * ```
 *
 * Each nonce has one or more signed transactions (attempts): the first, those that pay more, and perhaps one that only fills the
 * nonce. At most one of them can be in the chain; once that is final, the others are replaced for good.
 */

/** Where a nonce stands. `final` and `abandoned` are ends. */
export type SlotState = "reserved" | "broadcast" | "included" | "final" | "abandoned";

/** What a transaction pays at most for a unit of gas, in wei. */
export type Fees = { readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint };

/** One signed transaction of a nonce. `filler`: an empty transfer to oneself, in place of a call that would fail now. */
export type Attempt = { readonly hash: string; readonly purpose: "call" | "filler" } & Fees;

/** A nonce with its attempts, oldest first. */
export type Slot<A extends Attempt = Attempt> = {
  readonly nonce: number;
  readonly state: SlotState;
  readonly attempts: readonly [A, ...A[]];
  /** The attempt that a block holds or held last. */
  readonly winner?: string;
};

/** What the chain shows of a nonce. Read in this order: the nonce, the receipts, the final block. */
export type View = {
  /** The first nonce that no block holds. */
  readonly nextNonce: number;
  /** The same in the final block; asked only where another's transaction has taken the nonce. */
  readonly finalNextNonce: number | undefined;
  /** The attempt that a block holds, and which block. */
  readonly included: { readonly hash: string; readonly blockNumber: number } | undefined;
  readonly finalBlock: number;
  /** Whether the node knows the newest attempt, in a block or in its pool. */
  readonly isKnown: boolean;
  /** Whether the call would still succeed; undefined where that was not asked, because nothing hangs on it. */
  readonly callWorks: boolean | undefined;
  /** Whether the newest attempt has waited for a block for as long as it may. */
  readonly isOverdue: boolean;
};

/** What to do next about a nonce. */
export type Step =
  /** Note where it stands now; there is nothing else to do. */
  | {
      readonly kind: "settle";
      readonly state: "included" | "final" | "abandoned";
      readonly winner?: string;
    }
  /** Broadcast the newest attempt, as it is. */
  | { readonly kind: "broadcast" }
  /** Sign, record and broadcast the same again with higher fees. */
  | { readonly kind: "replace" }
  /** Sign, record and broadcast an empty transfer in its place. */
  | { readonly kind: "fill" }
  /** Another's transaction holds the nonce in a block that may still vanish: look again later. */
  | { readonly kind: "taken" }
  /** It lies in the pool: look again soon. */
  | { readonly kind: "wait" };

/** The newest attempt of a nonce. */
export function newest<A extends Attempt>({ attempts }: Slot<A>): A {
  return attempts.at(-1) ?? attempts[0];
}

/** Decides what to do next about a nonce. */
export function nextStep(slot: Slot, view: View): Step {
  if (view.included !== undefined) {
    const isFinal = view.included.blockNumber <= view.finalBlock;
    return { kind: "settle", state: isFinal ? "final" : "included", winner: view.included.hash };
  }
  if (view.nextNonce > slot.nonce) {
    const isFinal = view.finalNextNonce !== undefined && view.finalNextNonce > slot.nonce;
    return isFinal ? { kind: "settle", state: "abandoned" } : { kind: "taken" };
  }
  // No block holds the nonce: never yet, or no longer since a reorg, even one that went deeper than what was held to be final.
  if (!view.isKnown || slot.state === "reserved") {
    if (view.callWorks === false && newest(slot).purpose === "call") return { kind: "fill" };
    return { kind: view.isOverdue ? "replace" : "broadcast" };
  }
  return { kind: view.isOverdue ? "replace" : "wait" };
}

/** The slot after a step was noted. */
export function settled<A extends Attempt>(slot: Slot<A>, step: Step & { readonly kind: "settle" }): Slot<A> {
  const winner = step.winner ?? slot.winner;
  return { ...slot, state: step.state, ...(winner === undefined ? {} : { winner }) };
}

/** The slot with one more attempt, which was not broadcast yet. */
export function withAttempt<A extends Attempt>(slot: Slot<A>, attempt: A): Slot<A> {
  return { ...slot, state: "reserved", attempts: [...slot.attempts, attempt] };
}

/**
 * The nonce for a new call. Only asked when every recorded nonce is settled, so there is no gap below it.
 * @param nextNonce the first nonce that no block holds
 * @param slots every recorded nonce that counts: an abandoned one is another's and in `nextNonce` already
 */
export function freeNonce(nextNonce: number, slots: readonly Slot[]): number {
  return Math.max(nextNonce, ...slots.filter(isInChain).map(({ nonce }) => nonce + 1));
}

/**
 * The nonces that have to be looked at, in their order: those that are not at an end, and those that should be and that the chain
 * does not hold (its node lags, or a reorg went deeper than what was held to be final).
 */
export function unsettled<S extends Slot>(slots: readonly S[], nextNonce: number): readonly S[] {
  return slots
    .filter((slot) => !isOver(slot) || slot.nonce >= nextNonce)
    .toSorted((a, b) => a.nonce - b.nonce);
}

const isInChain = ({ state }: Slot) => state === "included" || state === "final";

/** Whether nothing more is expected of a nonce. */
export function isOver({ state }: Slot): boolean {
  return state === "final" || state === "abandoned";
}

/**
 * Both fees raised by an eighth, or more where the market asks for more: every pool takes a tenth or an eighth (geth, Erigon,
 * Nethermind, Reth: 10%; Besu: 10%, and 12.5% in old releases).
 * @param most the dearest `maxFeePerGas` that may be paid
 * @returns undefined when that would pass `most`
 */
export function raised(fees: Fees, market: Fees, most: bigint): Fees | undefined {
  const raise = (fee: bigint, now: bigint) => max((fee * 9n + 7n) / 8n + 1n, now);
  const maxFeePerGas = raise(fees.maxFeePerGas, market.maxFeePerGas);
  const least = raise(fees.maxFeePerGas, 0n);
  if (least > most) return undefined;
  const capped = maxFeePerGas < most ? maxFeePerGas : most;
  const tip = raise(fees.maxPriorityFeePerGas, market.maxPriorityFeePerGas);
  const leastTip = raise(fees.maxPriorityFeePerGas, 0n);
  if (leastTip > capped) return undefined;
  return { maxFeePerGas: capped, maxPriorityFeePerGas: tip < capped ? tip : capped };
}

const max = (a: bigint, b: bigint) => (a > b ? a : b);

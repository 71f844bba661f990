import { applyEvent, type EscrowEvent } from "./rebuild.ts";
import { isOpen, NO_ESCROW } from "./machine.ts";
import type { Escrow, EscrowId, Terms } from "./types.ts";
import { dueAt } from "./windows.ts";

/** What an escrow's logs say: its creation with its terms, or a later event. `time` is the block's, in Unix seconds. */
export type EscrowLog =
  | {
      readonly id: EscrowId;
      readonly time: bigint;
      readonly event: { readonly name: "Created" };
      readonly terms: Terms;
    }
  | {
      readonly id: EscrowId;
      readonly time: bigint;
      readonly event: Exclude<EscrowEvent, { readonly name: "Created" }>;
      readonly terms?: undefined;
    };

/** One escrow as its logs tell it. */
export type KnownEscrow = { readonly id: EscrowId; readonly terms: Terms; readonly escrow: Escrow };

/** All escrows of one contract, rebuilt from its logs in their order. Closed ones are forgotten unless asked to keep them. */
export class EscrowLedger {
  readonly #escrows = new Map<EscrowId, KnownEscrow>();
  readonly #keepsClosed: boolean;

  constructor({ keepsClosed }: { readonly keepsClosed: boolean }) {
    this.#keepsClosed = keepsClosed;
  }

  /** Takes the next log. A log of an escrow whose creation was never seen is passed over. */
  apply(log: EscrowLog): void {
    const known =
      log.terms === undefined
        ? this.#escrows.get(log.id)
        : { id: log.id, terms: log.terms, escrow: NO_ESCROW };
    if (known === undefined) return;
    const escrow = applyEvent(known.terms, known.escrow, log.event, log.time);
    if (isOpen(escrow) || this.#keepsClosed) this.#escrows.set(log.id, { ...known, escrow });
    else this.#escrows.delete(log.id);
  }

  /** Every escrow that is known, oldest first. */
  all(): readonly KnownEscrow[] {
    return [...this.#escrows.values()];
  }

  /** One escrow by its id. */
  find(id: EscrowId): KnownEscrow | undefined {
    return this.#escrows.get(id);
  }

  /** The open escrows that anybody may expire at `now` (Unix seconds), the longest overdue first. */
  due(now: bigint): readonly KnownEscrow[] {
    const isDue = ({ terms, escrow }: KnownEscrow) => isOpen(escrow) && dueAt(terms, escrow) <= now;
    return this.all()
      .filter(isDue)
      .sort((a, b) => Number(dueAt(a.terms, a.escrow) - dueAt(b.terms, b.escrow)));
  }
}

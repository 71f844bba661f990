import type { EscrowLog, KnownEscrow } from "./core/ledger.ts";
import type { Escrow, EscrowId, Hex } from "./core/types.ts";

/** A block's number, hash and time (Unix seconds). */
export type BlockTime = { readonly number: number; readonly hash: string; readonly time: bigint };

/** One chain's escrow contract, read. */
export interface EscrowReader {
  /** The chain's newest block, and the number of the newest one that is final by the chain's rule; -1 before there is one. */
  heights(): Promise<{ readonly newest: BlockTime; readonly final: number }>;
  /** Every log of escrows in the blocks `from` to `to`, both included, in order. */
  logs(from: number, to: number): Promise<readonly EscrowLog[]>;
  /** Where an escrow stands in the newest block. */
  escrow(id: EscrowId): Promise<Escrow>;
  /** What an account may claim in a token, in its smallest unit. */
  claimable(token: Hex, account: Hex): Promise<bigint>;
}

/** A tip that was earned, in the token's smallest unit; the zero address is the native currency. */
export type Tip = { readonly token: Hex; readonly amount: bigint };

/** What a batch did. `spent` is in wei, whether or not anything expired. */
export type Expiration = {
  readonly transactionHash: string;
  readonly expired: readonly EscrowId[];
  readonly skipped: readonly EscrowId[];
  readonly tips: readonly Tip[];
  readonly spent: bigint;
};

/** Puts time-outs on the chain. */
export interface Expirer {
  /** What a unit of gas costs now, in wei. */
  gasPrice(): Promise<bigint>;
  /**
   * Sends one batch and waits until a block holds it.
   * @returns undefined when a simulation shows that nothing would expire; nothing was sent then
   */
  expire(batch: readonly KnownEscrow[], signal: AbortSignal): Promise<Expiration | undefined>;
}

import type { Wallet } from "ethers";
import PQueue from "p-queue";
import { RetryableError } from "../domain/errors.ts";
import type { Clock } from "./clock.ts";
import type { Logger } from "./log.ts";
import type { Rpc } from "./rpc.ts";
import { type Call, ChainAccess, type Receipt } from "./transactions/chain-access.ts";
import { freeNonce, isOver, newest, unsettled } from "./transactions/core.ts";
import type { RecordedSlot, TransactionJournal } from "./transactions/journal.ts";
import type { KeyOwner } from "./transactions/key-lock.ts";
import type { TransactionMetrics } from "./transactions/metrics.ts";
import { type Run, type SenderParts, SlotDriver } from "./transactions/slot-driver.ts";

export { TRANSACTION_GAS_CAP, type Call, type Receipt } from "./transactions/chain-access.ts";

/**
 * What became of a call. `included`: a block holds the transaction (it may have reverted there: see the receipt's status).
 * `reverted`: the simulation failed with these data, and nothing was sent. `too-big`: it needs more gas than one transaction may
 * have, and it was not done.
 */
export type Sent =
  | { readonly kind: "included"; readonly receipt: Receipt }
  | { readonly kind: "reverted"; readonly data: string | null }
  | { readonly kind: "too-big" };

/** How often a sender without anything under way looks after its key, in milliseconds. */
const IDLE_MILLISECONDS = 5_000;

/** How a sender sends. */
export type SenderOptions = {
  readonly rpc: Rpc;
  readonly wallet: Wallet;
  /** How long a transaction may wait for a block before it is replaced. */
  readonly replaceMilliseconds: number;
  /** The dearest `maxFeePerGas` that it pays, in wei; left out, any. */
  readonly mostGasPrice?: bigint | undefined;
};

/** What a sender works with. */
export type SenderServices = {
  readonly journal: TransactionJournal;
  readonly owner: KeyOwner;
  readonly metrics: TransactionMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
};

/**
 * Sends transactions from one key, one after the other: simulate, reserve the nonce, sign, record, broadcast, wait, and replace by
 * one that pays more when no block takes it.
 *
 * What is recorded will be sent, whatever happens to the process in between: before every new call, the nonces in the journal
 * that no block holds are driven on first. So a caller that reads the chain after {@link recover}, and asks only for what is
 * not done there, loses nothing and doubles nothing.
 */
export class TransactionSender {
  readonly address: string;
  readonly #parts: SenderParts;
  readonly #driver: SlotDriver;
  readonly #queue = new PQueue({ concurrency: 1 });
  /** When it was last looked after everything. */
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor({ rpc, wallet, replaceMilliseconds, mostGasPrice }: SenderOptions, services: SenderServices) {
    this.address = wallet.address;
    this.#parts = { ...services, wallet, chain: new ChainAccess(rpc, wallet.address, mostGasPrice) };
    this.#driver = new SlotDriver(this.#parts, replaceMilliseconds);
  }

  /**
   * Sends one call once the calls before it are through.
   * @throws RetryableError `NOT_OWNER`, `NONCE_TAKEN`, `NOT_DONE`, `UNDERPRICED`, `GAS_TOO_DEAR`, `INSUFFICIENT_FUNDS` or
   * `RPC`: read the chain again before another try
   */
  send(call: Call, signal: AbortSignal): Promise<Sent> {
    return this.#queue.add(async () => {
      const sent = await this.#send(call, signal);
      const outcome =
        sent.kind === "included" ? (sent.receipt.status === 1 ? "included" : "failed") : sent.kind;
      const words = { included: "included", failed: "failed", reverted: "refused", "too-big": "too_big" };
      this.#count(words[outcome]);
      return sent;
    });
  }

  /** Waits until a block holds every nonce that was ever recorded. */
  recover(signal: AbortSignal): Promise<void> {
    return this.#queue.add(async () => {
      await this.#settleAll(this.#run(signal, true));
    });
  }

  /**
   * Looks once after what is not final: broadcasts again what a reorg or a pool dropped, and notes what has become final. While everything is,
   * it looks less often: at the balance, and for what the chain should hold and does not.
   */
  tick(signal: AbortSignal): Promise<void> {
    return this.#queue.add(async () => {
      const { chain, metrics, journal, clock } = this.#parts;
      // A clock may be set back.
      const isFresh = Math.abs(clock.now() - this.#lookedAt) < IDLE_MILLISECONDS;
      if (isFresh && journal.slots().every(isOver)) return;
      this.#lookedAt = clock.now();
      const name = chain.chain.name;
      const [balance] = await Promise.all([chain.balance(), this.#settleAll(this.#run(signal, false))]);
      metrics.balance.set({ chain: name, address: this.address }, Number(balance));
      metrics.pending.set({ chain: name }, journal.slots().filter((slot) => !isOver(slot)).length);
    });
  }

  async #send(call: Call, signal: AbortSignal): Promise<Sent> {
    const { chain, journal } = this.#parts;
    const run = this.#run(signal, true);
    const nextNonce = await this.#settleMissing(run);
    const [gasLimit, fees] = await Promise.all([chain.simulate(call), chain.fees()]);
    if (typeof gasLimit !== "bigint") return gasLimit;

    const nonce = freeNonce(nextNonce, journal.slots());
    const reserved = await this.#driver.reserve(nonce, { ...call, gasLimit, ...fees }, run);
    return this.#outcome(await this.#driver.drive(reserved, run, true));
  }

  async #outcome(slot: RecordedSlot): Promise<Sent> {
    const { chain } = this.#parts;
    if (slot.winner === undefined)
      throw new RetryableError(
        "NONCE_TAKEN",
        `Chain ${chain.chain.name}: another transaction of ${this.address} took nonce ${slot.nonce}. The chain will be read again before anything else is sent.`,
      );
    const winner = slot.attempts.find(({ hash }) => hash === slot.winner) ?? newest(slot);
    const receipt = this.#driver.receiptOf(winner.hash) ?? (await chain.receipt(winner.hash));
    if (winner.purpose === "call" && receipt !== null) return { kind: "included", receipt };
    if (this.#driver.wasTooBig(slot)) return { kind: "too-big" };
    throw new RetryableError(
      "NOT_DONE",
      `Chain ${chain.chain.name}: a call of ${this.address} could no longer be done when its turn came, and an empty transaction took its nonce ${slot.nonce}. Nothing is lost but that fee; the chain will be read again.`,
    );
  }

  /**
   * Drives on what no block holds. Lowest nonce first: one that waits for a lower one cannot get into a block before that.
   * @returns the first nonce that no block holds
   */
  async #settleMissing(run: Run): Promise<number> {
    const { journal, chain } = this.#parts;
    const nextNonce = await chain.nextNonce();
    // Those that a block holds and that only have to become final can wait for the next tick.
    const missing = unsettled(journal.slots(), nextNonce).filter(
      ({ nonce, state }) => nonce >= nextNonce || state !== "included",
    );
    for (const slot of missing) await this.#driver.drive(slot, run);
    return missing.length === 0 ? nextNonce : chain.nextNonce();
  }

  async #settleAll(run: Run): Promise<void> {
    const { journal, chain } = this.#parts;
    const slots = journal.slots();
    if (slots.length === 0) return;
    for (const slot of unsettled(slots, await chain.nextNonce())) await this.#driver.drive(slot, run);
  }

  #run(signal: AbortSignal, wait: boolean): Run {
    return { token: this.#parts.owner.token(), signal, wait };
  }

  #count(outcome: string): void {
    this.#parts.metrics.transactions.inc({ chain: this.#parts.chain.chain.name, outcome });
  }
}

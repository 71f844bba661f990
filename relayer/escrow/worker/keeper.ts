import type { Logger } from "../../platform/log.ts";
import { planBatch } from "../core/batch.ts";
import { EscrowLedger, type KnownEscrow } from "../core/ledger.ts";
import { isOpen } from "../core/machine.ts";
import { Patience } from "../core/patience.ts";
import { dueAt } from "../core/windows.ts";
import type { KeeperMetrics } from "../metrics.ts";
import type { EscrowReader, Expiration, Expirer } from "../ports.ts";

/** How many blocks are read at once while catching up; below the limits of the common providers. */
const BLOCKS_AT_ONCE = 1_000;

/** How a keeper works. */
export type KeeperOptions = {
  /** The block from which the contract's logs are read. */
  readonly deploymentBlock: number;
  /** The most gas that one batch may take. */
  readonly mostGas: bigint;
  /** The dearest gas that it pays for, in wei; above it, it waits. */
  readonly mostGasPrice: bigint;
  /** The least tip, in basis points, for which it works. */
  readonly leastTip: bigint;
};

/** How soon a window has to end for an escrow to count as near its deadline. */
const NEAR_SECONDS = 3_600n;

/** What a keeper works with. */
export type KeeperServices = {
  readonly reader: EscrowReader;
  readonly expirer: Expirer;
  readonly metrics: KeeperMetrics;
  readonly logger: Logger;
};

/**
 * Expires escrows whose time is up. What it knows it has from the contract's logs, from the first block on, and holds in memory:
 * there is nothing that could be lost or be wrong after a restart. Only final blocks count; before it sends, each
 * candidate is looked up in the newest block, so that what somebody else settled meanwhile is left alone. It sends one batch
 * at a time, and the contract skips what is not due, so nothing is ever done twice.
 */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #services: KeeperServices;
  readonly #ledger = new EscrowLedger({ keepsClosed: false });
  readonly #patience = new Patience();
  #next: number;
  /** The newest block, when nothing was due in it. */
  #idleAt: string | undefined;

  constructor(options: KeeperOptions, services: KeeperServices) {
    this.#options = options;
    this.#services = services;
    this.#next = options.deploymentBlock;
  }

  /** Reads what is new, and expires what is due. */
  async tick(signal: AbortSignal): Promise<void> {
    const { reader, expirer, metrics, logger } = this.#services;
    const { newest, final } = await reader.heights();
    if (newest.hash === this.#idleAt) return;
    this.#idleAt = undefined;
    await this.#read(final, signal);
    const now = newest.time;
    const due = this.#ledger.due(now);
    metrics.open.set(this.#ledger.all().length);
    metrics.due.set(due.length);
    metrics.near.set(this.#ledger.due(now + NEAR_SECONDS).length - due.length);
    const wanted = due.filter(
      ({ id, terms }) => terms.rules.tip >= this.#options.leastTip && this.#patience.allows(id, now),
    );
    const batch = planBatch(await this.#stillDue(wanted, now), this.#options.mostGas);
    if (signal.aborted) return;
    if (batch.length === 0) {
      this.#idleAt = newest.hash;
      return;
    }

    const price = await expirer.gasPrice();
    if (price > this.#options.mostGasPrice) {
      metrics.postponed.inc();
      logger.info({ due: batch.length, price: price.toString() }, "gas is too dear; due escrows wait");
      return;
    }
    const done = await expirer.expire(batch, signal);
    if (done === undefined) this.#giveUpFor(batch, now);
    else this.#account(done, now);
  }

  async #read(final: number, signal: AbortSignal): Promise<void> {
    const { reader } = this.#services;
    while (this.#next <= final && !signal.aborted) {
      const to = Math.min(this.#next + BLOCKS_AT_ONCE - 1, final);
      for (const log of await reader.logs(this.#next, to)) this.#ledger.apply(log);
      this.#next = to + 1;
    }
  }

  /** Those that are open and due in the newest block as well. */
  async #stillDue(candidates: readonly KnownEscrow[], now: bigint): Promise<readonly KnownEscrow[]> {
    const { reader } = this.#services;
    const fresh = await Promise.all(
      planBatch(candidates, this.#options.mostGas).map(async (known) => ({
        ...known,
        escrow: await reader.escrow(known.id),
      })),
    );
    return fresh.filter(({ terms, escrow }) => isOpen(escrow) && dueAt(terms, escrow) <= now);
  }

  #giveUpFor(batch: readonly KnownEscrow[], now: bigint): void {
    for (const { id } of batch) this.#patience.failed(id, now);
    this.#services.metrics.skipped.inc(batch.length);
    this.#services.logger.warn(
      { escrows: batch.map(({ id }) => id) },
      "due escrows cannot be expired now; nothing was sent, and they wait",
    );
  }

  #account({ transactionHash, expired, skipped, tips, spent }: Expiration, now: bigint): void {
    const { metrics, logger } = this.#services;
    for (const id of expired) this.#patience.succeeded(id);
    for (const id of skipped) this.#patience.failed(id, now);
    metrics.batches.inc();
    metrics.expired.inc(expired.length);
    metrics.skipped.inc(skipped.length);
    metrics.spent.inc(Number(spent));
    for (const { token, amount } of tips) metrics.tips.inc({ token }, Number(amount));
    const earned = tips.map(({ token, amount }) => ({ token, amount: amount.toString() }));
    logger.info(
      { transactionHash, expired, skipped, spent: spent.toString(), earned },
      "batch of time-outs included",
    );
  }
}

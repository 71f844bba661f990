import { keccak256, type Wallet } from "ethers";
import { RetryableError } from "../../domain/errors.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import type { Call, ChainAccess, Receipt } from "./chain-access.ts";
import { type Fees, newest, nextStep, raised, settled, type Step, type View, withAttempt } from "./core.ts";
import type { RecordedAttempt, RecordedSlot, TransactionJournal } from "./journal.ts";
import { type KeyOwner, requireToken } from "./key-lock.ts";
import type { TransactionMetrics } from "./metrics.ts";

/** How many times one nonce's fees are raised, because a pool refuses it, before its sender gives up for now. */
const MOST_REFUSALS = 20;

/** What an empty transfer to oneself needs. */
const TRANSFER_GAS = 21_000n;

/** What a driver, and the sender above it, work with. */
export type SenderParts = {
  readonly chain: ChainAccess;
  readonly wallet: Wallet;
  readonly journal: TransactionJournal;
  readonly owner: KeyOwner;
  readonly metrics: TransactionMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
};

/** How a nonce is to be driven. */
export type Run = {
  /** The token under which all of it is done: a key that was lost and won again meanwhile was another's in between. */
  readonly token: number;
  readonly signal: AbortSignal;
  /** Whether to stay until a block holds the nonce, or to do only what can be done at once. */
  readonly wait: boolean;
};

/** Moves one nonce on, from wherever a journal says that it stands, until a block holds it. */
export class SlotDriver {
  readonly #parts: SenderParts;
  readonly #replaceMilliseconds: number;
  /** When the newest attempt of a nonce was first seen waiting, in milliseconds; a restart begins to count anew. */
  readonly #waitingSince = new Map<number, number>();
  readonly #tooBig = new Set<number>();
  /** The last receipt that was found, so that who asks for what became of a nonce need not ask the node again. */
  #receipt: Receipt | undefined;
  /** Where the transactions stand that a block holds and that are not final. */
  readonly #included = new Map<number, NonNullable<View["included"]>>();

  constructor(parts: SenderParts, replaceMilliseconds: number) {
    this.#parts = parts;
    this.#replaceMilliseconds = replaceMilliseconds;
  }

  /** Signs a call for a nonce and records it. From here on it will be sent, whatever happens to this process. */
  async reserve(nonce: number, call: Call & { readonly gasLimit: bigint } & Fees, { token }: Run) {
    const slot: RecordedSlot = {
      nonce,
      state: "reserved",
      attempts: [await this.#sign(nonce, "call", call, call.gasLimit, call)],
    };
    requireToken(this.#parts.owner, token);
    this.#parts.journal.write(slot, token);
    return slot;
  }

  /**
   * Drives a nonce on.
   * @param isFresh its call was simulated just now
   * @returns where it stands; state `broadcast` or `reserved` means that another's transaction holds the nonce in a block that
   * is not final, or, without `wait`, that it lies in the pool
   */
  async drive(slot: RecordedSlot, run: Run, isFresh = false): Promise<RecordedSlot> {
    let current = slot;
    let refusals = 0;
    let sent = "";
    for (;;) {
      // What was reserved a moment ago can be nowhere yet.
      const step: Step =
        isFresh && sent === "" && refusals === 0
          ? { kind: "broadcast" }
          : nextStep(current, await this.#look(current, refusals > 0));
      if (step.kind === "settle") return this.#settle(current, step, run);
      if (step.kind === "taken") return current;
      // What was broadcast a moment ago and is in no pool was not taken, or not yet: no need to ask all the time.
      if (
        step.kind === "wait" ||
        (step.kind === "broadcast" && refusals === 0 && sent === newest(current).hash)
      ) {
        if (!run.wait) return current;
        await this.#pause(run);
      }
      if (step.kind === "wait") continue;
      if (refusals > MOST_REFUSALS) throw this.#refused(slot.nonce);
      const { next, taken } = await this.#act(refusals > 0 ? "replace" : step.kind, current, run);
      sent = newest(next).hash;
      refusals = taken === "underpriced" ? refusals + 1 : 0;
      current = taken === "too-big" ? await this.#fillTooBig(next, run) : next;
    }
  }

  /** Whether a nonce was filled because a pool said that no block can hold its call. */
  wasTooBig({ nonce }: RecordedSlot): boolean {
    return this.#tooBig.has(nonce);
  }

  /** The receipt of a transaction, if that was the last one seen in a block. */
  receiptOf(hash: string): Receipt | undefined {
    return this.#receipt?.transactionHash === hash ? this.#receipt : undefined;
  }

  async #look(slot: RecordedSlot, isSimulated: boolean): Promise<View> {
    const { chain, clock } = this.#parts;
    const { nonce } = slot;
    const remembered = this.#included.get(nonce);
    const [nextNonce, found, finalBlock] = await Promise.all([
      chain.nextNonce(),
      remembered ?? this.#find(slot),
      chain.finalBlock(),
    ]);
    // A receipt that is missing although the nonce is used up is another's, unless ours came in between: so it is looked for once more.
    // And what was found before is looked for again as soon as something hangs on it: when it was dropped, or can be final.
    const isLate = found === undefined && nextNonce > nonce;
    const isStale = remembered !== undefined && (nextNonce <= nonce || remembered.blockNumber <= finalBlock);
    const included = isLate || isStale ? await this.#find(slot) : found;
    const isMissing = included === undefined && nextNonce <= nonce;
    const isKnown = !isMissing || (await chain.knows(newest(slot).hash));
    const since = this.#waitingSince.get(nonce) ?? clock.now();
    this.#waitingSince.set(nonce, since);
    return {
      nextNonce,
      finalNextNonce:
        included === undefined && nextNonce > nonce && finalBlock >= 0
          ? await chain.nextNonce(finalBlock)
          : undefined,
      included,
      finalBlock,
      isKnown,
      callWorks: isMissing && !isKnown && !isSimulated ? await this.#works(newest(slot)) : undefined,
      isOverdue: isMissing && isKnown && clock.now() - since >= this.#replaceMilliseconds,
    };
  }

  /** The attempt that a block holds. */
  async #find({ nonce, attempts }: RecordedSlot): Promise<View["included"]> {
    const receipts = await Promise.all(attempts.map(({ hash }) => this.#parts.chain.receipt(hash)));
    const found = receipts.find((receipt) => receipt !== null);
    this.#included.delete(nonce);
    if (found == null) return undefined;
    this.#receipt = found;
    const included = { hash: found.transactionHash, blockNumber: found.blockNumber };
    this.#included.set(nonce, included);
    return included;
  }

  async #works(attempt: RecordedAttempt): Promise<boolean> {
    return attempt.purpose === "filler" || typeof (await this.#parts.chain.simulate(attempt)) === "bigint";
  }

  #settle(slot: RecordedSlot, step: Step & { readonly kind: "settle" }, { token }: Run): RecordedSlot {
    const { journal, metrics, chain, logger } = this.#parts;
    const next = settled(slot, step);
    this.#waitingSince.delete(slot.nonce);
    if (next.state !== "included") this.#included.delete(slot.nonce);
    if (next.state === slot.state && next.winner === slot.winner) return next;
    journal.write(next, token);
    if (step.state === "abandoned") {
      metrics.transactions.inc({ chain: chain.chain.name, outcome: "abandoned" });
      logger.error(
        { nonce: slot.nonce },
        "another program uses our sending key; its transaction took the nonce",
      );
    }
    return next;
  }

  async #act(kind: "broadcast" | "replace" | "fill", slot: RecordedSlot, run: Run) {
    const { chain, clock, journal, logger, metrics } = this.#parts;
    const name = chain.chain.name;
    const attempt = kind === "broadcast" ? undefined : await this.#another(kind, slot);
    const reserved = attempt === undefined ? slot : withAttempt(slot, attempt);
    requireToken(this.#parts.owner, run.token);
    if (attempt === undefined) journal.check(run.token);
    else {
      journal.write(reserved, run.token);
      metrics.replacements.inc({ chain: name });
    }
    if (kind === "fill") metrics.transactions.inc({ chain: name, outcome: "filled" });
    if (kind === "broadcast" && slot.state !== "reserved")
      metrics.transactions.inc({ chain: name, outcome: "rebroadcast" });
    const { hash, raw } = newest(reserved);
    const taken = await chain.broadcast(raw);
    logger.debug({ nonce: slot.nonce, transactionHash: hash, kind, taken }, "transaction broadcast");
    this.#waitingSince.set(slot.nonce, clock.now());
    if (taken !== "known" || reserved.state === "broadcast") return { next: reserved, taken };
    const next: RecordedSlot = { ...reserved, state: "broadcast" };
    journal.write(next, run.token);
    return { next, taken };
  }

  async #fillTooBig(slot: RecordedSlot, run: Run): Promise<RecordedSlot> {
    this.#tooBig.add(slot.nonce);
    return (await this.#act("fill", slot, run)).next;
  }

  /** @returns undefined when fees may rise no more: then the newest is broadcast again, and waits */
  async #another(kind: "replace" | "fill", slot: RecordedSlot): Promise<RecordedAttempt | undefined> {
    const { chain, logger } = this.#parts;
    const last = newest(slot);
    const fees = raised(last, await chain.market(), chain.mostGasPrice);
    if (fees === undefined) {
      logger.warn({ nonce: slot.nonce }, "a transaction waits, and mostGasPrice does not let it pay more");
      return undefined;
    }
    if (kind === "replace") return this.#sign(slot.nonce, last.purpose, last, last.gasLimit, fees);
    return this.#sign(slot.nonce, "filler", { to: chain.address, data: "0x" }, TRANSFER_GAS, fees);
  }

  async #sign(
    nonce: number,
    purpose: RecordedAttempt["purpose"],
    { to, data }: Call,
    gasLimit: bigint,
    { maxFeePerGas, maxPriorityFeePerGas }: Fees,
  ): Promise<RecordedAttempt> {
    const fields = { to, data, gasLimit, maxFeePerGas, maxPriorityFeePerGas };
    const { chainId } = this.#parts.chain.chain;
    const raw = await this.#parts.wallet.signTransaction({ type: 2, chainId, nonce, ...fields });
    return { ...fields, purpose, raw, hash: keccak256(raw) };
  }

  #pause({ signal }: Run): Promise<void> {
    return this.#parts.clock.sleep(Math.min(this.#parts.chain.chain.pollMilliseconds, 1_000), signal);
  }

  #refused(nonce: number): RetryableError {
    const { chain } = this.#parts;
    return new RetryableError(
      "UNDERPRICED",
      `Chain ${chain.chain.name}: no pool took transaction ${nonce} of ${chain.address} after ${MOST_REFUSALS} raises of its fee. Nothing is lost: it is recorded and will be tried again.`,
    );
  }
}

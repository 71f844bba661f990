import assert from "node:assert/strict";
import {
  type Attempt,
  freeNonce,
  newest,
  nextStep,
  raised,
  settled,
  type Slot,
  unsettled,
  withAttempt,
} from "../../../relayer/platform/transactions/core.ts";

/** How many blocks deep a reorg goes at most. */
export const FINALITY = 3;
const ANY = 2n ** 256n;

type Signed = Attempt & { readonly call: number | "filler"; readonly nonce: number };

/** A chain with a pool, as far as one account sees it. */
class World {
  /** Blocks of transactions; block n is `blocks[n]`. */
  readonly blocks: Signed[][] = [[]];
  readonly pool = new Map<number, Signed>();
  /** Calls that would fail now. */
  readonly broken = new Set<number>();

  get finalBlock(): number {
    return this.blocks.length - 1 - FINALITY;
  }

  get chain(): readonly Signed[] {
    return this.blocks.flat();
  }

  /** Blocks hold nonces without gaps, each once: the one rule that a chain enforces. */
  get nextNonce(): number {
    return this.chain.length;
  }

  mine(): void {
    const block: Signed[] = [];
    for (let next = this.nextNonce; ; next++) {
      const transaction = this.pool.get(next);
      if (transaction === undefined) break;
      block.push(transaction);
      this.pool.delete(next);
    }
    this.blocks.push(block);
  }

  /** Drops the newest blocks, never final ones; their transactions go back to the pool, or are forgotten. */
  reorg(depth: number, keep: boolean): void {
    for (let i = 0; i < Math.min(depth, FINALITY, this.blocks.length - 1); i++)
      for (const transaction of this.blocks.pop() ?? [])
        if (keep) this.pool.set(transaction.nonce, transaction);
  }

  /** @returns whether the pool wants a higher fee */
  submit(transaction: Signed): boolean {
    if (transaction.nonce < this.nextNonce) return false;
    const old = this.pool.get(transaction.nonce);
    if (old?.hash === transaction.hash) return false;
    if (old !== undefined && transaction.maxFeePerGas * 8n < old.maxFeePerGas * 9n) return true;
    this.pool.set(transaction.nonce, transaction);
    return false;
  }
}

/** Where a process can be killed: `act` calls this before each durable or visible step. */
class Killed extends Error {}

/** A sender that keeps nothing but its journal, as it is after any crash. */
export class Model {
  readonly world = new World();
  readonly journal = new Map<number, Slot<Signed>>();
  /** Which calls were asked for and not seen done. */
  readonly wanted = new Set<number>();
  calls = 0;
  signed = 0;
  /** The planted fault: broadcast, then record. */
  readonly #recordsLate: boolean;

  constructor(recordsLate = false) {
    this.#recordsLate = recordsLate;
  }

  /** One step of one nonce, or of a new call; `killAt` steps into it the process dies. */
  step(killAt: number, isOverdue: boolean): void {
    let left = killAt;
    const tick = () => {
      if (left-- === 0) throw new Killed();
    };
    try {
      const [slot] = this.#open();
      if (slot !== undefined) this.#move(slot, isOverdue, tick);
      else this.#startCall(tick);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }

  #open() {
    return unsettled([...this.journal.values()], this.world.nextNonce).filter(
      (slot) => this.#included(slot) === undefined || slot.state !== "included" || this.#isFinal(slot),
    );
  }

  /** A caller reads the chain, and asks only for what is not done there. */
  #startCall(tick: () => void): void {
    const done = new Set(this.world.chain.map(({ call }) => call));
    const call = [...this.wanted].find((each) => !done.has(each) && !this.world.broken.has(each));
    if (call === undefined) return;
    const nonce = freeNonce(this.world.nextNonce, [...this.journal.values()]);
    tick();
    const attempt = this.#sign(nonce, call, { maxFeePerGas: 100n, maxPriorityFeePerGas: 1n });
    tick();
    const record = () => {
      this.journal.set(nonce, { nonce, state: "reserved", attempts: [attempt] });
    };
    if (!this.#recordsLate) record();
    tick();
    this.world.submit(attempt);
    tick();
    if (this.#recordsLate) record();
  }

  #move(slot: Slot<Signed>, isOverdue: boolean, tick: () => void): void {
    const { world } = this;
    const last = newest(slot);
    const step = nextStep(slot, {
      nextNonce: world.nextNonce,
      finalNextNonce: world.blocks.slice(0, world.finalBlock + 1).flat().length,
      included: this.#included(slot),
      finalBlock: world.finalBlock,
      isKnown: world.pool.get(slot.nonce)?.hash === last.hash,
      callWorks: typeof last.call === "string" || !world.broken.has(last.call),
      isOverdue,
    });
    tick();
    if (step.kind === "settle") this.journal.set(slot.nonce, settled(slot, step));
    if (step.kind === "wait" || step.kind === "taken" || step.kind === "settle") return;
    let current = slot;
    if (step.kind !== "broadcast") {
      const fees = raised(last, { maxFeePerGas: 100n, maxPriorityFeePerGas: 1n }, ANY);
      assert(fees !== undefined);
      current = withAttempt(slot, this.#sign(slot.nonce, step.kind === "fill" ? "filler" : last.call, fees));
      this.journal.set(slot.nonce, current);
      tick();
    }
    const isRefused = world.submit(newest(current));
    tick();
    if (!isRefused) this.journal.set(slot.nonce, { ...current, state: "broadcast" });
    else {
      const fees = raised(newest(current), { maxFeePerGas: 100n, maxPriorityFeePerGas: 1n }, ANY);
      assert(fees !== undefined);
      this.journal.set(slot.nonce, withAttempt(current, this.#sign(slot.nonce, newest(current).call, fees)));
    }
  }

  #sign(
    nonce: number,
    call: number | "filler",
    fees: Pick<Attempt, "maxFeePerGas" | "maxPriorityFeePerGas">,
  ) {
    const purpose = call === "filler" ? ("filler" as const) : ("call" as const);
    return { hash: `0x${++this.signed}`, nonce, call, purpose, ...fees };
  }

  #included({ attempts }: Slot<Signed>) {
    for (const [blockNumber, block] of this.world.blocks.entries())
      for (const { hash } of block)
        if (attempts.some((each) => each.hash === hash)) return { hash, blockNumber };
    return undefined;
  }

  #isFinal(slot: Slot<Signed>): boolean {
    return (this.#included(slot)?.blockNumber ?? Infinity) <= this.world.finalBlock;
  }
}

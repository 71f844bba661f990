import { setTimeout as sleep } from "node:timers/promises";
import type { EthereumProvider } from "hardhat/types/providers";
import { type Entry, type Journal, JournalError } from "./journal.ts";
import { RpcFailure } from "./server.ts";

/** Every so many entries one carries the hash of the block before it. */
const CHECKPOINT_ENTRIES = 64;

const transactions = new Set(["eth_sendTransaction", "eth_sendRawTransaction"]);
const mining = new Set([...transactions, "evm_mine", "hardhat_mine"]);
const reads = new Set(["hardhat_metadata", "hardhat_getAutomine"]);
const changes = (method: string): boolean =>
  transactions.has(method) || (/^(evm|hardhat)_/.test(method) && !reads.has(method));

interface Change {
  /** Undefined for a block that the clock mines. */
  readonly method?: string;
  readonly params: readonly unknown[];
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Only what Number and JSON give back as it was may reach the journal. */
function wholeNumber(value: unknown, name: string): number {
  const number = typeof value === "string" || typeof value === "number" ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new RpcFailure(
    -32602,
    `Invalid params: expected a whole number of ${name}, got ${JSON.stringify(value)}`,
  );
}

/**
 * An in-process chain whose every change is on the disk before it happens, so that a replay of the journal is the same
 * chain, block for block. What Hardhat takes from the clock is therefore given to it: each block's timestamp. Blocks of
 * one second share a timestamp, so that chain time does not run ahead of the clock under load.
 */
export class JournaledChain {
  readonly #provider: EthereumProvider;
  readonly #journal: Journal;
  readonly #waiting: Change[] = [];
  #draining: Promise<void> | undefined;
  #entriesSinceCheckpoint = 0;
  /** Timestamp of the latest block. */
  #latest: number;
  /** Seconds that chain time is ahead of the clock. */
  #offset = 0;
  /** The timestamp that evm_setNextBlockTimestamp has chosen for the next block. */
  #next: number | undefined;
  /** Milliseconds between blocks that the clock mines; 0 for none. */
  #blockMs: number;
  /** Replaced when the interval changes, so that a running wait is given up. */
  #pace = new AbortController();

  /** @param blockSeconds an empty block is mined this often; 0 for never */
  constructor(provider: EthereumProvider, journal: Journal, blockSeconds: number) {
    this.#provider = provider;
    this.#journal = journal;
    this.#latest = journal.header.genesis;
    this.#blockMs = blockSeconds * 1000;
  }

  /**
   * Repeats the changes of earlier runs.
   *
   * @throws JournalError if the chain turns out different, as after an upgrade of Hardhat
   */
  async replay(): Promise<void> {
    for (const entry of this.#journal.entries) {
      if (entry.h !== undefined && entry.h !== (await this.#latestBlock()).hash) {
        throw new JournalError(
          "The journal was written by another version of Hardhat: delete the folder to begin a new chain",
        );
      }
      try {
        await this.#apply(entry);
      } catch {
        // A request that was refused then is refused now; its sender was told then.
      }
    }
  }

  /**
   * Answers a JSON-RPC request. Those that change the chain are answered once they are durable, in the order of arrival.
   *
   * @throws the provider's error; the journal's if the disk refuses, and then nothing has changed
   */
  async request(method: string, params: readonly unknown[]): Promise<unknown> {
    if (!changes(method)) return this.#provider.request({ method, params: [...params] });
    return this.#enqueue(method, params);
  }

  /** Mines blocks by the clock until the signal is aborted. */
  async mineByClock(signal: AbortSignal, onError: (error: unknown) => void): Promise<void> {
    while (!signal.aborted) {
      const pace = AbortSignal.any([signal, this.#pace.signal]);
      const ms = this.#blockMs === 0 ? 2 ** 31 - 1 : this.#blockMs;
      const elapsed = await sleep(ms, true, { signal: pace }).catch(() => false);
      if (elapsed && this.#blockMs > 0) await this.#enqueue(undefined, []).catch(onError);
    }
  }

  /** Resolves when every change that has been asked for is made. */
  async settled(): Promise<void> {
    await this.#draining;
  }

  #enqueue(method: string | undefined, params: readonly unknown[]): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.push({ ...(method === undefined ? {} : { method }), params, resolve, reject });
    this.#draining ??= this.#drain();
    return promise;
  }

  async #drain(): Promise<void> {
    for (let batch = this.#takeBatch(); batch.length > 0; batch = this.#takeBatch())
      await this.#change(batch);
    this.#draining = undefined;
  }

  /** Transactions that wait together share one write to the disk. Other changes may depend on the one before. */
  #takeBatch(): Change[] {
    const isTransaction = ({ method }: Change): boolean => method !== undefined && transactions.has(method);
    const end = this.#waiting.findIndex((change) => !isTransaction(change));
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : Math.max(1, end));
  }

  async #change(batch: readonly Change[]): Promise<void> {
    let entries: Entry[];
    try {
      entries = batch.map((change) => this.#entryFor(change));
      await this.#checkpoint(entries);
      await this.#journal.append(entries);
    } catch (error) {
      for (const { reject } of batch) reject(error);
      return;
    }
    for (const [index, { resolve, reject }] of batch.entries()) {
      await this.#apply(entries[index] ?? {}).then(resolve, reject);
    }
  }

  async #checkpoint(entries: Entry[]): Promise<void> {
    this.#entriesSinceCheckpoint += entries.length;
    const [first] = entries;
    if (this.#entriesSinceCheckpoint < CHECKPOINT_ENTRIES || first === undefined) return;
    this.#entriesSinceCheckpoint = 0;
    first.h = (await this.#latestBlock()).hash;
  }

  #entryFor({ method, params }: Change): Entry {
    const now = Math.floor(Date.now() / 1000);
    const request = method === undefined ? {} : { m: method, p: [...params] };
    const [first] = params;
    if (method === "evm_increaseTime") return { ...request, o: this.#offset + wholeNumber(first, "seconds") };
    if (method === "evm_setIntervalMining") wholeNumber(first, "milliseconds");
    if (method !== undefined && !mining.has(method)) return request;
    const chosen =
      method === "evm_mine" && first !== undefined ? wholeNumber(first, "timestamp") : this.#next;
    // As in Hardhat: later blocks go on from a timestamp that was chosen.
    if (chosen !== undefined) return { ...request, t: chosen, o: chosen - now };
    return { ...request, t: Math.max(this.#latest, now + this.#offset) };
  }

  async #apply({ t, o, m, p = [] }: Entry): Promise<unknown> {
    if (o !== undefined) this.#offset = o;
    if (m === "evm_setIntervalMining") return this.#setInterval(Number(p[0]));
    if (t === undefined) {
      const result: unknown = await this.#provider.request({ method: m ?? "evm_mine", params: p });
      if (m === "evm_setNextBlockTimestamp") this.#next = Number(p[0]);
      // A snapshot that is restored, say, takes the chain back.
      this.#latest = (await this.#latestBlock()).timestamp;
      return result;
    }
    if (m === undefined || m === "evm_mine") {
      const result: unknown = await this.#provider.request({ method: "evm_mine", params: [t] });
      this.#latest = t;
      this.#next = undefined;
      return result;
    }
    await this.#provider.request({ method: "evm_setNextBlockTimestamp", params: [t] });
    try {
      return await this.#provider.request({ method: m, params: p });
    } finally {
      await this.#noteLatest(t, m);
    }
  }

  /** A transaction that is refused, or that waits for a block, leaves the chosen timestamp to the next one. */
  async #noteLatest(t: number, method: string): Promise<void> {
    if (this.#next === undefined && method !== "hardhat_mine") {
      this.#latest = t;
      return;
    }
    this.#latest = (await this.#latestBlock()).timestamp;
    if (this.#latest >= t) this.#next = undefined;
  }

  #setInterval(ms: number): boolean {
    this.#blockMs = ms;
    this.#pace.abort();
    this.#pace = new AbortController();
    return true;
  }

  async #latestBlock(): Promise<{ hash: string; timestamp: number }> {
    const block: unknown = await this.#provider.request({
      method: "eth_getBlockByNumber",
      params: ["latest", false],
    });
    const { hash, timestamp } = block as { hash: string; timestamp: string };
    return { hash, timestamp: Number(timestamp) };
  }
}

import { setTimeout as sleep } from "node:timers/promises";
import { FetchRequest, JsonRpcProvider, Network } from "ethers";
import { explain, RetryableError } from "../../../domain/errors.ts";
import type { Address, ChainId, ChainName } from "../../../domain/ids.ts";
import type { ChainConfig } from "../../../domain/network.ts";
import { chainAnswer } from "../../../platform/chain-answer.ts";
import { LogRanges } from "../../../platform/rpc/log-ranges.ts";

/** A chain as the checker reads it. */
export type CheckedChain = Pick<
  ChainConfig,
  "chainId" | "name" | "outbox" | "inbox" | "deploymentBlock" | "finality"
> & {
  /** The node itself, past every proxy in which faults are done. */
  readonly url: string;
};

/** How long one request may take, in milliseconds. */
const REQUEST_MILLISECONDS = 20_000;
/** How often the same is asked where no answer comes: a server may close a connection that was kept open just when it is used again. */
const TRIES = 3;
/** How long before it is asked again, in milliseconds. */
const AGAIN_MILLISECONDS = 200;
/** How many blocks or transactions are asked for at the same time. */
const AT_ONCE = 50;

/**
 * One chain's node, by a connection of the checker's own: nothing of what the fleet reads with is in between, neither its agreement of
 * providers nor its caches nor its index.
 */
export class CheckedNode {
  readonly chain: CheckedChain;
  readonly provider: JsonRpcProvider;
  readonly #ranges = new LogRanges();
  readonly #times = new Map<number, number>();

  constructor(chain: CheckedChain) {
    this.chain = chain;
    const request = new FetchRequest(chain.url);
    request.timeout = REQUEST_MILLISECONDS;
    const options = { staticNetwork: true, cacheTimeout: -1 };
    this.provider = new JsonRpcProvider(request, Network.from(chain.chainId), options);
  }

  get chainId(): ChainId {
    return this.chain.chainId;
  }

  get name(): ChainName {
    return this.chain.name;
  }

  /** The newest block, and its hash. */
  async newest(): Promise<{ readonly number: number; readonly hash: string }> {
    return this.#block("latest");
  }

  /** The number of the newest block that is final; -1 before there is one. */
  async finalBlock(newest: number): Promise<number> {
    const { finality } = this.chain;
    if ("depth" in finality) return Math.max(-1, newest - finality.depth);
    return (await this.#block(finality.tag)).number;
  }

  /** @throws RetryableError `CHAIN_MOVED` when the block is no longer there: what was read does not fit together then */
  async requireUnmoved({ number, hash }: { readonly number: number; readonly hash: string }): Promise<void> {
    if ((await this.#block(number)).hash === hash) return;
    throw new RetryableError(
      "CHAIN_MOVED",
      `Chain ${this.name} was reorganised while it was read, so nothing was judged. Check again.`,
    );
  }

  /** All logs of one kind up to a block, each with the time of its block (Unix seconds). */
  async logs<L extends { readonly blockNumber: number }>(
    to: number,
    read: (from: number, to: number) => Promise<readonly L[]>,
  ): Promise<readonly { readonly log: L; readonly time: number }[]> {
    const logs = await this.ask("eth_getLogs", () => this.#ranges.read(this.chain.deploymentBlock, to, read));
    await this.#readTimes(logs.map(({ blockNumber }) => blockNumber));
    return logs.map((log) => ({ log, time: this.#times.get(log.blockNumber) ?? 0 }));
  }

  /** To whom each transaction went, and with what. */
  async calldata(
    hashes: readonly string[],
  ): Promise<ReadonlyMap<string, { readonly to: Address | string | null; readonly data: string }>> {
    const found = await inGroups(hashes, async (hash) => {
      const transaction = await this.ask("eth_getTransactionByHash", () =>
        this.provider.getTransaction(hash),
      );
      return [hash, { to: transaction?.to ?? null, data: transaction?.data ?? "0x" }] as const;
    });
    return new Map(found);
  }

  /** @throws RetryableError `RPC` when the node does not answer: then nothing can be said of it */
  async ask<T>(method: string, request: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++)
      try {
        return await request();
      } catch (error) {
        if (tries < TRIES && chainAnswer(error) === undefined) {
          await sleep(AGAIN_MILLISECONDS);
          continue;
        }
        throw new RetryableError(
          "RPC",
          `Chain ${this.name}: ${method} failed at its node: ${explain(error)}. Nothing was judged; check again once it answers.`,
          { chain: this.name, method },
          error,
        );
      }
  }

  close(): void {
    this.provider.destroy();
  }

  async #readTimes(numbers: readonly number[]): Promise<void> {
    const missing = [...new Set(numbers)].filter((number) => !this.#times.has(number));
    for (const [number, time] of await inGroups(
      missing,
      async (each) => [each, (await this.#block(each)).timestamp] as const,
    ))
      this.#times.set(number, time);
  }

  async #block(tag: number | "latest" | "finalized" | "safe") {
    const block = await this.ask("eth_getBlockByNumber", () => this.provider.getBlock(tag));
    if (block?.hash == null)
      throw new RetryableError(
        "CHAIN_MOVED",
        `Chain ${this.name} does not have block ${tag} now. Nothing was judged; check again.`,
      );
    return { number: block.number, hash: block.hash, timestamp: block.timestamp };
  }
}

async function inGroups<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += AT_ONCE)
    results.push(...(await Promise.all(items.slice(i, i + AT_ONCE).map(work))));
  return results;
}

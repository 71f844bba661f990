import type { Block, JsonRpcProvider } from "ethers";
import { z } from "zod";
import type { Finality } from "../domain/bridge.ts";
import { ConfigurationError, DchatError, explain, RetryableError } from "../domain/errors.ts";
import type { Emit } from "../domain/events.ts";
import type { Address } from "../domain/ids.ts";
import { type ChainConfig, providersOf } from "../domain/network.ts";
import { chainAnswer } from "./chain-answer.ts";
import { type Clock, systemClock } from "./clock.ts";
import { AgreedBlocks } from "./rpc/agreed-blocks.ts";
import { AgreedReader } from "./rpc/agreed-reader.ts";
import { codeSizesProgram, readCodeSizes } from "./rpc/code-sizes.ts";
import { Endpoint, type Transport } from "./rpc/endpoint.ts";
import { tagRefusal } from "./rpc/finality-tag.ts";
import type { RpcMetrics } from "./rpc/metrics.ts";
import { redactUrl } from "./rpc/redact-url.ts";
import { connect, RoutedProvider } from "./rpc/routed-provider.ts";
import { agreement, failOver } from "./rpc/routes.ts";

/** What reading a chain works with. A command that runs once needs none of it. */
export type RpcServices = {
  readonly emit: Emit;
  readonly clock: Clock;
  readonly metrics?: RpcMetrics;
  /** How many times as short a provider that failed is left alone. */
  readonly timeScale?: number;
  readonly connect: (url: string, chain: ChainConfig) => Transport;
};

const quiet: RpcServices = { emit: () => undefined, clock: systemClock, connect };

/** A block of a chain, as far as following the chain needs it. */
export type BlockHeader = { readonly number: number; readonly hash: string };

/** How far a chain has come: its newest block, with its time (Unix seconds), and the number of its newest final block; -1 before there is one. */
export type ChainHeights = {
  readonly newest: BlockHeader & { readonly time: number };
  readonly final: number;
};

/** One chain's JSON-RPC providers: requests with a time limit, errors that name the chain. */
export class Rpc {
  readonly chain: ChainConfig;
  /** One provider answers, or the next: for sending transactions, and for reads that nothing is founded on. */
  readonly provider: JsonRpcProvider;
  /** Enough providers answer the same: for whatever is signed or counted. The same as `provider` where there is only one. */
  readonly agreed: JsonRpcProvider;
  readonly #endpoints: readonly Endpoint[];
  /** Undefined where there is only one provider, and nobody to agree with. */
  readonly #blocks: AgreedBlocks | undefined;

  constructor(chain: ChainConfig, services: Partial<RpcServices> = {}) {
    const all = { ...quiet, ...services };
    const { urls, needed } = providersOf(chain);
    this.chain = chain;
    this.#endpoints = namesOf(urls).map(
      ([url, name]) => new Endpoint({ name, chain: chain.name, transport: all.connect(url, chain) }, all),
    );
    this.provider = new RoutedProvider(chain, failOver(this.#endpoints));
    if (urls.length === 1) {
      this.agreed = this.provider;
      return;
    }
    const reader = new AgreedReader({ chain: chain.name, endpoints: this.#endpoints, needed }, all);
    this.#blocks = new AgreedBlocks(reader, chain.finality);
    this.agreed = new RoutedProvider(chain, agreement(reader, this.#blocks));
  }

  /**
   * Makes sure that enough providers answer and serve the chain that the configuration names, with the contracts on it.
   * @throws ConfigurationError `CHAIN_ID`, `NO_CONTRACT` or `NO_FINALITY_TAG`
   * @throws RetryableError `RPC` or `RPC_DISAGREEMENT` when there is no answer
   */
  async verify(): Promise<void> {
    const { name, outbox, inbox, escrow } = this.chain;
    const contracts = Object.entries({
      ...{ outbox, inbox },
      ...(escrow === undefined ? {} : { "escrow.contract": escrow.contract }),
    });
    const [sizes] = await Promise.all([
      this.#codeSizes(contracts.map(([, contract]) => contract)),
      this.verifyChain(),
    ]);
    for (const [i, [key, contract]] of contracts.entries())
      if (sizes[i] === 0)
        throw new ConfigurationError(
          "NO_CONTRACT",
          `Chain ${name}: there is no contract at chains.${name}.${key} (${contract}). Nothing was read or sent. Correct the address, or deploy first.`,
        );
  }

  /**
   * {@link verify} without the contracts: validators join before there is an Inbox.
   * @throws ConfigurationError `CHAIN_ID` or `NO_FINALITY_TAG`
   * @throws RetryableError `RPC` or `RPC_DISAGREEMENT` when there is no answer
   */
  async verifyChain(): Promise<void> {
    const { name, chainId } = this.chain;
    const actual = Number(await this.ask("eth_chainId", () => this.agreed.send("eth_chainId", [])));
    if (actual !== chainId)
      throw new ConfigurationError(
        "CHAIN_ID",
        `Chain ${name}: the endpoint at ${this.#where()} serves chain id ${actual}, but chains.${name}.chainId is ${chainId}. Nothing was read or sent. Correct the one that is wrong.`,
      );
    await this.#verifyTag();
  }

  /** The number of the newest block that is final by the configured rule; -1 before there is one. */
  async finalBlock(): Promise<number> {
    if (this.#blocks !== undefined) return (await this.#blocks.final())?.number ?? -1;
    const { finality } = this.chain;
    if ("depth" in finality) return Math.max(-1, (await this.newestBlock()) - finality.depth);
    return (await this.#tagged(finality.tag))?.number ?? -1;
  }

  /** How far the chain is final, and what tells whether that has changed. One request, where one provider is asked. */
  async finality(): Promise<Finality> {
    const { finality } = this.chain;
    if (this.#blocks !== undefined) return finalityOf(await this.#blocks.final());
    if ("tag" in finality) return finalityOf(await this.#tagged(finality.tag));
    const { newest, final } = await this.heights();
    return { number: final, anchor: newest.hash };
  }

  /** How far the chain has come. One request, where one provider is asked and finality is a matter of depth. */
  async heights(): Promise<ChainHeights> {
    const { finality } = this.chain;
    if (this.#blocks !== undefined || !("depth" in finality)) {
      const [newest, final] = await Promise.all([this.#newest(), this.finalBlock()]);
      return { newest, final };
    }
    const newest = await this.#newest();
    return { newest, final: Math.max(-1, newest.number - finality.depth) };
  }

  /** The number of the newest block. */
  newestBlock(): Promise<number> {
    return this.ask("eth_blockNumber", () => this.agreed.getBlockNumber());
  }

  /** The block `number`; undefined when there is none now. */
  async block(number: number): Promise<BlockHeader | undefined> {
    const block = await this.ask("eth_getBlockByNumber", () => this.agreed.getBlock(number));
    return block?.hash == null ? undefined : { number: block.number, hash: block.hash };
  }

  /** When the block `number` was made, in Unix seconds, by the word of one provider. */
  async timeOf(number: number): Promise<number> {
    const block = await this.ask("eth_getBlockByNumber", () => this.provider.getBlock(number));
    if (block !== null) return block.timestamp;
    throw new RetryableError(
      "RPC",
      `Chain ${this.chain.name}: ${this.#where()} does not have block ${number} now. Nothing is lost; it will be asked again.`,
    );
  }

  /**
   * Runs one request, turning a failure of the endpoint into a RetryableError. What the chain itself answered (a revert, a
   * nonce that is used up) passes through as it is.
   */
  async ask<T>(method: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      if (chainAnswer(error) !== undefined || error instanceof DchatError) throw error;
      const { name } = this.chain;
      const key = this.#endpoints.length === 1 ? "rpcUrl is" : "rpcUrls are";
      throw new RetryableError(
        "RPC",
        `Chain ${name}: ${method} failed at ${this.#where()}: ${explain(error)}. Nothing is lost, and relayers try again by themselves. If it goes on, check that the node runs and that chains.${name}.${key} right.`,
        { chain: name, method },
        error,
      );
    }
  }

  close(): void {
    this.provider.destroy();
    if (this.agreed !== this.provider) this.agreed.destroy();
    for (const endpoint of this.#endpoints) endpoint.close();
  }

  async #codeSizes(contracts: readonly Address[]): Promise<readonly number[]> {
    const call = { data: codeSizesProgram(contracts) };
    return this.ask("eth_call", async () =>
      readCodeSizes(z.string().parse(await this.agreed.send("eth_call", [call, "latest"])), contracts.length),
    );
  }

  async #newest(): Promise<ChainHeights["newest"]> {
    const block = await this.ask("eth_getBlockByNumber", () => this.agreed.getBlock("latest"));
    if (block?.hash == null)
      throw new RetryableError(
        "RPC",
        `Chain ${this.chain.name}: ${this.#where()} has no newest block now. Nothing is lost; it will be asked again.`,
      );
    return { number: block.number, hash: block.hash, time: block.timestamp };
  }

  /** The block that one provider calls final; null before there is one. */
  async #tagged(tag: string): Promise<Block | null> {
    try {
      return await this.ask("eth_getBlockByNumber", () => this.provider.getBlock(tag));
    } catch (error) {
      if (error instanceof RetryableError && tagRefusal(error.cause) === "not-yet") return null;
      throw error;
    }
  }

  /** A node that does not know the finality tag would stand in the way of every message, so it is found at the start. */
  async #verifyTag(): Promise<void> {
    const { finality, name } = this.chain;
    if ("depth" in finality) return;
    const refusals = await Promise.all(
      this.#endpoints.map((endpoint) =>
        endpoint.send("eth_getBlockByNumber", [finality.tag, false]).then(() => undefined, tagRefusal),
      ),
    );
    const without = this.#endpoints.filter((_, i) => refusals[i] === "unknown-tag");
    if (this.#endpoints.length - without.length >= providersOf(this.chain).needed) return;
    throw new ConfigurationError(
      "NO_FINALITY_TAG",
      `Chain ${name}: ${without.map((endpoint) => endpoint.name).join(" and ")} does not know the block tag "${finality.tag}", so nothing would ever be final. Nothing was read or sent. Use providers that know it, or set chains.${name}.finality to { "depth": … } with as many blocks as the chain never takes back.`,
    );
  }

  #where(): string {
    return this.#endpoints.map(({ name }) => name).join(", ");
  }
}

function finalityOf(
  block: { readonly number: number; readonly hash: string | null } | null | undefined,
): Finality {
  return { number: block?.number ?? -1, anchor: block?.hash ?? undefined };
}

/** Each URL with the name that it may be shown under; providers of one host are told apart by their place. */
function namesOf(urls: readonly string[]): readonly (readonly [url: string, name: string])[] {
  const shown = urls.map(redactUrl);
  return urls.map((url, i) => {
    const name = shown[i] ?? "";
    return [url, shown.indexOf(name) === shown.lastIndexOf(name) ? name : `${name} (#${i + 1})`] as const;
  });
}

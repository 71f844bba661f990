import type { JsonRpcProvider } from "ethers";
import { ConfigurationError, DchatError, explain, RetryableError } from "../domain/errors.ts";
import type { Emit } from "../domain/events.ts";
import { type ChainConfig, providersOf } from "../domain/network.ts";
import { chainAnswer } from "./chain-answer.ts";
import { type Clock, systemClock } from "./clock.ts";
import { AgreedBlocks } from "./rpc/agreed-blocks.ts";
import { AgreedReader } from "./rpc/agreed-reader.ts";
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
    await this.verifyChain();
    const { name, outbox, inbox, escrow } = this.chain;
    const contracts = {
      outbox,
      inbox,
      ...(escrow === undefined ? {} : { "escrow.contract": escrow.contract }),
    };
    for (const [key, contract] of Object.entries(contracts))
      if ((await this.ask("eth_getCode", () => this.agreed.getCode(contract))) === "0x")
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
    try {
      const block = await this.ask("eth_getBlockByNumber", () => this.provider.getBlock(finality.tag));
      return block?.number ?? -1;
    } catch (error) {
      if (error instanceof RetryableError && tagRefusal(error.cause) === "not-yet") return -1;
      throw error;
    }
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

/** Each URL with the name that it may be shown under; providers of one host are told apart by their place. */
function namesOf(urls: readonly string[]): readonly (readonly [url: string, name: string])[] {
  const shown = urls.map(redactUrl);
  return urls.map((url, i) => {
    const name = shown[i] ?? "";
    return [url, shown.indexOf(name) === shown.lastIndexOf(name) ? name : `${name} (#${i + 1})`] as const;
  });
}

import { FetchRequest, JsonRpcProvider, Network } from "ethers";
import { chainAnswer } from "./chain-answer.ts";
import type { ChainConfig } from "../domain/network.ts";
import { ConfigurationError, explain, RetryableError } from "../domain/errors.ts";

/** One chain's JSON-RPC endpoint: requests with a time limit, errors that name the chain. */
export class Rpc {
  readonly chain: ChainConfig;
  readonly provider: JsonRpcProvider;

  constructor(chain: ChainConfig) {
    this.chain = chain;
    const request = new FetchRequest(chain.rpcUrl);
    request.timeout = chain.rpcTimeoutMilliseconds;
    // Nothing is cached, and the chain id comes from the configuration: `verify` holds the endpoint to it.
    this.provider = new JsonRpcProvider(request, Network.from(chain.chainId), {
      staticNetwork: true,
      cacheTimeout: -1,
      pollingInterval: chain.pollMilliseconds,
    });
  }

  /**
   * Makes sure that the endpoint answers and serves the chain that the configuration names, with the contracts on it.
   * @throws ConfigurationError `CHAIN_ID` or `NO_CONTRACT`
   * @throws RetryableError `RPC` when there is no answer
   */
  async verify(): Promise<void> {
    const { name, chainId, rpcUrl, outbox, inbox, escrow } = this.chain;
    const actual = Number(await this.ask("eth_chainId", () => this.provider.send("eth_chainId", [])));
    if (actual !== chainId)
      throw new ConfigurationError(
        "CHAIN_ID",
        `Chain ${name}: the endpoint at ${redactUrl(rpcUrl)} serves chain id ${actual}, but chains.${name}.chainId is ${chainId}. Nothing was read or sent. Correct the one that is wrong.`,
      );
    const contracts = {
      outbox,
      inbox,
      ...(escrow === undefined ? {} : { "escrow.contract": escrow.contract }),
    };
    for (const [key, contract] of Object.entries(contracts))
      if ((await this.ask("eth_getCode", () => this.provider.getCode(contract))) === "0x")
        throw new ConfigurationError(
          "NO_CONTRACT",
          `Chain ${name}: there is no contract at chains.${name}.${key} (${contract}). Nothing was read or sent. Correct the address, or deploy first.`,
        );
  }

  /** The number of the newest block that is final by the configured rule; -1 before there is one. */
  async finalBlock(): Promise<number> {
    const { finality } = this.chain;
    if ("depth" in finality)
      return Math.max(
        -1,
        (await this.ask("eth_blockNumber", () => this.provider.getBlockNumber())) - finality.depth,
      );
    const block = await this.ask("eth_getBlockByNumber", () => this.provider.getBlock(finality.tag));
    return block?.number ?? -1;
  }

  /**
   * Runs one request, turning a failure of the endpoint into a RetryableError. What the chain itself answered (a revert, a
   * nonce that is used up) passes through as it is.
   */
  async ask<T>(method: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      if (chainAnswer(error) !== undefined) throw error;
      const { name, rpcUrl } = this.chain;
      throw new RetryableError(
        "RPC",
        `Chain ${name}: ${method} failed at ${redactUrl(rpcUrl)}: ${explain(error)}. Nothing is lost, and relayers try again by themselves. If it goes on, check that the node runs and that chains.${name}.rpcUrl is right.`,
        { chain: name, method },
        error,
      );
    }
  }

  close(): void {
    this.provider.destroy();
  }
}

/** An endpoint as it may be shown: API keys often stand in its path, query or user part. */
function redactUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === "/" ? "" : "/…"}`;
}

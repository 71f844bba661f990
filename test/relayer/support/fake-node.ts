import { id, toBeHex } from "ethers";
import { address, chainId, chainName } from "../../../relayer/domain/ids.ts";
import type { ChainConfig } from "../../../relayer/domain/network.ts";
import type { Transport } from "../../../relayer/platform/rpc/endpoint.ts";

const CONTRACT = address.parse("0x00000000000000000000000000000000000000aa");

/** A chain's configuration with `count` providers. */
export function chainWith(count: number, change: Partial<ChainConfig> = {}): ChainConfig {
  const urls = Array.from({ length: count }, (_, i) => `http://node-${i + 1}.example/key`);
  return {
    name: chainName.parse("T"),
    chainId: chainId.parse(4_321),
    rpcUrl: urls[0] ?? "",
    ...(count > 1 ? { rpcUrls: urls } : {}),
    finality: { depth: 0 },
    pollMilliseconds: 20,
    rpcTimeoutMilliseconds: 5_000,
    outbox: CONTRACT,
    inbox: CONTRACT,
    deploymentBlock: 0,
    senderKeyFile: "unused",
    ...change,
  };
}

/** A log in a chain of a {@link FakeNode}. */
export type FakeLog = { readonly block: number; readonly topics: readonly string[]; readonly data: string };

/** An error as ethers throws it for one that a node worded. */
export function nodeError(message: string): Error {
  return Object.assign(new Error("could not coalesce error"), {
    code: "UNKNOWN_ERROR",
    info: { error: { code: -32_000, message } },
  });
}

/** A node in memory, which counts its requests and does what it is told to. */
export class FakeNode implements Transport {
  newest: number;
  logs: readonly FakeLog[] = [];
  /** Answers calls: calldata and block to the returned bytes. */
  call: (data: string, block: number) => string = () => "0x01";
  /** Instead of the honest answer, if it returns something else than undefined. */
  twist: (method: string, params: readonly unknown[], honest: () => unknown) => unknown = (_m, _p, honest) =>
    honest();
  /** The most blocks in one range of logs. */
  mostBlocks = Number.POSITIVE_INFINITY;
  readonly asked: string[] = [];

  constructor(newest: number) {
    this.newest = newest;
  }

  async send(method: string, params: readonly unknown[]): Promise<unknown> {
    this.asked.push(method);
    return Promise.resolve().then(() => this.twist(method, params, () => this.#answer(method, params)));
  }

  destroy(): void {
    this.asked.length = 0;
  }

  #answer(method: string, params: readonly unknown[]): unknown {
    switch (method) {
      case "eth_chainId":
        return toBeHex(4_321);
      case "eth_blockNumber":
        return hex(this.newest);
      case "eth_getBlockByNumber":
        return this.block(this.#number(params[0]));
      case "eth_call":
        return this.call((params[0] as { data: string }).data, this.#number(params[1]));
      case "eth_getLogs":
        return this.#logs(
          params[0] as {
            fromBlock: string;
            toBlock?: string;
            topics?: (string | readonly string[] | null)[];
          },
        );
      default:
        throw nodeError(`the method ${method} does not exist`);
    }
  }

  /** A block as nodes give it; null beyond the newest. */
  block(number: number, fork = ""): Record<string, unknown> | null {
    if (number > this.newest) return null;
    return {
      number: hex(number),
      hash: id(`block ${number}${fork}`),
      parentHash: id(`block ${number - 1}${fork}`),
      timestamp: hex(1_000 + number),
      nonce: "0x0000000000000000",
      difficulty: "0x0",
      gasLimit: "0x1c9c380",
      gasUsed: "0x0",
      miner: CONTRACT,
      extraData: "0x",
      transactions: [],
    };
  }

  #logs(filter: {
    fromBlock: string;
    toBlock?: string;
    topics?: (string | readonly string[] | null)[];
  }): unknown[] {
    const [from, to] = [this.#number(filter.fromBlock), this.#number(filter.toBlock ?? "latest")];
    if (to - from + 1 > this.mostBlocks) throw nodeError("block range is too wide");
    return this.logs
      .filter(({ block }) => block >= from && block <= to)
      .filter(({ topics }) =>
        (filter.topics ?? []).every(
          (topic, i) => topic === null || [topic].flat().some((one) => topics[i] === one.toLowerCase()),
        ),
      )
      .map((log, i) => ({
        address: CONTRACT,
        topics: log.topics,
        data: log.data,
        blockNumber: hex(log.block),
        blockHash: id(`block ${log.block}`),
        transactionHash: id(`tx ${log.block}`),
        transactionIndex: "0x0",
        logIndex: hex(i),
        removed: false,
      }));
  }

  #number(tag: unknown): number {
    return tag === "latest" || tag === "finalized" ? this.newest : Number(tag);
  }
}

const hex = (number: number) => `0x${number.toString(16)}`;

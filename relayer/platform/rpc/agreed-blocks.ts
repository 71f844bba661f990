import type { ChainConfig } from "../../domain/network.ts";
import { RetryableError } from "../../domain/errors.ts";
import type { AgreedReader } from "./agreed-reader.ts";
import { blockCandidates } from "./agreement.ts";
import type { Endpoint } from "./endpoint.ts";
import { describeBlock, type RawBlock, readBlock, readQuantity, toHex } from "./raw.ts";

/** Which blocks enough providers have with the same hash. */
export class AgreedBlocks {
  readonly #reader: AgreedReader;
  readonly #finality: ChainConfig["finality"];
  /** The newest block each provider named as final by the tag. */
  readonly #tagged = new Map<Endpoint, number>();
  #newest: Promise<RawBlock> | undefined;

  constructor(reader: AgreedReader, finality: ChainConfig["finality"]) {
    this.#reader = reader;
    this.#finality = finality;
  }

  /** The block `number`, or undefined when enough providers say that there is none. */
  at(number: number): Promise<RawBlock | undefined> {
    return this.#reader.ask(
      "eth_getBlockByNumber",
      async (endpoint) => blockOf(endpoint, number),
      describeBlock,
    );
  }

  /** The highest block that enough providers have with the same hash. Whoever asks while it is looked up gets the same. */
  newest(): Promise<RawBlock> {
    this.#newest ??= this.#numbers(newestOf)
      .then((numbers) => this.#highest(numbers))
      .finally(() => (this.#newest = undefined));
    return this.#newest;
  }

  /** The highest such block that is final by the chain's rule; undefined before there is one. */
  async final(): Promise<RawBlock | undefined> {
    const finality = this.#finality;
    const numbers =
      "depth" in finality
        ? (await this.#numbers(newestOf)).map((number) => number - finality.depth)
        : await this.#numbers((endpoint) => this.#taggedOf(endpoint, finality.tag));
    const existing = numbers.filter((number) => number >= 0);
    return existing.length < this.#reader.panel.needed ? undefined : this.#highest(existing);
  }

  async #taggedOf(endpoint: Endpoint, tag: string): Promise<number> {
    const block = readBlock(await endpoint.send("eth_getBlockByNumber", [tag, false]));
    const number = block?.number ?? -1;
    this.#tagged.set(endpoint, Math.max(number, this.#tagged.get(endpoint) ?? -1));
    return number;
  }

  /**
   * A number from as many providers as are needed, without waiting for more: a provider that answers later is remembered, and
   * counts with what it said last. So nobody who hangs slows this down, and nobody who lags holds it back for more than a moment.
   */
  async #numbers(numberOf: (endpoint: Endpoint) => Promise<number>): Promise<readonly number[]> {
    const known = new Map<Endpoint, number>();
    // Any answer is as good as any other here: what is founded on the numbers is agreed on afterwards.
    await this.#reader.ask(
      "eth_blockNumber",
      async (endpoint) => {
        known.set(endpoint, await numberOf(endpoint));
      },
      () => ({ key: "a number", said: "a number" }),
    );
    const remembered =
      numberOf === newestOf
        ? (endpoint: Endpoint) => endpoint.newest
        : (endpoint: Endpoint) => this.#tagged.get(endpoint) ?? -1;
    return this.#reader.panel.endpoints
      .map((endpoint) => known.get(endpoint) ?? remembered(endpoint))
      .filter((number) => number >= 0);
  }

  async #highest(numbers: readonly number[]): Promise<RawBlock> {
    const { needed, chain } = this.#reader.panel;
    let last: unknown;
    for (const number of blockCandidates(needed, numbers))
      try {
        const block = await this.at(number);
        if (block !== undefined) return block;
      } catch (error) {
        if (!(error instanceof RetryableError)) throw error;
        last = error; // a lower one may be shared
      }
    if (last instanceof RetryableError) throw last;
    throw new RetryableError(
      "RPC",
      `Chain ${chain}: fewer than ${needed} providers have a block in common now. Nothing was read; they will be asked again.`,
      { chain },
    );
  }
}

async function blockOf(endpoint: Endpoint, number: number): Promise<RawBlock | undefined> {
  return readBlock(await endpoint.send("eth_getBlockByNumber", [toHex(number), false]));
}

async function newestOf(endpoint: Endpoint): Promise<number> {
  return readQuantity(await endpoint.send("eth_blockNumber", []));
}

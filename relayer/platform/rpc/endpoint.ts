import { z } from "zod";
import { chainAnswer, nodesOwnWords } from "../chain-answer.ts";
import type { Clock } from "../clock.ts";
import { Circuit } from "./circuit.ts";
import { LogRanges } from "./log-ranges.ts";
import type { RpcMetrics } from "./metrics.ts";
import { rangeRefusal } from "./range-refusal.ts";

/** How long a provider that contradicted the others is asked last where one answer is enough. */
const DISTRUST_MILLISECONDS = 60_000;

/** The road to one JSON-RPC server. */
export type Transport = {
  send(method: string, params: readonly unknown[]): Promise<unknown>;
  destroy(): void;
};

/** The filter of `eth_getLogs`. */
export type LogFilter = Readonly<Record<string, unknown>>;

/** Nodes write numbers as 0x and digits, and name some blocks. */
const quantity = z
  .string()
  .regex(/^0x[0-9a-f]{1,13}$/i)
  .transform(Number);

/** One provider of a chain: what it is called, how well it does, and which ranges of logs it grants. */
export class Endpoint {
  /** Its URL without keys. */
  readonly name: string;
  readonly circuit: Circuit;
  /** The highest block that it ever named as its newest; -1 before. */
  newest = -1;
  readonly #chain: string;
  readonly #transport: Transport;
  readonly #ranges = new LogRanges();
  readonly #clock: Clock;
  readonly #metrics: RpcMetrics | undefined;
  #distrustedUntil = 0;

  constructor(
    {
      name,
      chain,
      transport,
    }: { readonly name: string; readonly chain: string; readonly transport: Transport },
    {
      clock,
      metrics,
      timeScale,
    }: {
      readonly clock: Clock;
      readonly metrics?: RpcMetrics | undefined;
      /** How many times as short a provider that failed is left alone. */
      readonly timeScale?: number | undefined;
    },
  ) {
    this.name = name;
    this.circuit = new Circuit(clock, timeScale);
    this.#chain = chain;
    this.#transport = transport;
    this.#clock = clock;
    this.#metrics = metrics;
  }

  /** Whether it contradicted the other providers a short while ago. */
  get isDistrusted(): boolean {
    return this.#clock.now() < this.#distrustedUntil;
  }

  /** Remembers that the others contradicted it. */
  distrust(): void {
    this.#distrustedUntil = this.#clock.now() + DISTRUST_MILLISECONDS;
    this.#metrics?.disagreements.inc({ chain: this.#chain, provider: this.name });
  }

  /** Sends one request, and keeps account of how that went. What the chain answered (a revert, say) is no failure. */
  async send(method: string, params: readonly unknown[]): Promise<unknown> {
    try {
      const result = await this.#transport.send(method, params);
      this.circuit.succeeded();
      if (method === "eth_blockNumber") this.newest = quantity.safeParse(result).data ?? this.newest;
      return result;
    } catch (error) {
      // An error that the node itself words shows that it is there: a range too wide, a state that was pruned.
      if (chainAnswer(error) !== undefined || (error instanceof Error && nodesOwnWords(error) !== ""))
        this.circuit.succeeded();
      else this.circuit.failed();
      if (chainAnswer(error) === undefined && rangeRefusal(error) !== "refused")
        this.#metrics?.errors.inc({ chain: this.#chain, provider: this.name, method });
      throw error;
    }
  }

  /** The logs that match `filter`, asked for in ranges that the provider grants. */
  async logs(filter: LogFilter): Promise<readonly unknown[]> {
    const ask = async (change: LogFilter) =>
      z.array(z.unknown()).parse(await this.send("eth_getLogs", [{ ...filter, ...change }]));
    const range = "blockHash" in filter ? "whole" : await this.#range(filter);
    if (range !== "whole") return this.#inRanges(range, ask);
    try {
      return await ask({});
    } catch (error) {
      if ("blockHash" in filter || rangeRefusal(error) !== "refused") throw error;
      return this.#inRanges(await this.#resolve(filter), ask);
    }
  }

  close(): void {
    this.#transport.destroy();
  }

  #inRanges(
    { from, to }: { readonly from: number; readonly to: number },
    ask: (change: LogFilter) => Promise<readonly unknown[]>,
  ): Promise<readonly unknown[]> {
    const hex = (number: number) => `0x${number.toString(16)}`;
    return this.#ranges.read(from, to, (first, last) => ask({ fromBlock: hex(first), toBlock: hex(last) }));
  }

  /** The numbers of a filter's blocks; "whole" when it names a block by a tag and nothing is known against asking so. */
  async #range(filter: LogFilter): Promise<{ readonly from: number; readonly to: number } | "whole"> {
    const from = quantity.safeParse(filter["fromBlock"]);
    const to = quantity.safeParse(filter["toBlock"]);
    if (from.success && to.success) return { from: from.data, to: to.data };
    const estimate = from.success ? this.newest - from.data + 1 : Number.POSITIVE_INFINITY;
    return this.#ranges.grants(estimate) ? "whole" : this.#resolve(filter);
  }

  async #resolve(filter: LogFilter): Promise<{ readonly from: number; readonly to: number }> {
    const [from, to] = await Promise.all(
      (["fromBlock", "toBlock"] as const).map(async (key) => {
        const tag = filter[key] ?? "latest";
        if (tag === "earliest") return 0;
        const parsed = quantity.safeParse(tag);
        return parsed.success ? parsed.data : quantity.parse(await this.send("eth_blockNumber", []));
      }),
    );
    return { from: from ?? 0, to: to ?? 0 };
  }
}

import { z } from "zod";
import { chainAnswer } from "../chain-answer.ts";
import type { AgreedBlocks } from "./agreed-blocks.ts";
import { type AgreedReader, shorten } from "./agreed-reader.ts";
import type { Endpoint, LogFilter } from "./endpoint.ts";
import { describeLogs, readBlock, readLogs, readQuantity, toHex, writeLog } from "./raw.ts";

/** How one request is answered by several providers. */
export type Route = (method: string, params: readonly unknown[]) => Promise<unknown>;

/** Requests whose answer depends on a block, and the place of that block among their parameters. */
const AT_BLOCK = new Map([
  ["eth_call", 1],
  ["eth_getCode", 1],
  ["eth_getBalance", 1],
  ["eth_getTransactionCount", 1],
]);

const logFilter = z.record(z.string(), z.unknown());

/** One provider answers, the next if that one does not; a transaction goes to all. For what nothing is founded on. */
export function failOver(endpoints: readonly Endpoint[]): Route {
  return async (method, params) => {
    if (method === "eth_sendRawTransaction") return broadcast(endpoints, params);
    const rank = ({ circuit, isDistrusted }: Endpoint) =>
      Number(circuit.isResting) * 2 + Number(isDistrusted);
    let last: unknown;
    for (const endpoint of endpoints.toSorted((a, b) => rank(a) - rank(b)))
      try {
        if (method === "eth_getLogs") return await endpoint.logs(logFilter.parse(params[0]));
        return await endpoint.send(method, params);
      } catch (error) {
        if (chainAnswer(error) !== undefined) throw error;
        last = error;
      }
    throw last;
  };
}

/** Hands a transaction to everybody, and returns as soon as one has taken it. */
async function broadcast(endpoints: readonly Endpoint[], params: readonly unknown[]): Promise<unknown> {
  try {
    return await Promise.any(endpoints.map((endpoint) => endpoint.send("eth_sendRawTransaction", params)));
  } catch (error) {
    if (!(error instanceof AggregateError)) throw error;
    const reasons: readonly unknown[] = error.errors;
    throw reasons.find((reason) => chainAnswer(reason) !== undefined) ?? reasons[0];
  }
}

/** Enough providers must answer the same, about the same block. For whatever a signature or a decision is founded on. */
export function agreement(reader: AgreedReader, blocks: AgreedBlocks): Route {
  const pinned = async (tag: unknown) =>
    tag === undefined || tag === "latest" ? toHex((await blocks.newest()).number) : tag;
  const same = (method: string, params: readonly unknown[]) =>
    reader.ask(
      method,
      (endpoint) => endpoint.send(method, params),
      (value) => {
        const text = JSON.stringify(value).toLowerCase();
        return { key: text, said: shorten(text) };
      },
    );

  return async (method, params) => {
    const place = AT_BLOCK.get(method);
    if (place !== undefined) return same(method, params.with(place, await pinned(params[place])));
    switch (method) {
      case "eth_chainId":
        return same(method, params);
      case "eth_blockNumber":
        return toHex((await blocks.newest()).number);
      case "eth_getBlockByNumber": {
        const [tag] = params;
        const block = tag === "latest" ? await blocks.newest() : await blocks.at(readQuantity(tag));
        return block?.raw ?? null;
      }
      case "eth_getLogs": {
        const filter = logFilter.parse(params[0]);
        const toBlock = await pinned(filter["toBlock"]);
        return (await logs(reader, { ...filter, toBlock })).map(writeLog);
      }
      default:
        throw new Error(`${method} is nothing that providers can agree on`);
    }
  };
}

/** A provider that lags knows no logs of the blocks that it lacks: so each also says which its last one is. */
async function logs(reader: AgreedReader, filter: LogFilter & { readonly toBlock: unknown }) {
  const agreed = await reader.ask(
    "eth_getLogs",
    async (endpoint) => {
      const [raw, block] = await Promise.all([
        endpoint.logs(filter),
        endpoint.send("eth_getBlockByNumber", [filter.toBlock, false]),
      ]);
      const end = readBlock(block);
      if (end === undefined) throw new Error(`it does not have block ${String(filter.toBlock)} yet`);
      return { logs: readLogs(raw), end };
    },
    describeLogs,
  );
  return agreed.logs;
}

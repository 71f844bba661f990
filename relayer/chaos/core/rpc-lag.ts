import { z } from "zod";
import type { RpcAnswer, RpcRequest } from "./rpc-lie.ts";

/** The newest blocks that a lagging node knows of, by the tags that ask for them. */
export type LaggingHeads = { readonly latest: bigint; readonly safe: bigint; readonly finalized: bigint };

/** Where the block stands among the parameters of each method that takes one. */
const BLOCK_PARAMETER: Readonly<Record<string, number>> = {
  eth_getBlockByNumber: 0,
  eth_getBlockReceipts: 0,
  eth_getBlockTransactionCountByNumber: 0,
  eth_getTransactionByBlockNumberAndIndex: 0,
  eth_call: 1,
  eth_estimateGas: 1,
  eth_createAccessList: 1,
  eth_feeHistory: 1,
  eth_getBalance: 1,
  eth_getCode: 1,
  eth_getTransactionCount: 1,
  eth_getProof: 2,
  eth_getStorageAt: 2,
};

const quantity = z.string().regex(/^0x[0-9a-f]{1,64}$/i);
const filter = z.looseObject({
  fromBlock: z.unknown().optional(),
  toBlock: z.unknown().optional(),
  blockHash: z.string().optional(),
});
/** What says in which block it stands: a block itself by `number`, a transaction, a log and a receipt by `blockNumber`. */
const placed = z.looseObject({ number: quantity.nullish(), blockNumber: quantity.nullish() });

/** A request as it must be put to a node that is up to date, so that its answer is that of one that lags. */
export function askPast(request: RpcRequest, heads: LaggingHeads): RpcRequest {
  const params = [...(request.params ?? [])];
  if (request.method === "eth_getLogs" || request.method === "eth_newFilter") {
    const asked = filter.safeParse(params[0]);
    if (!asked.success || asked.data.blockHash !== undefined) return request;
    const { fromBlock, toBlock } = asked.data;
    const range = {
      fromBlock: pastBlock(fromBlock ?? "latest", heads),
      toBlock: capped(pastBlock(toBlock ?? "latest", heads), heads),
    };
    return { ...request, params: [{ ...asked.data, ...range }, ...params.slice(1)] };
  }
  const place = BLOCK_PARAMETER[request.method];
  if (place === undefined || params.length < place) return request;
  params[place] = pastBlock(params[place] ?? "latest", heads);
  return { ...request, params };
}

/** The answer with nothing in it that a node which lags cannot know. */
export function forgetNew(request: RpcRequest, answer: RpcAnswer, heads: LaggingHeads): RpcAnswer {
  const { result } = answer;
  if (request.method === "eth_blockNumber") return { ...answer, result: toQuantity(heads.latest) };
  if (Array.isArray(result)) {
    const known = result.filter((each) => !isNew(each, heads));
    // Of one block, all or nothing: these are its receipts.
    if (request.method === "eth_getBlockReceipts" && known.length < result.length)
      return { ...answer, result: null };
    return { ...answer, result: known };
  }
  return isNew(result, heads) ? { ...answer, result: null } : answer;
}

function isNew(value: unknown, { latest }: LaggingHeads): boolean {
  const where = placed.safeParse(value);
  if (!where.success) return false;
  const number = where.data.blockNumber ?? where.data.number;
  return typeof number === "string" && BigInt(number) > latest;
}

function pastBlock(block: unknown, heads: LaggingHeads): unknown {
  switch (block) {
    case "latest":
    case "pending":
      return toQuantity(heads.latest);
    case "safe":
      return toQuantity(heads.safe);
    case "finalized":
      return toQuantity(heads.finalized);
    default:
      return block;
  }
}

/** No later than the newest block: a node gives the logs up to there. */
function capped(block: unknown, { latest }: LaggingHeads): unknown {
  const number = quantity.safeParse(block);
  return number.success && BigInt(number.data) > latest ? toQuantity(latest) : block;
}

function toQuantity(value: bigint): string {
  return `0x${value.toString(16)}`;
}

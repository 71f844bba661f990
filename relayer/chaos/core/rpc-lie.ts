import { z } from "zod";

/** One call of JSON-RPC, as far as it matters here. */
export const rpcRequestSchema = z.looseObject({
  id: z.unknown().optional(),
  method: z.string(),
  params: z.array(z.unknown()).optional(),
});
export type RpcRequest = z.infer<typeof rpcRequestSchema>;

/** An answer that succeeded, or not. */
export const rpcAnswerSchema = z.looseObject({ id: z.unknown().optional(), result: z.unknown().optional() });
export type RpcAnswer = z.infer<typeof rpcAnswerSchema>;

const record = z.record(z.string(), z.unknown());
const words = z.array(z.unknown());
/** Where hashes of blocks stand. The same block has the same false hash in all of them, as a node on another fork would say. */
const HASH_FIELDS = new Set(["blockHash", "parentHash"]);

/**
 * The answer with block hashes, logs and receipts as another fork might have them: plausible one by one, and false. An answer of
 * another kind stays as it is.
 */
export function lie(request: RpcRequest, answer: RpcAnswer): RpcAnswer {
  switch (request.method) {
    case "eth_getBlockByNumber":
    case "eth_getBlockByHash":
      return { ...answer, result: falseBlock(answer.result) };
    case "eth_getLogs":
    case "eth_getFilterLogs":
    case "eth_getFilterChanges":
      return { ...answer, result: falseList(answer.result, falseLog) };
    case "eth_getTransactionReceipt":
      return { ...answer, result: falseReceipt(answer.result) };
    case "eth_getBlockReceipts":
      return { ...answer, result: falseList(answer.result, falseReceipt) };
    case "eth_getTransactionByHash":
      return { ...answer, result: falseHashes(answer.result) };
    default:
      return answer;
  }
}

/** The request as the node must see it, so that a false hash that it gave can be asked about again. */
export function unlie(request: RpcRequest): RpcRequest {
  const [first, ...rest] = request.params ?? [];
  switch (request.method) {
    case "eth_getBlockByHash":
    case "eth_getBlockReceipts":
      return { ...request, params: [falseHash(first), ...rest] };
    case "eth_getLogs":
      return { ...request, params: [falseHashes(first), ...rest] };
    default:
      return request;
  }
}

/** Another hash for a hash; the same again gives the first. What is no hash of 32 bytes stays. */
function falseHash(value: unknown): unknown {
  return typeof value === "string" && /^0x[0-9a-f]{64}$/i.test(value) ? flipLastBit(value) : value;
}

function flipLastBit(hex: string): string {
  const last = Number.parseInt(hex.slice(-1), 16);
  return hex.slice(0, -1) + (last ^ 1).toString(16);
}

function falseList(value: unknown, change: (each: unknown) => unknown): unknown {
  return Array.isArray(value) ? value.map((each: unknown) => change(each)) : value;
}

function falseHashes(value: unknown): unknown {
  const fields = record.safeParse(value);
  if (!fields.success) return value;
  return Object.fromEntries(
    Object.entries(fields.data).map(([name, each]) => [name, HASH_FIELDS.has(name) ? falseHash(each) : each]),
  );
}

function falseBlock(value: unknown): unknown {
  const block = record.safeParse(falseHashes(value));
  if (!block.success) return value;
  const { hash, transactions } = block.data;
  return { ...block.data, hash: falseHash(hash), transactions: falseList(transactions, falseHashes) };
}

/** A log of another block that says something else: an amount off by one, another recipient. */
function falseLog(value: unknown): unknown {
  const log = record.safeParse(falseHashes(value));
  if (!log.success) return value;
  const { data, topics } = log.data;
  if (typeof data === "string" && data.length > 2) return { ...log.data, data: flipLastBit(data) };
  // The first topic says what kind of event it is: with another it would only be a log that nobody asked for.
  const list = words.safeParse(topics).data ?? [];
  return list.length > 1 ? { ...log.data, topics: [...list.slice(0, -1), falseHash(list.at(-1))] } : log.data;
}

function falseReceipt(value: unknown): unknown {
  const receipt = record.safeParse(falseHashes(value));
  if (!receipt.success) return value;
  const { status, logs } = receipt.data;
  return {
    ...receipt.data,
    ...(typeof status === "string" ? { status: status === "0x1" ? "0x0" : "0x1" } : {}),
    logs: falseList(logs, falseLog),
  };
}

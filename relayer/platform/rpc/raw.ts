import { id } from "ethers";
import { z } from "zod";
import { type Described, NOTHING } from "./agreed-reader.ts";

const hex = z
  .string()
  .regex(/^0x[0-9a-f]*$/i)
  .toLowerCase();
/** A number of up to 52 bits as nodes write it, and as they write it without leading zeros. */
const quantity = z
  .string()
  .regex(/^0x[0-9a-f]{1,13}$/i)
  .transform(Number);

/** What is compared of a block: its hash stands for the rest. */
const header = z.object({ number: quantity, hash: hex, parentHash: hex, timestamp: quantity });

/** A block as a node gives it, with the part that was read of it. */
export type RawBlock = z.infer<typeof header> & { readonly raw: unknown };

/** Reads the answer to `eth_getBlockByNumber`; undefined when there is no such block. */
export function readBlock(raw: unknown): RawBlock | undefined {
  return raw === null ? undefined : { ...header.parse(raw), raw };
}

/** A block in a form that can be compared. */
export function describeBlock(block: RawBlock | undefined): Described {
  if (block === undefined) return { key: NOTHING, said: "no such block" };
  const { number, hash, parentHash, timestamp } = block;
  return { key: `${number} ${hash} ${parentHash} ${timestamp}`, said: `block ${number} is ${hash}` };
}

const log = z.object({
  address: hex,
  topics: z.array(hex),
  data: hex,
  blockNumber: quantity,
  blockHash: hex,
  transactionHash: hex,
  transactionIndex: quantity,
  logIndex: quantity,
});

/** A log as a node gives it, in one spelling. */
export type RawLog = z.infer<typeof log>;

/** Reads the answer to `eth_getLogs`, in the order of the chain. */
export function readLogs(raw: readonly unknown[]): readonly RawLog[] {
  return z
    .array(log)
    .parse(raw)
    .sort((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex);
}

/** Logs, together with the block up to which they were read, in a form that can be compared. */
export function describeLogs({
  logs,
  end,
}: {
  readonly logs: readonly RawLog[];
  readonly end: RawBlock;
}): Described {
  const digest = id(JSON.stringify(logs));
  return {
    key: `${end.hash} ${digest}`,
    said: `${logs.length} logs (digest ${digest.slice(0, 18)}…) up to block ${end.number}, which is ${end.hash}`,
  };
}

/** A log as ethers reads it. */
export function writeLog({
  blockNumber,
  transactionIndex,
  logIndex,
  ...rest
}: RawLog): Record<string, unknown> {
  return {
    ...rest,
    blockNumber: toHex(blockNumber),
    transactionIndex: toHex(transactionIndex),
    logIndex: toHex(logIndex),
  };
}

/** A number as nodes take it. */
export const toHex = (number: number) => `0x${number.toString(16)}`;

/** A number as nodes give it. */
export const readQuantity = (raw: unknown): number => quantity.parse(raw);

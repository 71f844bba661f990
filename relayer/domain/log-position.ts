import type { LogPosition } from "./bridge.ts";
import { hash } from "./ids.ts";

/** The part of an ethers log that says where it stands. */
export type LogPlace = {
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly index: number;
};

/** Where a log stands. */
export function decodePosition({ blockNumber, blockHash, transactionHash, index }: LogPlace): LogPosition {
  return {
    blockNumber,
    blockHash: hash.parse(blockHash),
    transactionHash: hash.parse(transactionHash),
    logIndex: index,
  };
}

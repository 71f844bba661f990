import { concat, dataSlice, dataLength, getNumber, toBeHex } from "ethers";
import type { Address } from "../../domain/ids.ts";

const WORD_BYTES = 32;
/** The offsets below are pushed as single bytes. */
const MOST_ADDRESSES = 7;

/** Op-codes of the EVM, by the names of the Yellow Paper (appendix H). */
const PUSH1 = "0x60";
const PUSH20 = "0x73";
const EXTCODESIZE = "0x3b";
const MSTORE = "0x52";
const RETURN = "0xf3";

/**
 * What `eth_call` is given, without a recipient, so that it answers with the sizes of the code at some addresses: a program that is run as if
 * a contract were made of it. One request of a few bytes, where `eth_getCode` brings whole contracts, and processes ask all the time.
 * @param addresses 1 to 7
 */
export function codeSizesProgram(addresses: readonly Address[]): string {
  if (addresses.length === 0 || addresses.length > MOST_ADDRESSES)
    throw new Error(`the sizes of ${addresses.length} contracts were asked for at once`);
  const byte = (value: number) => toBeHex(value, 1);
  const stores = addresses.flatMap((address, i) => [
    ...[PUSH20, address, EXTCODESIZE],
    ...[PUSH1, byte(i * WORD_BYTES), MSTORE],
  ]);
  return concat([...stores, PUSH1, byte(addresses.length * WORD_BYTES), PUSH1, byte(0), RETURN]);
}

/**
 * Reads what `eth_call` said to {@link codeSizesProgram}.
 * @returns the size of each contract's code, in bytes; 0 where there is none
 * @throws Error for an answer of another length
 */
export function readCodeSizes(answer: string, count: number): readonly number[] {
  if (dataLength(answer) !== count * WORD_BYTES)
    throw new Error(`the sizes of ${count} contracts were answered with ${dataLength(answer)} bytes`);
  return Array.from({ length: count }, (_, i) =>
    getNumber(dataSlice(answer, i * WORD_BYTES, (i + 1) * WORD_BYTES)),
  );
}

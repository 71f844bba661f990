import { concat, dataLength, dataSlice, toBeArray, toBeHex, toBigInt } from "ethers";
import { address, type Address, bytes, type Bytes, chainId, type ChainId } from "./ids.ts";

const VERSION_AND_EVM = "0x00010000"; // ERC-7930 version 1, chain type eip155
const ADDRESS_BYTES = 20;

/** The canonical ERC-7930 address (version 1) of an account on an EVM chain. */
export function interoperableAddress(chain: ChainId, account: Address): Bytes {
  const reference = toBeArray(chain);
  return bytes.parse(
    concat([VERSION_AND_EVM, toBeHex(reference.length), reference, toBeHex(ADDRESS_BYTES), account]),
  );
}

/**
 * Reads a canonical ERC-7930 address of an EVM account.
 * @returns undefined for anything else: another version or chain type, leading zeros, missing or trailing bytes
 */
export function parseInteroperableAddress(
  encoded: Bytes,
): { readonly chain: ChainId; readonly account: Address } | undefined {
  const length = dataLength(encoded);
  const referenceLength = length - 6 - ADDRESS_BYTES;
  if (referenceLength < 1 || referenceLength > 7) return undefined; // a chain id above 2^53 is none that we know
  const chain = chainId.safeParse(Number(toBigInt(dataSlice(encoded, 5, 5 + referenceLength))));
  if (!chain.success) return undefined;
  const account = address.parse(dataSlice(encoded, length - ADDRESS_BYTES));
  return interoperableAddress(chain.data, account) === encoded ? { chain: chain.data, account } : undefined;
}

import { dataSlice, getBytes } from "ethers";

/** Where the compiler left room in a contract's code for what its constructor makes immutable. Offsets and lengths in bytes. */
export type Immutables = readonly { readonly start: number; readonly length: number }[];

/**
 * Whether two codes do the same: the bytes behind the code that only describe it (a hash of the sources) do not count, nor do the places of immutables,
 * which the creating transaction is looked at for.
 */
export function isSameCode(actual: string, compiled: string, immutables: Immutables): boolean {
  const [left, right] = [masked(actual, immutables), masked(compiled, immutables)];
  return left.length === right.length && left.every((byte, i) => byte === right[i]);
}

function masked(code: string, immutables: Immutables): Uint8Array {
  const bytes = getBytes(withoutMetadata(code));
  for (const { start, length } of immutables) bytes.fill(0, start, start + length);
  return bytes;
}

/** The code without the CBOR that solc puts behind it, whose length stands in the last two bytes. */
function withoutMetadata(code: string): string {
  const bytes = getBytes(code);
  const length = ((bytes.at(-2) ?? 0) << 8) | (bytes.at(-1) ?? 0);
  const end = bytes.length - 2 - length;
  // A CBOR map of one to three entries; what does not begin with one is code to the end.
  const first = bytes[end];
  return first !== undefined && first >= 0xa1 && first <= 0xa3 ? dataSlice(code, 0, end) : code;
}

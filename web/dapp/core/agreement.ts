import { keccak_256 } from "@noble/hashes/sha3.js";
import { hexlify } from "ethers";
import type { Hex } from "../../../relayer/escrow/core/types.ts";

/** The digest of an agreement: what the terms hold of it, so that nobody can show another one later. */

/** What terms without an agreement hold. */
export const NO_AGREEMENT: Hex = `0x${"00".repeat(32)}`;

/**
 * keccak256 of a file, as `dchat escrow create --agreement FILE` takes it. Chunk by chunk: it may be larger than the memory.
 * @param chunks the file's bytes, in order
 */
export async function digestOfFile(chunks: AsyncIterable<Uint8Array>): Promise<Hex> {
  const hash = keccak_256.create();
  for await (const chunk of chunks) hash.update(chunk);
  return hexlify(hash.digest());
}

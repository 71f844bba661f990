import { writeFileSync } from "node:fs";
import { measureCodeSizes, measureCrypto } from "./crypto.ts";

/**
 * Writes the committed figures that a test holds the contracts to:
 *
 *     node bench/gas/snapshot.ts
 *
 * @module
 */

/** Where the figures of `contracts/crypto` are kept. */
export const CRYPTO_SNAPSHOT = new URL("crypto.snapshot.json", import.meta.url);

if (import.meta.main) {
  const snapshot = { gas: await measureCrypto(), bytes: await measureCodeSizes() };
  writeFileSync(CRYPTO_SNAPSHOT, JSON.stringify(snapshot, undefined, 2) + "\n");
}

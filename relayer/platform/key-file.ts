import { readFileSync, statSync } from "node:fs";
import { ConfigurationError, explain } from "../domain/errors.ts";

/**
 * Reads a 32-byte secret key from a file that holds 0x and 64 hexadecimal digits and that nobody but its owner may read.
 * Neither the key nor any part of it is in an error.
 * @throws ConfigurationError `KEY_FILE`
 */
export function readKeyFile(file: string, whose: string): Uint8Array {
  const refuse = (why: string) =>
    new ConfigurationError(
      "KEY_FILE",
      `The key of ${whose} in ${file} cannot be used: ${why}. Nothing was signed or sent.`,
    );
  let text: string;
  try {
    // Windows has no such modes; there the folder's own rights have to do.
    if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0)
      throw refuse(`others may read it; run "chmod 600 ${file}"`);
    text = readFileSync(file, "utf8").trim();
  } catch (error) {
    throw error instanceof ConfigurationError ? error : refuse(explain(error));
  }
  if (!/^0x[0-9a-fA-F]{64}$/.test(text)) throw refuse("it must hold 0x and 64 hexadecimal digits");
  return Uint8Array.from(Buffer.from(text.slice(2), "hex"));
}

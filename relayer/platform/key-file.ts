import { ConfigurationError, explain } from "../domain/errors.ts";
import { readSecretText } from "./secret-file.ts";

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
  if (/^(0x)?[0-9a-fA-F]{64}$/.test(file))
    throw new ConfigurationError(
      "KEY_FILE",
      `In place of the file with the key of ${whose} stands a key itself. Nothing was signed or sent. Write it into a file, name that, and see that the key does not stay in your shell's history.`,
    );
  try {
    text = readSecretText(file);
  } catch (error) {
    throw refuse(explain(error));
  }
  const key = parseKey(text);
  if (key === undefined) throw refuse("it must hold 0x and 64 hexadecimal digits");
  return key;
}

/** The 32-byte secret key that a text writes as 0x and 64 hexadecimal digits, if it does. */
export function parseKey(text: string): Uint8Array | undefined {
  const [, digits] = /^0x([0-9a-fA-F]{64})$/.exec(text.trim()) ?? [];
  return digits === undefined ? undefined : Uint8Array.from(Buffer.from(digits, "hex"));
}

import { statSync } from "node:fs";
import { ConfigurationError, explain, InterruptedError, UsageError } from "../../domain/errors.ts";
import { normalizePassphrase } from "../../platform/keystore.ts";
import { readSecretText } from "../../platform/secret-file.ts";

/** The fewest characters of a new pass-phrase; as the Ethereum launchpad has it. */
const FEWEST_CHARACTERS = 8;

/** Reads a pass-phrase from a file that only its owner may read. @throws ConfigurationError `PASSPHRASE` */
export function readPassphraseFile(file: string): string {
  const refuse = (why: string) =>
    new ConfigurationError(
      "PASSPHRASE",
      `The file that --passphrase-file names cannot be used: ${why}. Nothing was signed or written.`,
    );
  // A name of no file is not repeated: it may be the pass-phrase itself, by mistake.
  if (statSync(file, { throwIfNoEntry: false }) === undefined) throw refuse("there is no such file");
  let passphrase: string;
  try {
    passphrase = readSecretText(file);
  } catch (error) {
    throw refuse(explain(error));
  }
  if (normalizePassphrase(passphrase).length === 0) throw refuse("the file holds none");
  return passphrase;
}

/**
 * The pass-phrase for a new keystore, from a file or else typed twice on a terminal. It comes neither by an argument nor by the
 * environment, which others on the machine can read.
 * @throws ConfigurationError `PASSPHRASE`, UsageError `PASSPHRASE`, InterruptedError
 */
export async function newPassphrase(file: string | undefined, signal: AbortSignal): Promise<string> {
  const passphrase = file === undefined ? await askTwice(signal) : readPassphraseFile(file);
  const { length } = Array.from(normalizePassphrase(passphrase).toString("utf8"));
  if (length >= FEWEST_CHARACTERS) return passphrase;
  throw new UsageError(
    "PASSPHRASE",
    `The pass-phrase is shorter than ${FEWEST_CHARACTERS} characters. Nothing was written; choose a longer one.`,
  );
}

async function askTwice(signal: AbortSignal): Promise<string> {
  if (!process.stdin.isTTY)
    throw new UsageError(
      "PASSPHRASE",
      "There is no terminal to ask for the pass-phrase on. Nothing was written; name a file that holds it with --passphrase-file.",
    );
  const { default: password } = await import("@inquirer/password");
  const context = { signal, output: process.stderr };
  try {
    const ask = (message: string) => password({ message, mask: false, toggleMask: false }, context);
    const first = await ask("Pass-phrase of the new keystore:");
    const second = await ask("The same again:");
    if (first === second) return first;
  } catch (error) {
    throw new InterruptedError("INTERRUPTED", "Interrupted. Nothing was written.", {}, error);
  }
  throw new UsageError(
    "PASSPHRASE",
    "The two pass-phrases differ. Nothing was written; type the same one twice.",
  );
}

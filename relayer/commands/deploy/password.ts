import { InterruptedError, UsageError } from "../../domain/errors.ts";
import type { AskPassword } from "../../deployment/adapters/hardhat.ts";
import type { LocalContext } from "../context.ts";

/**
 * Asks for the password of Hardhat's keystore on the terminal, once: every chain's key is in the same keystore.
 * Standard output stays the command's.
 */
export function passwordPrompt({ signal, output }: LocalContext): AskPassword {
  let answer: Promise<string> | undefined;
  return (question) => {
    // What is under way would be drawn over the question.
    output.pause();
    return (answer ??= ask(question, signal));
  };
}

/** @throws UsageError `PASSWORD` without a terminal; InterruptedError */
async function ask(question: string, signal: AbortSignal): Promise<string> {
  if (!process.stdin.isTTY)
    throw new UsageError(
      "PASSWORD",
      "Hardhat's keystore has a password, and there is no terminal to ask for it on. Nothing was sent. Run the command in a terminal, or keep the key of a test network in the keystore for development, which has none (hardhat keystore set --dev).",
    );
  const { default: password } = await import("@inquirer/password");
  try {
    return await password(
      { message: question, mask: false, toggleMask: false },
      { signal, output: process.stderr },
    );
  } catch (error) {
    throw new InterruptedError("INTERRUPTED", "Interrupted. Nothing was sent.", {}, error);
  }
}

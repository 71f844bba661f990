import type { CommandContext } from "../context.ts";
import { openOperator, type OperatorOptions, readValidatorKey, withRegistry } from "./session.ts";

/** What an operator does with a validator that it has, in the registry's words, and what follows from it. */
const ACTS = {
  exit: "taken out: it is in no set that is formed from now on, and its bond can be withdrawn after the unbonding time",
  unjail: "free: it belongs into the next set",
} as const;

/** `dchat validator exit` and `unjail`. */
export async function act(
  kind: keyof typeof ACTS,
  keyText: string,
  options: OperatorOptions,
  context: CommandContext,
): Promise<void> {
  const key = readValidatorKey(keyText);
  await withRegistry(context, async (session) => {
    context.output.step(`${kind} of validator ${key}`);
    const transaction = await openOperator(session, options, context).wallet[kind](key);
    context.output.result(
      { key, act: kind, transaction },
      `${key} is ${ACTS[kind]}\ntransaction ${transaction}\nform the next set with: dchat validator rotate`,
    );
  });
}

import type { Command } from "commander";
import type { CommandContext } from "../context.ts";
import type { RegisterOptions } from "./register.ts";
import type { OperatorOptions } from "./session.ts";

/** Adds `dchat validator …` to the program. Each command loads its code when it runs. */
export function addValidatorCommands(dchat: Command, context: () => CommandContext): void {
  const validator = dchat
    .command("validator")
    .description("bonds, and the sets of validators that they form");
  validator
    .command("status")
    .description("who validates, with which bond, and who will be in the next set")
    .action(async () => (await import("./status.ts")).validatorStatus(context()));
  asOperator(validator.command("register"))
    .description("join with a validator and its bond; governance must have admitted the operator")
    .option("--signer-key-file <file>", "the file with the validator's key")
    .option("--keystore <file>", "the validator's encrypted keystore")
    .option("--passphrase-file <file>", "the file with the keystore's pass-phrase")
    .option("--bond <amount>", "in whole units of the native currency; default: the minimum")
    .action(async (options: RegisterOptions) => (await import("./register.ts")).register(options, context()));
  asOperator(validator.command("rotate"))
    .description("form the next set out of everybody eligible; anybody may")
    .action(async (options: OperatorOptions) => (await import("./rotate.ts")).rotate(options, context()));
  for (const [kind, description] of [
    ["exit", "take a validator out of the next sets; its bond follows after the unbonding time"],
    ["unjail", "free a validator whose time in jail is over"],
  ] as const)
    asOperator(validator.command(kind))
      .description(description)
      .argument("<key>", "the validator's public key")
      .action(async (key: string, options: OperatorOptions) =>
        (await import("./act.ts")).act(kind, key, options, context()),
      );
}

function asOperator(command: Command): Command {
  return command.requiredOption("--key-file <file>", "the file with the operator's key, which pays");
}

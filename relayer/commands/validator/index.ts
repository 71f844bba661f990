import type { Command } from "commander";
import type { CommandContext } from "../context.ts";
import type { RegisterOptions } from "./register.ts";
import type { OperatorOptions } from "./session.ts";
import type { TableOptions } from "./table.ts";

/** Adds `dchat validator …` to the program. Each command loads its code when it runs. */
export function addValidatorCommands(dchat: Command, context: () => CommandContext): void {
  const validator = dchat
    .command("validator")
    .description("bonds, and the sets of validators that they form");
  validator
    .command("status")
    .description("who validates, with which bond, and who will be in the next set")
    .action(async () => (await import("./status.ts")).validatorStatus(context()));
  withSigner(asOperator(validator.command("register")))
    .description("join with a validator and its bond; governance must have admitted the operator")
    .option("--bond <amount>", "in whole units of the native currency; default: the minimum")
    .action(async (options: RegisterOptions) => (await import("./register.ts")).register(options, context()));
  withSigner(withPayer(validator.command("table")))
    .description(
      "make the table of a validator's key on a chain, with which its signatures cost a third there",
    )
    .requiredOption("--chain <chain>", "the chain, by name or chain id")
    .action(async (options: TableOptions) => (await import("./table.ts")).makeTable(options, context()));
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

function withPayer(command: Command): Command {
  return command.requiredOption("--key-file <file>", "the file with the key of the account that pays");
}

function withSigner(command: Command): Command {
  return command
    .option("--signer-key-file <file>", "the file with the validator's key")
    .option("--keystore <file>", "the validator's encrypted keystore")
    .option("--passphrase-file <file>", "the file with the keystore's pass-phrase");
}

function asOperator(command: Command): Command {
  return command.requiredOption("--key-file <file>", "the file with the operator's key, which pays");
}

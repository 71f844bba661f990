import { Argument, type Command, Option } from "commander";
import type { EscrowId } from "../../escrow/core/types.ts";
import type { CommandContext } from "../context.ts";
import type { ActOptions, ActionText, ClaimOptions } from "./act.ts";
import type { CreateOptions } from "./create.ts";
import { type ActionName, actionNames, partyRoles } from "./names.ts";
import {
  readAddress,
  readDuration,
  readId,
  readMilestone,
  readPayee,
  readSalt,
  readShare,
  readWhen,
} from "./options.ts";
import type { EscrowOptions } from "./session.ts";
import type { ListOptions } from "./show.ts";
import type { SignOptions } from "./sign.ts";

type Context = () => CommandContext;

// Each command loads its code when it runs: every other command of dchat does without.
async function act(
  name: ActionName,
  id: EscrowId,
  text: ActionText,
  options: ActOptions,
  context: CommandContext,
) {
  await (await import("./act.ts")).act(name, id, text, options, context);
}

/** Adds `dchat escrow …` to the program. `context` is asked for when a command runs. */
export function addEscrowCommands(dchat: Command, context: Context): void {
  const escrow = dchat
    .command("escrow")
    .description("trade with strangers: money that only release, refund, ruling or time can move");
  addCreate(escrow, context);
  addReading(escrow, context);
  addParties(escrow, context);
  addAnybody(escrow, context);
  addSigned(escrow, context);
}

function addCreate(escrow: Command, context: Context): void {
  withKey(escrow.command("create"))
    .description("lock an amount under terms; the wallet is the buyer")
    .requiredOption("--chain <chain>", "the chain, by name or chain id")
    .requiredOption("--amount <amount>", 'how much, such as "12.5"')
    .requiredOption("--token <token>", "native, a symbol, or a token's address")
    .option("--seller <address>", "who delivers and is paid what the other payees leave", readAddress)
    .option(
      "--payee <address:bps>",
      "who is paid which share; repeat it; without --seller the first is the seller",
      readPayee,
    )
    .option(
      "--arbiter <address>",
      "who rules on disputes; default: nobody, the default split decides",
      readAddress,
    )
    .option(
      "--deliver-by <date>",
      "2027-01-31, a time with its zone, or +3d; default: the last milestone's",
      readWhen,
    )
    .addOption(
      new Option("--review-for <duration>", "how long the buyer may look at a delivery, such as 3d")
        .argParser(readDuration)
        .default(259_200n, "3d"),
    )
    .option(
      "--arbiter-by <date>",
      "when the arbiter's time ends; default: 14 days after the last review",
      readWhen,
    )
    .addOption(
      new Option("--on-silence <who>", "who is paid when the review ends in silence")
        .choices(["seller", "buyer"])
        .default("seller"),
    )
    .addOption(
      new Option("--default-split <bps>", "the payees' share when the arbiter is silent")
        .argParser(readShare)
        .default(5_000n, "5000"),
    )
    .addOption(
      new Option("--tip <bps>", "the share of a time-out's payment for whoever carries it out, up to 500")
        .argParser(readShare)
        .default(0n, "0"),
    )
    .option(
      "--milestone <amount@date>",
      "a part with its own delivery date; repeat it, in order",
      readMilestone,
    )
    .option("--agreement <file|text>", "what was agreed on; its keccak256 digest is in the terms")
    .option("--salt <number>", "sets apart escrows with equal terms; default: by chance", readSalt)
    .option("--permit", "sign an ERC-2612 permit instead of sending an approval")
    .action(async (options: CreateOptions) => (await import("./create.ts")).createEscrow(options, context()));
}

function addReading(escrow: Command, context: Context): void {
  withId(escrow.command("show"))
    .description("state, what remains, deadlines, and who can do what next")
    .action(async (id: EscrowId, options: EscrowOptions) =>
      (await import("./show.ts")).showEscrow(id, options, context()),
    );
  withKey(escrow.command("list"))
    .description("every escrow, or those of an account")
    .option("--chain <chain>", "only those on this chain")
    .addOption(new Option("--role <role>", "only those in which the account is this").choices(partyRoles))
    .option("--account <address>", "whose; default with --role: the wallet's", readAddress)
    .action(async (options: ListOptions) => (await import("./show.ts")).listEscrows(options, context()));
}

function addParties(escrow: Command, context: Context): void {
  const command = (name: ActionName, description: string) =>
    withKey(withId(escrow.command(name))).description(description);
  type Part = ActOptions & { readonly amount?: string };

  command("deliver", "the seller: a milestone is delivered, the review begins").action(
    (id: EscrowId, options: ActOptions) => act("deliver", id, {}, options, context()),
  );
  for (const [name, description] of [
    ["release", "the buyer: pay the milestone, or the rest, to the payees"],
    ["refund", "the seller: give the buyer back what remains"],
  ] as const)
    command(name, description)
      .option("--amount <amount>", "only this part")
      .action((id: EscrowId, options: Part) => act(name, id, options, options, context()));
  command("dispute", "buyer or seller: call the arbiter")
    .option("--evidence <uri>", "where the evidence is")
    .action((id: EscrowId, options: ActOptions & { readonly evidence?: string }) =>
      act("dispute", id, { uri: options.evidence ?? "" }, options, context()),
    );
  for (const [name, description] of [
    ["evidence", "buyer or seller, in a dispute: submit evidence"],
    ["publish", "buyer or seller: say where the agreement can be read"],
  ] as const)
    command(name, description)
      .argument("<uri>", "where it is")
      .action((id: EscrowId, uri: string, options: ActOptions) => act(name, id, { uri }, options, context()));
  command("resolve", "the arbiter: rule on what remains")
    .requiredOption("--to-buyer <amount>", "what the buyer gets; the payees get the rest")
    .action((id: EscrowId, options: ActOptions & { readonly toBuyer: string }) =>
      act("resolve", id, { amount: options.toBuyer }, options, context()),
    );
}

function addAnybody(escrow: Command, context: Context): void {
  withKey(withId(escrow.command("expire")))
    .description("anybody: carry out what time has decided")
    .action(async (id: EscrowId, options: ActOptions) =>
      (await import("./act.ts")).expire(id, options, context()),
    );
  withKey(escrow.command("claim"))
    .description("collect payments to the wallet that failed")
    .requiredOption("--chain <chain>", "the chain, by name or chain id")
    .requiredOption("--token <token>", "native, a symbol, or a token's address")
    .option("--to <address>", "who gets it; default: the wallet", readAddress)
    .action(async (options: ClaimOptions) => (await import("./act.ts")).claim(options, context()));
}

function addSigned(escrow: Command, context: Context): void {
  withKey(withId(escrow.command("sign")))
    .description("print a signed action, which anybody may send; nothing is sent")
    .addArgument(new Argument("<action>", "what to sign").choices(actionNames))
    .option("--amount <amount>", "of a partial release or refund")
    .option("--to-buyer <amount>", "of a ruling")
    .option("--uri <uri>", "of evidence or an agreement")
    .requiredOption(
      "--deadline <date>",
      "until when it is good: a date, a time with its zone, or +3d",
      readWhen,
    )
    .action(async (id: EscrowId, name: ActionName, options: SignOptions) =>
      (await import("./sign.ts")).sign(id, name, options, context()),
    );
  withKey(escrow.command("execute"))
    .description("send an action that somebody else has signed")
    .argument("<file>", 'what "dchat escrow sign" printed; - reads standard input')
    .action(async (file: string, options: ActOptions) =>
      (await import("./sign.ts")).execute(file, options, context()),
    );
}

function withId(command: Command): Command {
  return command
    .argument("<id>", "the escrow's id", readId)
    .option("--chain <chain>", "the chain that holds it; default: every chain is asked");
}

function withKey(command: Command): Command {
  return command.option(
    "--key-file <file>",
    "the file with the key of whoever does it; default: walletKeyFile of the configuration",
  );
}

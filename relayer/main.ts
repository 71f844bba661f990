import { fileURLToPath } from "node:url";
import { styleText } from "node:util";
import { Command, CommanderError, Option } from "commander";
import type { CommandContext, LocalContext } from "./commands/context.ts";
import { addCompletion } from "./commands/completion.ts";
import { addExamples, styleHelp } from "./commands/help.ts";
import { createOutput } from "./commands/output.ts";
import { addAlertingCommands } from "./commands/alerting/index.ts";
import { addBackupCommands } from "./commands/backup/index.ts";
import { addUserCommands } from "./commands/user.ts";
import type { MessageListOptions } from "./commands/index-actions.ts";
import { addIndexCommands } from "./commands/index-commands.ts";
import { addChaosCommands } from "./commands/chaos/index.ts";
import { addDeployCommands } from "./commands/deploy/index.ts";
import { addEscrowCommands } from "./commands/escrow/index.ts";
import { addValidatorCommands } from "./commands/validator/index.ts";
import { addQueueCommands } from "./commands/queue/index.ts";
import type { RelayerOptions } from "./commands/relayer.ts";
import type { DoctorOptions } from "./commands/doctor/index.ts";
import { roles } from "./commands/roles.ts";
import { addSpeechCommands } from "./commands/speech/index.ts";
import { addSignerCommands } from "./commands/signer/index.ts";
import type { TransferOptions } from "./commands/transfer.ts";
import {
  ConfigurationError,
  DchatError,
  explain,
  InterruptedError,
  RetryableError,
  UsageError,
} from "./domain/errors.ts";
import { chainsOf } from "./domain/network.ts";
import { readNetwork } from "./platform/config-file.ts";
import { exitCodes } from "./platform/exit-codes.ts";
import { findRunningNetwork } from "./platform/local-runs.ts";
import { ElsewhereError, requireSameNamespace, runInside } from "./platform/namespaces.ts";
import { exitWithParent } from "./platform/parent-watch.ts";

/** Where `npm start` keeps the local networks that it runs. */
const RUNS = fileURLToPath(new URL("../.dchat/runs", import.meta.url));

/** How long a role that is asked to end may take to finish what is under way, in milliseconds. */
const END_MILLISECONDS = 5_000;

type GlobalOptions = { readonly config?: string; readonly json?: true };

/** How a command ended that did what it was asked for, and found something wrong. */
const outcome: { code: number } = { code: exitCodes.success };
const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => {
    stopping.abort();
  });

/** Turns while a command works; loaded where somebody sees it. */
const spinner = process.stderr.isTTY ? (await import("ora")).default({ stream: process.stderr }) : undefined;

process.exitCode = await run(process.argv);

async function run(argv: readonly string[]): Promise<number> {
  const json = argv.includes("--json");
  try {
    await parse(argv);
    return outcome.code;
  } catch (error) {
    if (error instanceof CommanderError) return endOfCommander(error, json);
    const told = stopping.signal.aborted && !(error instanceof DchatError) ? interrupted(error) : error;
    report(told, json);
    return stopping.signal.aborted ? exitCodes.interrupted : exitCodeOf(told);
  }
}

/** Does what the command line asks for, here or where the network is: a command finds out before it does anything. */
async function parse(argv: readonly string[]): Promise<void> {
  try {
    await program(argv).parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof ElsewhereError)) throw error;
    const program = [process.execPath, ...argv.slice(1)];
    outcome.code = await runInside(error.pid, program, process.env, stopping.signal);
  }
}

/**
 * What is under way may wait for a Redis or a node that never answers again. It is cut off then: the next process does it again, as after
 * a crash.
 */
function endInTime(): void {
  setTimeout(() => {
    const seconds = END_MILLISECONDS / 1_000;
    process.stderr.write(
      `Not done within ${seconds} s of being asked to end; the next start goes on there.\n`,
    );
    process.exit(exitCodes.interrupted);
  }, END_MILLISECONDS).unref();
}

function program(argv: readonly string[]): Command {
  const dchat = new Command("dchat")
    .description("Transfers and messages between chains, and the relayers that carry them.")
    .addOption(
      new Option("--config <file>", "the network's configuration; default: the running local network").env(
        "DCHAT_CONFIG",
      ),
    )
    .option("--json", "print one JSON document instead of text")
    .hook("preAction", async () => {
      // Help and errors hash nothing, and are there at once.
      await (await import("./platform/keccak.ts")).useFastKeccak();
    })
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => {
        write(withoutValues(text));
      },
    })
    .showHelpAfterError("Nothing was done; see dchat --help.");
  styleHelp(dchat);

  dchat.commandsGroup("Messages and value:");
  dchat
    .command("transfer")
    .description("send a token to another chain")
    .requiredOption("--from <chain>", "the chain where the token is now, by name or chain id")
    .requiredOption("--to <chain>", "the chain where it shall go")
    .requiredOption("--amount <amount>", 'how much, such as "12.5"')
    .requiredOption("--token <token>", "the token, by symbol or by its address on any chain")
    .option("--recipient <address>", "who gets it there; default: the wallet itself")
    .option(
      "--key-file <file>",
      "the file with the wallet's key; default: walletKeyFile of the configuration",
    )
    .option("--no-wait", "return when the origin chain has it, instead of when it is delivered")
    .action(async (options: TransferOptions) =>
      (await import("./commands/transfer.ts")).transfer(options, context(dchat)),
    );

  const messages = dchat
    .command("message")
    .description("where is a message: sent, final, attested by k of M, delivered, or failed")
    .argument("<id>", "the message id that transfer printed")
    .option("--wait", "return when it is delivered or failed", false)
    .action(async (id: string, options: { wait: boolean }) =>
      (await import("./commands/message.ts")).message(id, options, context(dchat)),
    );

  messages
    .command("retry")
    .description("execute a message again that its recipient refused; the wallet pays for the gas")
    .argument("<id>", "the message id that transfer printed")
    .option(
      "--key-file <file>",
      "the file with the wallet's key; default: walletKeyFile of the configuration",
    )
    .action(async (id: string, options: { keyFile?: string }) =>
      (await import("./commands/retry.ts")).retry(id, options, context(dchat)),
    );

  messages
    .command("list")
    .description("messages, newest first, from the index")
    .option("--state <state>", "sent, final (or attested, too), delivered or failed")
    .option("--from <chain>", "the chain that they come from, by name")
    .option("--to <chain>", "the chain that they go to, by name")
    .option("--lane <id>", "the lane that they are on")
    .option("--sender <address>", "who sent them, or the tokens in them")
    .option("--recipient <address>", "who gets them, or the tokens in them")
    .option("--token <address>", "the token in them, by its address on the chain that they come from")
    .option("--limit <number>", "how many, up to 200; default: 20")
    .option("--after <page>", "go on where a list ended")
    .action(async (options: MessageListOptions) =>
      (await import("./commands/index-actions.ts")).listMessages(options, context(dchat)),
    );

  addEscrowCommands(dchat, () => context(dchat));

  dchat.commandsGroup("The network:");
  dchat
    .command("doctor")
    .description(
      "what is wrong with this network and its fleet, and what to do; exit code 1 when something is",
    )
    .option("--keystore <file...>", "encrypted keys of signers to look at, too; they stay locked")
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import("./commands/doctor/index.ts");
      if (!(await doctor(options, context(dchat)))) outcome.code = exitCodes.failure;
    });

  dchat
    .command("status")
    .description("how far chains and lanes are")
    .action(async () => (await import("./commands/status.ts")).status(context(dchat)));

  addQueueCommands(dchat, () => context(dchat));
  addIndexCommands(dchat, () => context(dchat));

  dchat.commandsGroup("Validators:");
  addValidatorCommands(dchat, () => context(dchat));
  addSignerCommands(dchat, { local: () => localContext(dchat), full: () => context(dchat) });

  dchat.commandsGroup("Operations:");
  addDeployCommands(dchat, {
    local: () => localContext(dchat),
    environment: process.env,
    foundWrong: () => (outcome.code = exitCodes.failure),
  });
  addAlertingCommands(dchat, { local: () => localContext(dchat), full: () => context(dchat) });
  addUserCommands(dchat, () => context(dchat));
  addBackupCommands(dchat, { local: () => localContext(dchat), full: () => context(dchat) });
  addSpeechCommands(dchat, {
    local: () => localContext(dchat),
    full: () => context(dchat),
    foundWrong: () => (outcome.code = exitCodes.failure),
  });

  addChaosCommands(dchat, {
    local: () => localContext(dchat),
    full: () => context(dchat),
    foundWrong: () => (outcome.code = exitCodes.failure),
  });

  const relayer = dchat.command("relayer").description("the processes of the fleet");
  relayer
    .command("start")
    .description("play one role until interrupted; logs are JSON lines on standard output")
    .addOption(new Option("--role <role>", "the role to play").choices(roles).makeOptionMandatory())
    .option("--chain <chain>", "the chain that a watcher reads, a sender delivers to or a keeper serves")
    .option(
      "--health-host <address>",
      "where metrics and health are served; default: 127.0.0.1, to nobody else",
    )
    .option("--health-port <port>", "the port of it; default: a free one")
    .option("--keystore <file>", "the encrypted key that a signer signs with")
    .option("--passphrase-file <file>", "the file with the keystore's pass-phrase")
    .option("--key-file <file>", "instead of a keystore, a file with the plain key; for local networks")
    .action(async (options: RelayerOptions) => {
      // Asked to end by its parent's death as by a signal: what is under way is finished.
      exitWithParent(() => {
        stopping.abort();
      }, process.env);
      stopping.signal.addEventListener("abort", endInTime);
      // Queues and their friends take longer to load than most commands take to run.
      const { startRelayer } = await import("./commands/relayer.ts");
      await startRelayer(options, context(dchat));
    });

  const ours = "This command line:";
  dchat.commandsGroup(ours);
  dchat.addHelpCommand(
    dchat
      .createCommand("help")
      .argument("[command]")
      .description("as --help of that command")
      .helpGroup(ours),
  );
  addExamples(dchat);
  addCompletion(dchat, { argv, chains: () => chainsOf(context(dchat).network).map(({ name }) => name) });
  return dchat;
}

function localContext(dchat: Command): LocalContext {
  const { json } = dchat.opts<GlobalOptions>();
  return {
    signal: stopping.signal,
    output: createOutput({ json: json === true, stdout: process.stdout, stderr: process.stderr, spinner }),
  };
}

function context(dchat: Command): CommandContext {
  const { config } = dchat.opts<GlobalOptions>();
  const file = config ?? findRunningNetwork(RUNS);
  if (file === undefined)
    throw new ConfigurationError(
      "CONFIGURATION",
      'No network: nothing runs here. Start one with "npm start", or name a configuration with --config or DCHAT_CONFIG.',
    );
  requireSameNamespace(file);
  return { ...localContext(dchat), network: readNetwork(file, process.env) };
}

/** commander has told people its own errors already, and help that was asked for is none. */
function endOfCommander({ code, exitCode, message }: CommanderError, json: boolean): number {
  if (exitCode === 0) return exitCodes.success;
  const what =
    code === "commander.help" ? "No command was named" : withoutValues(message).replace(/^error: /, "");
  if (json) reportJson("USAGE", `${what}. Nothing was done; see dchat --help.`);
  return exitCodes.usage;
}

/** An unknown option that commander quotes, without what was given to it: that may be a secret. */
function withoutValues(text: string): string {
  return text.replace(/'(--?[^='\n]+)=.*'/gs, "'$1'");
}

function interrupted(cause: unknown): InterruptedError {
  return new InterruptedError("INTERRUPTED", "Interrupted before it was done.", {}, cause);
}

function reportJson(code: string, message: string): void {
  process.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
}

function report(error: unknown, json: boolean): void {
  if (json)
    reportJson(
      error instanceof DchatError ? error.code : "INTERNAL",
      error instanceof DchatError ? error.message : explain(error),
    );
  const told =
    error instanceof DchatError
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  process.stderr.write(`${styleText("red", "error:", { stream: process.stderr })} ${told}\n`);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigurationError) return exitCodes.configuration;
  if (error instanceof UsageError) return exitCodes.usage;
  if (error instanceof InterruptedError) return exitCodes.interrupted;
  return error instanceof RetryableError ? exitCodes.unavailable : exitCodes.failure;
}

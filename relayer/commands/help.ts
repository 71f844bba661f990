import { styleText } from "node:util";
import type { Command } from "commander";
import { exitCodes } from "../platform/exit-codes.ts";

const { success, failure, usage, unavailable, configuration, interrupted } = exitCodes;

/** What stands below the commands in `dchat --help`. */
const AFTER = `
To begin, with "npm start" in another terminal:
  $ dchat transfer --from A --to B --amount 12.5 --token DEMO   send a token, and follow it until it is there
  $ dchat message list --state delivered                        what arrived, newest first
  $ dchat doctor                                                what is wrong with the network, and what to do
  $ dchat escrow create --help                                  trade with a stranger

Which network: --config FILE, or else DCHAT_CONFIG, or else the local network that "npm start" runs.
Commands print text for people on standard output and what is under way on standard error; with --json standard output is one JSON
document, the result or {"error": {"code", "message"}}. Colours are for terminals alone, and none where NO_COLOR is set.

Exit codes:
  ${pad(success)}done
  ${pad(failure)}not done, or something wrong was found; the message says why and what became of the money
  ${pad(usage)}the command line was wrong, and nothing was done
  ${pad(unavailable)}something does not answer now; the same command may succeed later
  ${pad(configuration)}the configuration is wrong
  ${pad(interrupted)}interrupted before it was done

TAB completes commands, options, chains and files after: eval "$(dchat completion bash)" (or zsh, fish, powershell).
`;

/** Examples of one command, below its help. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  transfer: [
    "dchat transfer --from A --to B --amount 12.5 --token DEMO",
    "dchat transfer --from A --to B --amount 1 --token DEMO --recipient 0x… --no-wait --json",
  ],
  message: [
    "dchat message 0x… --wait",
    "dchat message list --from A --state failed",
    "dchat message retry 0x…",
  ],
  escrow: [
    "dchat escrow create --chain A --token DEMO --amount 10 --seller 0x… --deliver-by +2d",
    "dchat escrow show 0x…          what may be done next, by whom, until when",
    "dchat escrow release 0x…       pay the seller",
  ],
  queue: ["dchat queue failed", "dchat queue retry QUEUE"],
  validator: ["dchat validator status", "dchat validator rotate --key-file any-account.key"],
  signer: ["dchat signer keygen --out keys", "dchat signer list keys"],
  alerting: [
    "dchat alerting fire-drill",
    "dchat alerting silence add alertname=LaneSlow --duration 2h --comment upgrade",
  ],
  speech: ['dchat speech say --text "Validator 3 missed 9 attestations." --out alert.wav'],
  chaos: ["dchat chaos run high-latency --preview", "dchat chaos check"],
  relayer: ["dchat --config network.json relayer start --role watcher --chain A"],
};

/** How help looks: titles and commands stand out on terminals, commander leaves colours out elsewhere. Call it before commands are added. */
export function styleHelp(dchat: Command): void {
  const style = (format: "bold" | "cyan") => (text: string) =>
    styleText(format, text, { validateStream: false });
  dchat.configureHelp({
    styleTitle: style("bold"),
    styleCommandText: style("cyan"),
    styleSubcommandText: style("cyan"),
    styleOptionText: style("cyan"),
  });
}

/** Adds what teaches: examples, exit codes, and where a network comes from. Call it when all commands are there. */
export function addExamples(dchat: Command): void {
  dchat.addHelpText("after", AFTER);
  for (const command of dchat.commands) {
    const examples = EXAMPLES[command.name()];
    if (examples === undefined) continue;
    command.addHelpText("after", `\nExamples:\n${examples.map((line) => `  $ ${line}\n`).join("")}`);
  }
}

function pad(code: number): string {
  return String(code).padEnd(5);
}

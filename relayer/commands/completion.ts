import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";

const NAME = "completion";
/** Options that take the name of a chain. */
const CHAIN_OPTIONS: ReadonlySet<string> = new Set(["chain", "from", "to"]);
/** Options that take the name of a file. */
const FILE_OPTION = /^(config|keystore|records|out|.*file)$/;

/**
 * Adds `dchat completion SHELL`, which prints a script for that shell, and `dchat complete`, which that script asks at every TAB.
 * Call it when the program has all its other commands.
 * @param options.chains the names of the chains of the network in force; what it throws means that there are none to offer
 * @param options.argv the whole command line
 */
export function addCompletion(
  dchat: Command,
  { chains, argv }: { readonly chains: () => readonly string[]; readonly argv: readonly string[] },
): void {
  const offered = tab(dchat, { completionCommandName: NAME });
  dchat.commands
    .find((command) => command.name() === NAME)
    ?.description("print a script that has a shell complete dchat's commands by TAB");
  // What is asked about stands last on the command line.
  const begun = argv.at(-1)?.replace(/^--[^=]*=/, "") ?? "";
  for (const { options } of [offered, ...offered.commands.values()])
    for (const [name, option] of options) {
      const values = CHAIN_OPTIONS.has(name)
        ? () => orNone(chains)
        : FILE_OPTION.test(name)
          ? () => orNone(() => filesFrom(begun))
          : undefined;
      if (values === undefined || option.isBoolean === true) continue;
      option.handler = (complete) => {
        for (const value of values()) complete(value, "");
      };
    }
}

/** The paths that begin with these letters; folders end with a slash. */
function filesFrom(begun: string): readonly string[] {
  const folder = begun.endsWith("/") ? begun : dirname(begun);
  return readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const path = begun.includes("/") ? join(folder, entry.name) : entry.name;
    return entry.isDirectory() ? `${path}/` : path;
  });
}

/** Whoever presses TAB has not asked anything yet that could fail: what cannot be found is not offered. */
function orNone(find: () => readonly string[]): readonly string[] {
  try {
    return find();
  } catch {
    return [];
  }
}

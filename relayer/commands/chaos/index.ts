import { type Command, Option } from "commander";
import type { CommandContext } from "../context.ts";
import type { RunOptions } from "./run.ts";

/** What commands are given when they run, and how one says that it found something wrong. */
type Contexts = {
  readonly full: () => CommandContext;
  readonly foundWrong: () => void;
};

/** Adds `dchat chaos …` to the program. Each command loads its code when it runs. */
export function addChaosCommands(dchat: Command, { full, foundWrong }: Contexts): void {
  const chaos = dchat.command("chaos").description("faults on a running fleet, and proof of what they did");
  chaos
    .command("list")
    .description("the scenarios, the processes and links that there are, and what can be done to them here")
    .action(async () => (await import("./list.ts")).list(full()));
  chaos
    .command("run")
    .description("run an experiment; exits with 1 when it fails")
    .argument("<experiment>", "a scenario that dchat chaos list names, or a file in YAML or JSON")
    .option("--time-scale <factor>", "make everything so many times as short, from 1 to 1000", "1")
    .addOption(
      new Option("--tier <tier>", "by what means, and no others")
        .choices(["auto", "portable", "linux"])
        .default("auto"),
    )
    .action(async (experiment: string, options: RunOptions) => {
      if (!(await (await import("./run.ts")).run(experiment, options, full()))) foundWrong();
    });
  chaos
    .command("check")
    .description(
      "read both chains and the signers' records, and say what is not as it must be; exits with 1 then",
    )
    .option("--within <seconds>", "how long a message may be on its way", "120")
    .action(async (options: { within: string }) => {
      if (!(await (await import("./check.ts")).checkNow(options, full()))) foundWrong();
    });
}

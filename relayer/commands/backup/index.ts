import { type Command, Option } from "commander";
import { UsageError } from "../../domain/errors.ts";
import type { CommandContext, LocalContext } from "../context.ts";
import type { CreateOptions } from "./create.ts";
import type { RestoreOptions } from "./restore.ts";

/** What commands are given when they run: with the network, or without where they need none. */
type Contexts = { readonly local: () => LocalContext; readonly full: () => CommandContext };

/** How many messages a fork that a signer took for final may have had more than the chain has now; far more than ever happened. */
const MARGIN = 100n;

/** Adds `dchat backup …` to the program. Each command loads its code when it runs. */
export function addBackupCommands(dchat: Command, { local, full }: Contexts): void {
  const backup = dchat
    .command("backup")
    .description("copies of what roles keep on this machine, and putting them back safely");
  backup
    .command("create")
    .description("copy every store of the data folder, each as it is at one moment; roles go on meanwhile")
    .requiredOption("--out <folder>", "where the copies go; a new folder")
    .action(async (options: CreateOptions) => {
      (await import("./create.ts")).createBackup(options, full());
    });
  backup
    .command("check")
    .description("whether a backup is whole")
    .argument("<folder>", "what create has made")
    .action(async (folder: string) => {
      (await import("./check.ts")).checkBackup(folder, local());
    });
  backup
    .command("restore")
    .description(
      "put the stores of a backup into a data folder without them; what signers may have signed since is closed",
    )
    .argument("<folder>", "what create has made")
    .option(
      "--only <names...>",
      "only these stores, such as signing-records; default: all that the backup has",
    )
    .addOption(
      new Option("--margin <n>", "close lanes to signers so many messages beyond the newest")
        .argParser(readMargin)
        .default(MARGIN, MARGIN.toString()),
    )
    .action(async (folder: string, options: RestoreOptions) =>
      (await import("./restore.ts")).restoreBackup(folder, options, full()),
    );
}

/** @throws UsageError `USAGE` */
function readMargin(given: string): bigint {
  if (/^[0-9]{1,9}$/.test(given)) return BigInt(given);
  throw new UsageError(
    "USAGE",
    `--margin ${given} is no number of messages. Nothing was done; give a whole number from 0 on.`,
  );
}

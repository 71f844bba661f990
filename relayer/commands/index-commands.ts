import type { Command } from "commander";
import type { CommandContext } from "./context.ts";

/** Adds `dchat index`. Each command loads its code when it runs. */
export function addIndexCommands(dchat: Command, context: () => CommandContext): void {
  const index = dchat.command("index").description("the index that lists are read from");
  index
    .command("status")
    .description("how far the index has come on each chain")
    .action(async () => (await import("./index-actions.ts")).showIndex(context()));
  index
    .command("rebuild")
    .description("empty the index and fill it from the chains again; messages are carried meanwhile")
    .option("--no-wait", "return when it is asked for, instead of when it is done")
    .action(async (options: { wait: boolean }) =>
      (await import("./index-actions.ts")).rebuildIndex(options, context()),
    );
}

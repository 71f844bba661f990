import type { Command } from "commander";
import type { Environment } from "../../platform/environment.ts";
import type { LocalContext } from "../context.ts";
import type { RunOptions } from "./run.ts";
import type { DeployOptions } from "./session.ts";

/** What deploying is given by main. */
type DeployServices = {
  readonly local: () => LocalContext;
  readonly environment: Environment;
  /** Told that a command did its work, and found something wrong. */
  readonly foundWrong: () => void;
};

/** Adds `dchat deploy …`. Each command loads its code when it runs. */
export function addDeployCommands(dchat: Command, { local, environment, foundWrong }: DeployServices): void {
  const deploy = dchat
    .command("deploy")
    .description("put the contracts on chains, and hold them against what was planned");
  withOptions(deploy.command("plan"))
    .description("what goes where and what it costs; sends nothing; exit code 1 when something is in the way")
    .action(async (file: string, options: DeployOptions) => {
      const { plan } = await import("./plan.ts");
      if (!(await plan(file, options, local(), environment))) foundWrong();
    });
  withOptions(deploy.command("run"))
    .description("deploy what is missing, and write the addresses; called again, it goes on")
    .option("--no-verify", "do not hand sources to explorers")
    .action(async (file: string, options: RunOptions) => {
      const { run } = await import("./run.ts");
      await run(file, options, local(), environment);
    });
  withOptions(deploy.command("check"))
    .description("hold what is on the chains against the file; exit code 1 when something is wrong")
    .action(async (file: string, options: DeployOptions) => {
      const { check } = await import("./check.ts");
      if (!(await check(file, options, local(), environment))) foundWrong();
    });
}

function withOptions(command: Command): Command {
  return command
    .argument("<file>", "the deployment file, such as networks/testnets.json")
    .option("--addresses <file>", "the file with the addresses; default: deployments/<name>.json");
}

import { type Command, Option } from "commander";
import type { CommandContext, LocalContext } from "../context.ts";
import type { ManifestOptions } from "./manifest.ts";
import type { ReportOptions } from "./report.ts";
import type { CampaignTexts } from "./request.ts";
import type { RunOptions } from "./run.ts";
import type { ScheduleOptions } from "./schedule.ts";

/** What commands are given when they run, and how one says that it found something wrong. */
type Contexts = {
  readonly local: () => LocalContext;
  readonly full: () => CommandContext;
  readonly foundWrong: () => void;
};

const EXPERIMENT = "a scenario that dchat chaos list names, or a file in YAML or JSON";

/** Adds `dchat chaos …` to the program. Each command loads its code when it runs. */
export function addChaosCommands(dchat: Command, contexts: Contexts): void {
  const chaos = dchat.command("chaos").description("faults on a running fleet, and proof of what they did");
  addRunCommands(chaos, contexts);
  addShowCommands(chaos, contexts);
  addScheduleCommands(chaos, contexts);
}

/** In which time, by what means, and whether anybody waits. */
function runnable(command: Command): Command {
  return timed(command)
    .option("--preview", "show what it would do to whom, and do nothing")
    .option("--detach", "do not wait for its end; dchat chaos status shows it");
}

function timed(command: Command): Command {
  return command
    .option(
      "--time-scale <factor>",
      "make durations so many times as short, from 1 to 1000; as the network's time-outs are, if left out",
    )
    .addOption(
      new Option("--tier <tier>", "by what means, and no others")
        .choices(["auto", "portable", "linux"])
        .default("auto"),
    );
}

function addRunCommands(chaos: Command, { full, foundWrong }: Contexts): void {
  runnable(chaos.command("run").argument("<experiment>", EXPERIMENT))
    .description("run an experiment; exits with 1 unless it passes. Ctrl-C heals everything")
    .action(async (experiment: string, options: RunOptions) => {
      if (!(await (await import("./run.ts")).run(experiment, options, full()))) foundWrong();
    });
  runnable(chaos.command("campaign"))
    .description("run faults of all types at random, drawn from a seed; exits with 1 unless it passes")
    .option("--seed <number>", "draw the same windows again; default: a fresh one, which is printed")
    .option("--windows <number>", "how many windows of faults", "200")
    .option("--messages <number>", "how many messages are sent at least", "2000")
    .option("--least <seconds>", "how long a window lasts at least", "1")
    .option("--most <seconds>", "how long a window lasts at most", "5")
    .option("--burst <windows>", "how many windows overlap at most, before nothing lasts for a while", "4")
    .option("--calm <seconds>", "for how long nothing lasts after each burst", "5")
    .action(async (options: RunOptions & CampaignTexts) => {
      if (!(await (await import("./run.ts")).campaign(options, full()))) foundWrong();
    });
  chaos
    .command("stop")
    .description("the kill switch: heal everything that a run did, and end it as failed")
    .argument("[run]", "its id, as dchat chaos status prints it")
    .option("--all", "every run")
    .action(async (run: string | undefined, options: { all?: true }) =>
      (await import("./stop.ts")).stop(run, options, full()),
    );
}

function addShowCommands(chaos: Command, { local, full, foundWrong }: Contexts): void {
  chaos
    .command("list")
    .description("the scenarios, the processes and links that there are, and what can be done to them here")
    .action(async () => (await import("./list.ts")).list(full()));
  chaos
    .command("status")
    .description("one run, or the newest ones and how the fleet came back over all of them")
    .argument("[run]", "its id")
    .action(async (run: string | undefined) => (await import("./status.ts")).showStatus(run, full()));
  chaos
    .command("report")
    .description("the report of a run, with a timeline of its faults over throughput and latency in HTML")
    .argument("<run>", "its id, as dchat chaos status prints it")
    .addOption(
      new Option("--format <format>", "of the report")
        .choices(["json", "markdown", "html"])
        .default("markdown"),
    )
    .option("--out <file>", "write it to a new file")
    .action(async (run: string, options: ReportOptions) =>
      (await import("./report.ts")).report(run, options, full()),
    );
  chaos
    .command("manifest")
    .description("the same experiment as resources of Chaos Mesh, for kubectl; needs no network")
    .argument("<experiment>", EXPERIMENT)
    .option("--namespace <name>", "where the fleet's pods are", "dchat")
    .option("--cron <expression>", "as a schedule: five fields, in the time zone")
    .option("--time-zone <name>", "an IANA name, such as Europe/Zurich", "UTC")
    .action(async (experiment: string, options: ManifestOptions) => {
      (await import("./manifest.ts")).printManifests(experiment, options, local());
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

function addScheduleCommands(chaos: Command, { full }: Contexts): void {
  const schedule = chaos.command("schedule").description("experiments that run by themselves");
  timed(schedule.command("set").argument("<name>", "small letters, digits and dashes"))
    .argument("<experiment>", EXPERIMENT)
    .description("run an experiment again and again, or change when")
    .requiredOption("--cron <expression>", "five fields, or six with seconds before them")
    .option("--time-zone <name>", "an IANA name, such as Europe/Zurich", "UTC")
    .option("--jitter <seconds>", "begin later by a part of this", "0")
    .addOption(
      new Option("--overlap <policy>", "what becomes of a run that is due while the one before is not over")
        .choices(["Forbid", "Allow"])
        .default("Forbid"),
    )
    .option("--disabled", "run nothing yet")
    .action(async (name: string, experiment: string, options: ScheduleOptions) =>
      (await import("./schedule.ts")).setSchedule(name, experiment, options, full()),
    );
  schedule
    .command("list")
    .description("what is run when")
    .action(async () => (await import("./schedule.ts")).listSchedules(full()));
  for (const [verb, isEnabled, description] of [
    ["enable", true, "let a schedule run again, from now on"],
    ["disable", false, "let a schedule run nothing for now"],
  ] as const)
    schedule
      .command(verb)
      .description(description)
      .argument("<name>", "its name")
      .action(async (name: string) =>
        (await import("./schedule.ts")).enableSchedule(name, isEnabled, full()),
      );
  schedule
    .command("remove")
    .description("forget a schedule; runs that were begun go on")
    .argument("<name>", "its name")
    .action(async (name: string) => (await import("./schedule.ts")).removeSchedule(name, full()));
}

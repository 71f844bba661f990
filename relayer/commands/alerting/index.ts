import type { Command } from "commander";
import type { CommandContext, LocalContext } from "../context.ts";
import type { AckOptions } from "./act.ts";
import type { AlertOptions, HistoryOptions } from "./show.ts";
import type { AddOptions } from "./silence.ts";

type Contexts = { readonly local: () => LocalContext; readonly full: () => CommandContext };

const FORMAT = "a file in Alertmanager's format";
const MATCHERS = 'such as alertname=LaneStuck or lane=~"A-.*"';

/** Adds `dchat alerting …`. What reads rules and configurations is loaded by the commands that do. */
export function addAlertingCommands(dchat: Command, context: Contexts): void {
  const alerting = dchat.command("alerting").description("rules, alerts, silences, and who is told");
  addCheckCommands(alerting, context);
  addShowCommands(alerting, context);
  addSilenceCommands(alerting, context);
  addActCommands(alerting, context);
}

/** What needs no fleet: what is in files, and what it would do. */
function addCheckCommands(alerting: Command, { local }: Contexts): void {
  alerting
    .command("check-config")
    .description("is a file with routes and receivers right; every problem with its place, when not")
    .argument("<file>", FORMAT)
    .action(async (file: string) => {
      (await import("./check.ts")).checkConfig(file, local());
    });
  alerting
    .command("check-rules")
    .description("are files with rules right; every problem with its place, when not")
    .argument("[files...]", "files in Prometheus's format; default: the rules that come with dchat")
    .action(async (files: string[]) => {
      (await import("./check.ts")).checkRules(files, local());
    });
  alerting
    .command("routes")
    .description("who would be told")
    .command("test")
    .description("the receivers of an alert with these labels, as amtool config routes test prints them")
    .argument("<file>", FORMAT)
    .argument("[labels...]", "labels such as severity=critical")
    .action(async (file: string, labels: string[]) => {
      (await import("./check.ts")).testRoutes(file, labels, local());
    });
}

function addShowCommands(alerting: Command, { full }: Contexts): void {
  alerting
    .command("alerts")
    .description("what fires now")
    .argument("[matchers...]", `only what fits, ${MATCHERS}`)
    .option("--silenced", "those that nobody is told of, too")
    .option("--receiver <name>", "only what goes to receivers that this RE2 expression fits")
    .action(async (matchers: string[], options: AlertOptions) =>
      (await import("./show.ts")).showAlerts(matchers, options, full()),
    );
  alerting
    .command("history")
    .description("what happened: transitions, notifications, attempts and acts, the newest first")
    .argument("[matchers...]", `only what fits, ${MATCHERS}`)
    .option("--from <time>", "from this time on, such as 2026-01-31T12:00:00Z")
    .option("--to <time>", "before this time")
    .option("--kind <kind>", "transition, notification, attempt or act")
    .option("--receiver <name>", "only of this receiver")
    .option("--limit <number>", "how many, up to 1000", "50")
    .action(async (matchers: string[], options: HistoryOptions) =>
      (await import("./show.ts")).showHistory(matchers, options, full()),
    );
}

function addSilenceCommands(alerting: Command, { full }: Contexts): void {
  const silence = alerting.command("silence").description("tell nobody of some alerts, for a while");
  silence
    .command("add")
    .description("silence alerts, in the name of the token's user")
    .argument("<matchers...>", MATCHERS)
    .requiredOption("--comment <text>", "why")
    .option("--duration <duration>", "how long, such as 2h or 1d12h", "1h")
    .option("--preview", "only show what would be silenced")
    .action(async (matchers: string[], options: AddOptions) =>
      (await import("./silence.ts")).addSilence(matchers, options, full()),
    );
  silence
    .command("list")
    .description("silences that hold or are to come")
    .option("--expired", "those that are over, too", false)
    .action(async (options: { expired: boolean }) =>
      (await import("./silence.ts")).listSilences(options, full()),
    );
  silence
    .command("expire")
    .description("end a silence now")
    .argument("<id>", "the id that add and list print")
    .action(async (id: string) => (await import("./silence.ts")).expireSilence(id, full()));
}

function addActCommands(alerting: Command, { full }: Contexts): void {
  alerting
    .command("ack")
    .description("take alerts over, in the name of the token's user: they escalate no further")
    .argument("<matchers...>", MATCHERS)
    .option("--comment <text>", "what you do about it", "")
    .option("--for <duration>", "for how long; default: as long as they fire")
    .option("--undo", "give them back instead")
    .action(async (matchers: string[], options: AckOptions) =>
      (await import("./act.ts")).acknowledge(matchers, options, full()),
    );
  alerting
    .command("test")
    .description("tell a receiver that nothing is wrong, now; exit code 1 when that does not arrive")
    .argument("<receiver>", "its name in the configuration")
    .action(async (receiver: string) => (await import("./act.ts")).testReceiver(receiver, full()));
  alerting
    .command("reload")
    .description("read configuration and rules again; what is in force stays when they are wrong")
    .action(async () => (await import("./act.ts")).reload(full()));
  alerting
    .command("fire-drill")
    .description("raise an alert that goes all the way, wait until everybody was told, and end it")
    .option("--severity <severity>", "critical, warning or info", "info")
    .argument("[labels...]", "further labels, such as team=bridge")
    .action(async (labels: string[], options: { severity: string }) =>
      (await import("./act.ts")).fireDrill(labels, options, full()),
    );
}

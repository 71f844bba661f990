import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { readSecretText } from "../platform/secret-file.ts";
import { ChannelReader } from "./config/channels.ts";
import { AlertingConfigurationError, keyOf, type Path, type Problem } from "./config/problems.ts";
import { type ParseMatchers, Reader, type Readers } from "./config/reader.ts";
import { known, type Names, readEscalations, readInhibitRules, readRoutes } from "./config/routes.ts";
import { globalSection, receiverSection, topSection } from "./config/sections.ts";
import { YamlSource } from "./config/yaml-source.ts";
import type { ReceiverSettings } from "./core/channel-settings.ts";
import type { AlertingPlan, ReceiverPlan } from "./core/routing-types.ts";
import { type AllowedTargets, parseAllowedTargets } from "./core/targets.ts";

export { AlertingConfigurationError, printProblem, type Problem } from "./config/problems.ts";

/** A configuration of alerting that was read and checked as a whole. */
export type AlertingConfiguration = {
  /** Whom to tell of what. */
  readonly plan: AlertingPlan;
  /** How to reach them. */
  readonly receivers: readonly ReceiverSettings[];
  /** Which private hosts may be reached. */
  readonly targets: AllowedTargets;
  /** When an alert that its source does not report any more counts as resolved, in milliseconds. */
  readonly resolveTimeout: number;
  /** What works and should be mended all the same. */
  readonly warnings: readonly Problem[];
};

/** What a configuration is read with. Files in it are relative to its own folder. */
export type ReadOptions = {
  /** The file's name, for errors and for files that it names. */
  readonly file: string;
  /** The engine's reader of matchers. */
  readonly parseMatchers: ParseMatchers;
};

/** Alertmanager's default. */
const RESOLVE_TIMEOUT = 300_000;

/**
 * Reads an Alertmanager configuration with dchat's additions, and the files with secrets that it names.
 * @param text the file's content
 * @throws AlertingConfigurationError with every problem that was found, each with its line, its column and how to mend it. No secret
 * is in it. Nothing of such a configuration may be put in force
 */
export function readAlertingConfiguration(text: string, options: ReadOptions): AlertingConfiguration {
  const source = YamlSource.read(text);
  if (!(source instanceof YamlSource)) throw new AlertingConfigurationError(options.file, source);
  const reader = new Reader(source, readersOf(options));
  const configuration = read(reader, source.value);
  if (reader.problems.length > 0)
    throw new AlertingConfigurationError(options.file, inOrder(reader.problems));
  return { ...configuration, warnings: inOrder(reader.warnings) };
}

/** The configuration as JSON may show it: templates as they were written, secrets as `<secret>`. */
export function describeConfiguration(configuration: AlertingConfiguration): unknown {
  const { plan, receivers, resolveTimeout, warnings } = configuration;
  const text = JSON.stringify({ plan, receivers, resolveTimeout, warnings }, (_, value: unknown) => {
    const template = z.object({ of: z.literal("message"), source: z.string() }).safeParse(value);
    return template.success ? template.data.source : value;
  });
  return JSON.parse(text);
}

function readersOf({ file, parseMatchers }: ReadOptions): Readers {
  const at = (name: string) => resolve(dirname(file), name);
  return {
    parseMatchers,
    readSecret: (name) => readSecretText(at(name)),
    readText: (name) => readFileSync(at(name), "utf8"),
  };
}

function read(reader: Reader, value: unknown): Omit<AlertingConfiguration, "warnings"> {
  // A mistake at the top does not hide those inside of its sections.
  const top: Record<string, unknown> =
    reader.parse(topSection, value, []) ?? z.looseObject({}).safeParse(value).data ?? {};
  const global = reader.parse(globalSection, top["global"] ?? {}, ["global"]);
  const targets = readTargets(reader, top["allow_private_targets"]);
  const { receivers, plans } = readReceivers(
    reader,
    top["receivers"],
    new ChannelReader(reader, global, targets),
  );
  const receiverNames = plans.map(({ name }) => name);
  checkFallbacks(reader, plans);
  const escalations = readEscalations(reader, top["escalations"], receiverNames);
  const names: Names = { receivers: receiverNames, escalations: escalations.map(({ name }) => name) };
  const route = readRoutes(reader, top["route"], names);
  const plan: AlertingPlan = {
    route,
    inhibitRules: readInhibitRules(reader, top["inhibit_rules"]),
    escalations,
    receivers: plans,
  };
  return { plan, receivers, targets, resolveTimeout: global?.resolve_timeout ?? RESOLVE_TIMEOUT };
}

function readTargets(reader: Reader, value: unknown): AllowedTargets {
  const entries = z.array(z.string()).safeParse(value).data ?? [];
  const { targets, wrong } = parseAllowedTargets(entries);
  for (const i of wrong)
    reader.problem(
      ["allow_private_targets", i],
      "expected host:port, such as 127.0.0.1:9000, or a range, such as 10.1.0.0/16",
    );
  return targets;
}

function readReceivers(reader: Reader, value: unknown, channels: ChannelReader) {
  const receivers: ReceiverSettings[] = [];
  const plans: ReceiverPlan[] = [];
  for (const { value: item, path } of reader.list(value, ["receivers"])) {
    const section = reader.parse(receiverSection, item, path);
    // A receiver with a problem keeps its name, so that routes to it are no problems of their own; and its channels are read for theirs.
    const loose = z.looseObject({ name: z.string() }).safeParse(item).data;
    const name = section?.name ?? loose?.name ?? keyOf(path);
    if (plans.some((plan) => plan.name === name))
      reader.problem([...path, "name"], `there is already a receiver by the name ${name}; choose another`);
    const settings = channels.read(section ?? loose ?? {}, path);
    receivers.push({ name, channels: settings });
    plans.push({
      name,
      integrations: settings.map(({ integration, sendResolved }) => ({ id: integration, sendResolved })),
      fallback: section?.fallback,
      limit: section?.limit && { perMinute: section.limit.per_minute, burst: section.limit.burst },
    });
  }
  return { receivers, plans };
}

/** A fallback exists, and fallbacks do not lead in a circle: else what cannot be delivered would go round for ever. */
function checkFallbacks(reader: Reader, plans: readonly ReceiverPlan[]): void {
  const names = plans.map(({ name }) => name);
  for (const [i, { name, fallback }] of plans.entries()) {
    if (fallback === undefined) continue;
    const path: Path = ["receivers", i, "fallback"];
    known(reader, "receiver", fallback, names, path);
    if (leadsTo(name, fallback, plans)) reader.problem(path, `fallbacks lead from ${name} back to it`);
  }
}

function leadsTo(name: string, from: string, plans: readonly ReceiverPlan[]): boolean {
  let at: string | undefined = from;
  // After as many steps as there are receivers one has come round.
  for (let step = 0; step <= plans.length && at !== undefined && at !== name; step++)
    at = plans.find((plan) => plan.name === at)?.fallback;
  return at === name;
}

function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Set<string>();
  return problems
    .filter(({ line, column, message }) => {
      const same = `${line}:${column}:${message}`;
      return !seen.has(same) && seen.add(same).size > 0;
    })
    .toSorted((a, b) => a.line - b.line || a.column - b.column);
}

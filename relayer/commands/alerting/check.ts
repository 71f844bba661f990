import { describeConfiguration, printProblem } from "../../alerting/config.ts";
import { parseMatchers } from "../../alerting/core/matcher-syntax.ts";
import { placeRoutes, routesOf } from "../../alerting/core/route.ts";
import { UsageError } from "../../domain/errors.ts";
import type { LocalContext } from "../context.ts";
import { DEFAULT_RULE_FILES, readConfigFile, readRuleFiles } from "./files.ts";

/** `dchat alerting check-config`. @throws AlertingConfigurationError with every problem */
export function checkConfig(file: string, { output }: LocalContext): void {
  const configuration = readConfigFile(file);
  const { plan, warnings } = configuration;
  const lines = [
    ...warnings.map((warning) => `warning: ${printProblem(file, warning)}`),
    `${file} is right: ${plan.receivers.length} receivers, ${plan.inhibitRules.length} inhibitions, ${plan.escalations.length} escalations`,
  ];
  output.result(describeConfiguration(configuration), lines.join("\n"));
}

/** `dchat alerting check-rules`. @throws FatalError `ALERTING_RULES` with every problem */
export function checkRules(files: readonly string[], { output }: LocalContext): void {
  const groups = readRuleFiles(files.length === 0 ? DEFAULT_RULE_FILES : files);
  const rules = groups.flatMap((group) =>
    group.rules.map(({ alert, expressionText }) => ({ group: group.name, alert, expr: expressionText })),
  );
  output.result({ rules }, `${rules.length} rules in ${groups.length} groups are right`);
}

/** `dchat alerting routes test`: the receivers in the order of the tree, as `amtool config routes test` prints them. */
export function testRoutes(file: string, texts: readonly string[], { output }: LocalContext): void {
  const labels = Object.fromEntries(texts.map(readLabel));
  const { plan } = readConfigFile(file);
  const found = routesOf(placeRoutes(plan.route), labels);
  const receivers = found.map(({ route }) => route.receiver);
  output.result({ labels, receivers, routes: found.map(({ key }) => key) }, receivers.join(","));
}

/** A label as `name=value`. @throws UsageError `LABEL` */
export function readLabel(text: string): readonly [name: string, value: string] {
  const parsed = parseMatchers(text);
  const [matcher, ...others] = "matchers" in parsed ? parsed.matchers : [];
  if (matcher?.operator === "=" && others.length === 0) return [matcher.name, matcher.value];
  throw new UsageError("LABEL", `${text} is no label: expected name=value. Nothing was done.`);
}

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  type AlertingConfiguration,
  printProblem,
  readAlertingConfiguration,
} from "../../alerting/config.ts";
import { parseMatchers } from "../../alerting/core/matcher-syntax.ts";
import { parseRuleFile } from "../../alerting/core/rule-file.ts";
import type { RuleGroup } from "../../alerting/core/rules.ts";
import { explain, FatalError } from "../../domain/errors.ts";
import type { AlertingConfig } from "../../domain/alerting-config.ts";

/** The rules that come with dchat. */
export const DEFAULT_RULE_FILES = ["bridge", "escrow", "fleet"].map((name) =>
  fileURLToPath(new URL(`../../alerting/rules/${name}.rules.yml`, import.meta.url)),
);

/** Everything that alerting works by, read from files and checked as a whole. */
export type AlertingFiles = {
  readonly configuration: AlertingConfiguration;
  readonly rules: readonly RuleGroup[];
};

/**
 * Reads routes, receivers and rules. Nothing is put in force by that.
 * @throws FatalError `ALERTING_CONFIG` or `ALERTING_RULES` naming every problem with file, line and column
 */
export function readAlertingFiles({
  configFile,
  ruleFiles,
  defaultRules,
}: Pick<AlertingConfig, "configFile" | "ruleFiles" | "defaultRules">): AlertingFiles {
  return {
    configuration: readConfigFile(configFile),
    rules: readRuleFiles([...(defaultRules ? DEFAULT_RULE_FILES : []), ...ruleFiles]),
  };
}

/** Reads a file in Alertmanager's format. @throws FatalError `ALERTING_CONFIG` */
export function readConfigFile(file: string): AlertingConfiguration {
  return readAlertingConfiguration(readText(file, "ALERTING_CONFIG"), { file, parseMatchers });
}

/** Reads files in Prometheus's format; all of them or none. @throws FatalError `ALERTING_RULES` */
export function readRuleFiles(files: readonly string[]): readonly RuleGroup[] {
  const read = files.map((file) => parseRuleFile(file, readText(file, "ALERTING_RULES")));
  const problems = read.flatMap((each) => ("problems" in each ? each.problems : []));
  if (problems.length > 0)
    throw new FatalError(
      "ALERTING_RULES",
      `Rules are wrong, and none of them were put in force:\n${problems.map(({ file, problem, ...at }) => `  ${printProblem(file, { ...at, message: problem })}`).join("\n")}`,
    );
  return read.flatMap((each) => ("groups" in each ? each.groups : []));
}

function readText(file: string, code: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new FatalError(code, `${file} cannot be read: ${explain(error)}. Nothing was put in force.`);
  }
}

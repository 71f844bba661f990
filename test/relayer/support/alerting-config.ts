import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { AlertingConfigurationError, readAlertingConfiguration } from "../../../relayer/alerting/config.ts";
import type { ParseMatchers } from "../../../relayer/alerting/config/reader.ts";

const folder = mkdtempSync(join(tmpdir(), "dchat-alerting-config-"));
after(() => {
  rmSync(folder, { recursive: true });
});
/** What stands in the file `secret`. */
export const SECRET = "hunter2-hunter2-hunter2-hunter2";
writeFileSync(join(folder, "secret"), `${SECRET}\n`, { mode: 0o600 });
writeFileSync(join(folder, "hook"), "https://hooks.example/services/T0/B0/hunter2\n", { mode: 0o600 });
writeFileSync(join(folder, "open"), SECRET, { mode: 0o644 });
writeFileSync(join(folder, "short"), "short", { mode: 0o600 });
writeFileSync(join(folder, "empty"), "\n", { mode: 0o600 });

/** One matcher with a value in quotes or without: what these tests need of the syntax. The engine has the whole. */
const parseMatchers: ParseMatchers = (text) => {
  const [, name, operator, value] = /^\s*(\w+)\s*(=~|!~|!=|=)\s*"?((?:[^"\\]|\\.)*)"?\s*$/.exec(text) ?? [];
  if (
    name === undefined ||
    value === undefined ||
    (operator !== "=" && operator !== "!=" && operator !== "=~" && operator !== "!~")
  )
    return { problem: "no matcher", offset: 0 };
  return { matchers: [{ name, operator, value: value.replace(/\\(.)/g, "$1") }] };
};

/** Reads a configuration that stands in the folder with the secrets of these tests. */
export const read = (text: string) =>
  readAlertingConfiguration(text, { file: join(folder, "alerting.yml"), parseMatchers });

/** The problems of a text, as `line:column key: message`. */
export function problemsOf(text: string): readonly string[] {
  try {
    read(text);
    return [];
  } catch (error) {
    assert(error instanceof AlertingConfigurationError);
    assert.equal(error.code, "ALERTING_CONFIGURATION");
    return error.problems.map(({ line, column, key, message }) => `${line}:${column} ${key}: ${message}`);
  }
}

/** The least that a configuration has. */
export const route = "route: { receiver: a }\n";
/** A configuration with one receiver. */
export const receiver = (rest: string) => `${route}receivers:\n  - name: a\n    ${rest}\n`;

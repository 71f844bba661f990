import type { ExperimentRecord } from "./record.ts";

/** The version of the shape of {@link jsonReport}; it grows when something of it changes its meaning or goes. */
const VERSION = 1;

/** A report as JSON: the record itself, with times in Unix milliseconds; what is not known is null. */
export function jsonReport(record: ExperimentRecord): string {
  const known = (_: string, value: unknown) => (value === undefined ? null : value);
  return `${JSON.stringify({ version: VERSION, ...record }, known, 2)}\n`;
}

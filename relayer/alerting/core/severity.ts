import type { Labels } from "./labels.ts";
import type { Notification } from "./notification.ts";

/** How urgent an alert is; see {@link Notification.severity}. */
export type Severity = Notification["severity"];

/** The most urgent first: their place here is their rank. */
export const SEVERITIES: readonly Severity[] = ["critical", "warning", "info"];

const BY_LABEL: Readonly<Record<string, Severity>> = {
  critical: "critical",
  page: "critical",
  emergency: "critical",
  info: "info",
  none: "info",
  debug: "info",
};

/** What the label `severity` says, in the words that people use there; warning when it says nothing that is known. */
export function severityOf(labels: Labels): Severity {
  const text = Object.hasOwn(labels, "severity") ? (labels["severity"] ?? "").toLowerCase() : "";
  return Object.hasOwn(BY_LABEL, text) ? (BY_LABEL[text] ?? "warning") : "warning";
}

/** 0 for the most urgent. */
export function rankOf(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

import type { Alert, AlertGroup } from "./alert-schema.ts";

/** Alerts as operators read them: the worst and the oldest first. */

const SEVERITIES = ["critical", "warning", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What the label says; what is not known counts as a warning, as in alerting itself. */
export function severityOf({ labels }: Pick<Alert, "labels">): Severity {
  return SEVERITIES.find((each) => each === labels["severity"]) ?? "warning";
}

/** The sentence that an alert stands for. */
export function headlineOf({ labels, annotations }: Pick<Alert, "labels" | "annotations">): string {
  return (
    annotations["summary"] ?? annotations["description"] ?? labels["alertname"] ?? "An alert without a name"
  );
}

/** All that a search looks at. */
export function textOf({ labels, annotations }: Pick<Alert, "labels" | "annotations">): string {
  return [...Object.entries(labels), ...Object.entries(annotations)].flat().join(" ");
}

/** An alert goes to several receivers, each with groups of its own; people want to read it once. */
export type ReadGroup = {
  readonly key: string;
  readonly title: string;
  readonly receivers: readonly string[];
  readonly alerts: readonly Alert[];
};

/** Groups with the same alerts are one, told to several receivers. The most severe first, then the oldest. */
export function readGroups(groups: readonly AlertGroup[]): readonly ReadGroup[] {
  const found = new Map<string, ReadGroup>();
  for (const { labels, receiver, alerts } of groups) {
    const sorted = alerts.toSorted(byUrgency);
    const key = `${titleOf(labels)} ${sorted.map(({ fingerprint }) => fingerprint).join(" ")}`;
    const before = found.get(key)?.receivers ?? [];
    found.set(key, {
      key,
      title: titleOf(labels),
      receivers: [...new Set([...before, receiver.name])],
      alerts: sorted,
    });
  }
  return [...found.values()].toSorted((a, b) =>
    a.alerts[0] === undefined || b.alerts[0] === undefined ? 0 : byUrgency(a.alerts[0], b.alerts[0]),
  );
}

/** Each alert once, whatever groups it is in. */
export function distinctAlerts(groups: readonly ReadGroup[]): readonly Alert[] {
  return [
    ...new Map(groups.flatMap(({ alerts }) => alerts.map((alert) => [alert.fingerprint, alert]))).values(),
  ];
}

/** Whether nobody is told of it now, and why. */
export function quietWords({ status, acknowledgement }: Alert): string | undefined {
  if (status.silencedBy.length > 0) return "Silenced";
  if (status.inhibitedBy.length > 0) return "Inhibited by another alert";
  if (acknowledgement !== undefined) return `Acknowledged by ${acknowledgement.by}`;
  return undefined;
}

function byUrgency(a: Alert, b: Alert): number {
  return (
    SEVERITIES.indexOf(severityOf(a)) - SEVERITIES.indexOf(severityOf(b)) ||
    Date.parse(a.startsAt) - Date.parse(b.startsAt)
  );
}

function titleOf(labels: AlertGroup["labels"]): string {
  const { alertname, ...others } = labels;
  const rest = Object.entries(others).map(([name, value]) => `${name} ${value}`);
  return [alertname ?? "Ungrouped", ...rest].join(" · ");
}

import { oneLine } from "./plain-text.ts";
import type { Notification, NotificationReason, NotifiedAlert } from "./notification.ts";
import type { Message } from "./template.ts";
import { labelOf } from "./template-values.ts";

/** `firing` as long as any alert of it fires. */
export function statusOf({ alerts }: Pick<Notification, "alerts">): "firing" | "resolved" {
  return alerts.some(({ status }) => status === "firing") ? "firing" : "resolved";
}

/** A notification as templates see it. @param externalUrl where people look alerts up; empty if nowhere */
export function messageOf(notification: Notification, externalUrl: string): Message {
  const { receiver, alerts, groupLabels, commonLabels, commonAnnotations } = notification;
  return {
    ...{ receiver, groupLabels, commonLabels, commonAnnotations, externalUrl },
    status: statusOf(notification),
    alerts,
  };
}

const WORDS: Readonly<Record<NotificationReason, string>> = {
  firing: "FIRING",
  resolved: "RESOLVED",
  repeated: "STILL FIRING",
  escalated: "ESCALATED",
  acknowledged: "ACKNOWLEDGED",
  test: "TEST",
  heartbeat: "HEARTBEAT",
};

/** One line that says the most important, such as `[STILL FIRING: 2, critical] LaneStuck chain=A`. */
export function headlineOf(notification: Notification): string {
  const { reason, alerts, truncatedAlerts, severity, level, groupLabels, commonLabels } = notification;
  const firing = alerts.filter(({ status }) => status === "firing").length + truncatedAlerts;
  // A repetition may find that all of it is over by now.
  const isOver = statusOf(notification) === "resolved" && (reason === "firing" || reason === "repeated");
  const words = [
    `${WORDS[isOver ? "resolved" : reason]}${level === undefined || reason !== "escalated" ? "" : ` to level ${level}`}`,
    ...(firing > 1 ? [`${firing} alerts`] : []),
    severity,
  ];
  const name = labelOf(commonLabels, "alertname") || labelOf(groupLabels, "alertname");
  const shown = Object.entries(groupLabels).filter(
    ([label]) => label !== "alertname" && label !== "severity",
  );
  const labels = shown.map(([label, value]) => `${label}=${value}`);
  const summary = labelOf(notification.commonAnnotations, "summary");
  return oneLine(
    `[${words.join(", ")}] ${[name || "alerts", ...labels].join(" ")}${summary === "" ? "" : `: ${summary}`}`,
  );
}

/** What is worth reading of one alert: its name, its labels without it, its texts, and its links. */
export function describeAlert(alert: NotifiedAlert) {
  const runbook = labelOf(alert.annotations, "runbook_url");
  const labels = Object.entries(alert.labels)
    .filter(([name]) => name !== "alertname")
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${oneLine(value)}`);
  return {
    name: oneLine(labelOf(alert.labels, "alertname")) || "alert",
    labels: labels.join(" "),
    summary: labelOf(alert.annotations, "summary"),
    description: labelOf(alert.annotations, "description"),
    links: linksOf(alert),
    // A runbook that is no web address, such as a file of this repository: to be read, not to be clicked.
    runbook: isWebUrl(runbook) ? "" : oneLine(runbook),
  };
}

/** The links of an alert that may be shown as links: http and https alone. */
function linksOf({
  annotations,
  generatorUrl,
}: NotifiedAlert): readonly { readonly name: string; readonly url: string }[] {
  const candidates = [
    { name: "Runbook", url: labelOf(annotations, "runbook_url") },
    { name: "Source", url: generatorUrl },
  ];
  return candidates.filter(({ url }) => isWebUrl(url));
}

/** Whether a text is a URL that a click may follow: http or https, without a user in it. */
export function isWebUrl(text: string): boolean {
  // A browser forgives spaces and control characters around a URL; who shows it may not.
  if (text.length > 2_000 || !/^https?:\/\/[^\s\p{Cc}<>"'`]+$/iu.test(text) || !URL.canParse(text))
    return false;
  const { username, password } = new URL(text);
  return username === "" && password === "";
}

/** The whole as plain text, for mails and logs. */
export function plainBody(notification: Notification, externalUrl: string): string {
  const blocks = notification.alerts.map((alert) => {
    const { name, labels, summary, description, links, runbook } = describeAlert(alert);
    const who =
      alert.acknowledgedBy === undefined ? "" : `, acknowledged by ${oneLine(alert.acknowledgedBy)}`;
    return [
      `${alert.status.toUpperCase()}${who}: ${name}`,
      summary,
      description,
      `  ${labels}`,
      `  since ${timeOf(alert.startsAt)}${alert.endsAt === undefined ? "" : `, until ${timeOf(alert.endsAt)}`}`,
      ...links.map((link) => `  ${link.name}: ${link.url}`),
      runbook === "" ? "" : `  Runbook: ${runbook}`,
    ]
      .filter((line) => line.trim() !== "")
      .join("\n");
  });
  const more =
    notification.truncatedAlerts === 0 ? [] : [`… and ${notification.truncatedAlerts} more alerts`];
  return [headlineOf(notification), ...blocks, ...more, ...(externalUrl === "" ? [] : [externalUrl])].join(
    "\n\n",
  );
}

export function timeOf(at: number): string {
  return new Date(at).toISOString();
}

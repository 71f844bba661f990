import { z } from "zod";
import { table } from "../../platform/table.ts";
import type { CommandContext } from "../context.ts";
import { AlertingClient, type AlertView, alertView, historyView } from "./client.ts";

/** The options of `dchat alerting alerts`. */
export type AlertOptions = { readonly silenced?: true; readonly receiver?: string };
/** The options of `dchat alerting history`. */
export type HistoryOptions = Readonly<
  Record<"from" | "to" | "kind" | "receiver" | "limit", string | undefined>
>;

/** `dchat alerting alerts` */
export async function showAlerts(
  matchers: readonly string[],
  { silenced, receiver }: AlertOptions,
  { network, output }: CommandContext,
): Promise<void> {
  const query = filterOf(matchers);
  if (silenced !== true) query.set("silenced", "false");
  if (receiver !== undefined) query.set("receiver", receiver);
  const path = `/api/v2/alerts?${query.toString()}`;
  const alerts = await new AlertingClient(network).get(path, z.array(alertView));
  output.result({ alerts }, describeAlerts(alerts, "Nothing fires."));
}

/** `dchat alerting history` */
export async function showHistory(
  matchers: readonly string[],
  options: HistoryOptions,
  { network, output }: CommandContext,
): Promise<void> {
  const query = filterOf(matchers);
  for (const [name, value] of Object.entries(options)) if (value !== undefined) query.set(name, value);
  const { entries } = await new AlertingClient(network).get(
    `/api/v1/history?${query.toString()}`,
    historyView,
  );
  const rows = entries.map(({ at, kind, what, labels, receiver, detail }) => [
    at,
    kind,
    what,
    labels["alertname"] ?? "",
    receiver ?? "",
    detail.replaceAll("\n", " ").slice(0, 100),
  ]);
  const head = ["at", "kind", "what", "alert", "receiver", ""];
  output.result({ entries }, rows.length === 0 ? "There is nothing." : table(head, rows));
}

function filterOf(matchers: readonly string[]): URLSearchParams {
  return new URLSearchParams(matchers.map((text): [string, string] => ["filter", text]));
}

/** Alerts in rows. @param none what to say when there are none */
export function describeAlerts(alerts: readonly AlertView[], none: string): string {
  if (alerts.length === 0) return none;
  return table(
    ["alert", "severity", "since", "state", "", "fingerprint"],
    alerts.map(({ labels, annotations, startsAt, status, acknowledgement, fingerprint }) => [
      labels["alertname"] ?? "",
      labels["severity"] ?? "",
      startsAt,
      acknowledgement === undefined ? status.state : `acknowledged by ${acknowledgement.by}`,
      (annotations["summary"] ?? "").replaceAll("\n", " ").slice(0, 100),
      fingerprint,
    ]),
  );
}

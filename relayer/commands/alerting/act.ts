import { z } from "zod";
import { FatalError, RetryableError } from "../../domain/errors.ts";
import { systemClock } from "../../platform/clock.ts";
import type { CommandContext } from "../context.ts";
import { readLabel } from "./check.ts";
import { AlertingClient, alertView, historyView } from "./client.ts";
import { readDuration, readMatchers } from "./silence.ts";

/** How often a fire drill looks, and for how long, in milliseconds. */
const POLL_MILLISECONDS = 200;
const PATIENCE_MILLISECONDS = 60_000;

const episodes = z.object({ episodes: z.array(z.string()) });
const outcomes = z.object({
  outcomes: z.array(
    z.object({
      integration: z.string(),
      delivery: z.object({ kind: z.string(), detail: z.string().optional(), reason: z.string().optional() }),
    }),
  ),
});

/** The options of `dchat alerting ack`. */
export type AckOptions = { readonly comment: string; readonly for?: string; readonly undo?: true };

/** `dchat alerting ack` */
export async function acknowledge(
  texts: readonly string[],
  options: AckOptions,
  { network, output }: CommandContext,
): Promise<void> {
  const client = new AlertingClient(network);
  for (const text of texts) readMatchers(text); // wrong ones are told of before anything is done
  const path = "/api/v1/acknowledgements";
  if (options.undo === true) {
    const given = await client.delete(path, { filter: texts }, episodes);
    output.result(given, `${given.episodes.length} alerts are nobody's again`);
    return;
  }
  const until =
    options.for === undefined
      ? undefined
      : new Date(systemClock.now() + readDuration(options.for)).toISOString();
  const taken = await client.post(path, { filter: texts, comment: options.comment, until }, episodes);
  output.result(taken, `${taken.episodes.length} alerts are yours`);
}

/** `dchat alerting reload` */
export async function reload({ network, output }: CommandContext): Promise<void> {
  await new AlertingClient(network).post("/-/reload", {}, z.unknown());
  output.result({ reloaded: true }, "reloaded");
}

/** `dchat alerting test`. @throws FatalError `NOT_DELIVERED` */
export async function testReceiver(receiver: string, { network, output }: CommandContext): Promise<void> {
  const path = `/api/v1/receivers/${encodeURIComponent(receiver)}/test`;
  const told = await new AlertingClient(network).post(path, {}, outcomes);
  const lines = told.outcomes.map(
    ({ integration, delivery: { kind, detail, reason } }) =>
      `${integration}: ${kind} ${detail ?? reason ?? ""}`,
  );
  const failed = told.outcomes.filter(({ delivery }) => delivery.kind !== "delivered");
  if (failed.length > 0)
    throw new FatalError(
      "NOT_DELIVERED",
      `${receiver} was not told:\n${lines.join("\n")}\nMend the receiver; alerts to it wait, and go to its fallback in the end.`,
    );
  output.result(told, lines.join("\n"));
}

/**
 * `dchat alerting fire-drill`. The alert has a label of its own for each drill, so that nothing said before is mistaken for it.
 * @throws RetryableError `NOT_TOLD`
 */
export async function fireDrill(
  texts: readonly string[],
  { severity }: { readonly severity: string },
  context: CommandContext,
): Promise<void> {
  const client = new AlertingClient(context.network);
  const began = systemClock.now();
  const drill = began.toString(36);
  const labels = { alertname: "FireDrill", severity, drill, ...Object.fromEntries(texts.map(readLabel)) };
  const annotations = { summary: "This is a fire drill: nothing is wrong." };
  await client.post("/api/v2/alerts", [{ labels, annotations }], z.unknown());
  try {
    const told = await untilTold(client, { drill, began }, context);
    const lines = told.map(
      ({ receiver, integration, milliseconds }) =>
        `${receiver} (${integration}): told after ${milliseconds} ms`,
    );
    context.output.result({ drill, told }, lines.length === 0 ? "The route tells nobody." : lines.join("\n"));
  } finally {
    const over = { labels, annotations, endsAt: new Date(systemClock.now()).toISOString() };
    await client.post("/api/v2/alerts", [over], z.unknown());
  }
}

type Told = { readonly receiver: string; readonly integration: string; readonly milliseconds: number };

/** Waits until every integration of every receiver of the drill's alert was told. */
async function untilTold(
  client: AlertingClient,
  { drill, began }: { readonly drill: string; readonly began: number },
  { output, signal }: CommandContext,
): Promise<readonly Told[]> {
  const filter = new URLSearchParams({ filter: `drill=${drill}` }).toString();
  const [alert] = await client.get(`/api/v2/alerts?${filter}`, z.array(alertView));
  const receivers = alert?.receivers.map(({ name }) => name) ?? [];
  for (;;) {
    const { entries } = await client.get(`/api/v1/history?${filter}`, historyView);
    const of = (kind: string) => entries.filter((each) => each.kind === kind).map(targetOf);
    const told = entries
      .filter(({ kind, what }) => kind === "attempt" && what === "delivered")
      .map((each) => ({ ...targetOf(each), milliseconds: Date.parse(each.at) - began }));
    const planned = of("notification");
    const isTold = (target: Target) => told.some((each) => areSame(each, target));
    const missing = [
      ...receivers.filter((name) => !planned.some(({ receiver }) => receiver === name)),
      ...planned
        .filter((target) => !isTold(target))
        .map(({ receiver, integration }) => `${receiver} (${integration})`),
    ];
    if (missing.length === 0) return told;
    if (systemClock.now() - began > PATIENCE_MILLISECONDS) throw notTold(missing, drill);
    output.step(`waiting for ${missing.join(", ")}`);
    await systemClock.sleep(POLL_MILLISECONDS, signal);
  }
}

type Target = Pick<Told, "receiver" | "integration">;

function targetOf({ receiver, integration }: z.output<typeof historyView>["entries"][number]): Target {
  return { receiver: receiver ?? "", integration: integration ?? "" };
}

function areSame(a: Target, b: Target): boolean {
  return a.receiver === b.receiver && a.integration === b.integration;
}

function notTold(receivers: readonly string[], drill: string): RetryableError {
  return new RetryableError(
    "NOT_TOLD",
    `Within ${PATIENCE_MILLISECONDS / 1_000} s these were not told: ${receivers.join(", ")}. The route may wait longer (group_wait), or the receiver fails: see "dchat alerting history drill=${drill}".`,
  );
}

import { z } from "zod";
import { parseDuration } from "../../alerting/core/duration.ts";
import type { Matcher } from "../../alerting/core/labels.ts";
import { parseMatchers } from "../../alerting/core/matcher-syntax.ts";
import { printMatchers } from "../../alerting/core/matchers.ts";
import { UsageError } from "../../domain/errors.ts";
import { systemClock } from "../../platform/clock.ts";
import { table } from "../../platform/table.ts";
import type { CommandContext } from "../context.ts";
import { AlertingClient, alertView, silenceView } from "./client.ts";
import { describeAlerts } from "./show.ts";

/** The options of `dchat alerting silence add`. */
export type AddOptions = { readonly comment: string; readonly duration: string; readonly preview?: true };

/** `dchat alerting silence expire` */
export async function expireSilence(id: string, { network, output }: CommandContext): Promise<void> {
  const path = `/api/v2/silence/${encodeURIComponent(id)}`;
  await new AlertingClient(network).delete(path, undefined, z.unknown());
  output.result({ id, expired: true }, `${id} is over`);
}

/** `dchat alerting silence add`: shows first what would be silenced. */
export async function addSilence(
  texts: readonly string[],
  options: AddOptions,
  { network, output }: CommandContext,
): Promise<void> {
  const client = new AlertingClient(network);
  const matchers = texts.flatMap(readMatchers);
  const now = systemClock.now();
  const body = {
    matchers: matchers.map(({ name, operator, value }) => ({
      name,
      value,
      isRegex: operator.endsWith("~"),
      isEqual: operator.startsWith("="),
    })),
    startsAt: new Date(now).toISOString(),
    endsAt: new Date(now + readDuration(options.duration)).toISOString(),
    createdBy: "",
    comment: options.comment,
  };
  const seen = z.object({ alerts: z.array(alertView) });
  const { alerts } = await client.post("/api/v1/silences/preview", body, seen);
  if (options.preview === true) {
    output.result({ alerts }, describeAlerts(alerts, "It would silence nothing that fires now."));
    return;
  }
  const { silenceID: id } = await client.post("/api/v2/silences", body, z.object({ silenceID: z.string() }));
  const until = body.endsAt;
  output.result(
    { id, endsAt: until, alerts },
    `${id}\nsilences ${printMatchers(matchers)} until ${until}: ${alerts.length} alerts that fire now`,
  );
}

/** `dchat alerting silence list` */
export async function listSilences(
  { expired }: { readonly expired: boolean },
  { network, output }: CommandContext,
): Promise<void> {
  const all = await new AlertingClient(network).get("/api/v2/silences", z.array(silenceView));
  const silences = all.filter(({ status }) => expired || status.state !== "expired");
  const rows = silences.map(({ id, status, matchers, endsAt, createdBy, comment }) => [
    id,
    status.state,
    printMatchers(
      matchers.map(({ name, value, isRegex, isEqual }) => ({
        name,
        value,
        operator: isRegex ? (isEqual ? "=~" : "!~") : isEqual ? "=" : "!=",
      })),
    ),
    endsAt,
    createdBy,
    comment,
  ]);
  const head = ["id", "state", "matchers", "until", "by", "why"];
  output.result({ silences }, rows.length === 0 ? "There are no silences." : table(head, rows));
}

/** @throws UsageError `MATCHER` */
export function readMatchers(text: string): readonly Matcher[] {
  const parsed = parseMatchers(text);
  if ("matchers" in parsed) return parsed.matchers;
  throw new UsageError(
    "MATCHER",
    `${text} is no matcher: ${parsed.problem}, at character ${parsed.offset + 1}. Nothing was done.`,
  );
}

/** In milliseconds. @throws UsageError `DURATION` */
export function readDuration(text: string): number {
  const duration = parseDuration(text);
  if (duration !== undefined && duration > 0) return duration;
  throw new UsageError("DURATION", `${text} is no duration: expected such as 30m or 2h. Nothing was done.`);
}

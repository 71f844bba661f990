import { request } from "undici";
import { z } from "zod";
import { explain, RetryableError } from "../../../../domain/errors.ts";
import type { AlertCounts } from "../facts.ts";

const PATIENCE_MILLISECONDS = 3_000;

const answer = z.array(
  z.object({
    labels: z.record(z.string(), z.string()),
    status: z.object({ state: z.enum(["unprocessed", "active", "suppressed"]) }),
  }),
);

/**
 * Counts the alerts that fire.
 * @param url where alerting's API is
 * @throws RetryableError `ALERTING_DOWN`
 */
export async function countAlerts(url: string | undefined): Promise<AlertCounts> {
  if (url === undefined) throw new RetryableError("ALERTING_DOWN", "Alerting does not run here.");
  try {
    const { statusCode, body } = await request(new URL("/api/v2/alerts", url), {
      signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
    });
    if (statusCode !== 200)
      throw new Error(`it answered ${statusCode}: ${(await body.text()).slice(0, 200)}`);
    return countsOf(answer.parse(await body.json()));
  } catch (error) {
    throw new RetryableError(
      "ALERTING_DOWN",
      `Alerting at ${url} does not answer: ${explain(error)}.`,
      {},
      error,
    );
  }
}

function countsOf(alerts: z.output<typeof answer>): AlertCounts {
  const audible = alerts.filter(({ status }) => status.state !== "suppressed");
  const count = (severity: string) => audible.filter(({ labels }) => labels["severity"] === severity).length;
  const [critical, warning] = [count("critical"), count("warning")];
  return {
    ...{ critical, warning },
    other: audible.length - critical - warning,
    silenced: alerts.length - audible.length,
  };
}

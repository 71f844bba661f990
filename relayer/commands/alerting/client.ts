import { z } from "zod";
import { ConfigurationError } from "../../domain/errors.ts";
import type { Network } from "../../domain/network.ts";
import { ApiClient } from "../../platform/api-client.ts";

/** An alert as the API shows it. */
export const alertView = z.object({
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  fingerprint: z.string(),
  startsAt: z.string(),
  receivers: z.array(z.object({ name: z.string() })),
  status: z.object({
    state: z.enum(["unprocessed", "active", "suppressed"]),
    silencedBy: z.array(z.string()),
    inhibitedBy: z.array(z.string()),
  }),
  acknowledgement: z.object({ by: z.string(), comment: z.string() }).optional(),
});
/** {@link alertView}, read. */
export type AlertView = z.infer<typeof alertView>;

/** A silence as the API shows it. */
export const silenceView = z.object({
  id: z.string(),
  status: z.object({ state: z.enum(["pending", "active", "expired"]) }),
  matchers: z.array(
    z.object({ name: z.string(), value: z.string(), isRegex: z.boolean(), isEqual: z.boolean() }),
  ),
  startsAt: z.string(),
  endsAt: z.string(),
  createdBy: z.string(),
  comment: z.string(),
});

/** One line of the history as the API shows it. */
export const historyView = z.object({
  entries: z.array(
    z.object({
      id: z.number(),
      at: z.string(),
      kind: z.string(),
      what: z.string(),
      labels: z.record(z.string(), z.string()),
      receiver: z.string().nullish(),
      integration: z.string().nullish(),
      detail: z.string(),
    }),
  ),
  next: z.number().nullish(),
});

/** Asks the alerting of a network, in the name of the user whose token the configuration names. */
export class AlertingClient extends ApiClient {
  /** @throws ConfigurationError `NO_ALERTING` */
  constructor({ alerting, tokenFile }: Network) {
    if (alerting === undefined)
      throw new ConfigurationError(
        "NO_ALERTING",
        "The configuration has no alerting. Nothing was done; add it, or name another configuration with --config.",
      );
    const { host, port } = alerting.api;
    super(`http://${host}:${port}`, {
      tokenFile,
      code: "ALERTING_API",
      name: "Alerting",
      port: "alerting.api.port",
      whileAway: "nobody is told anything while it is away. Start the role alerting.",
    });
  }
}

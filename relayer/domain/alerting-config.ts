import { z } from "zod";

const seconds = z.number().int().min(1).max(86_400);
const httpUrl = z.url({ protocol: /^https?$/ });

/** How alerting works, as far as that does not stand in the files of Prometheus's and Alertmanager's formats. */
export const alertingConfigSchema = z.strictObject({
  /** The file with routes and receivers, in Alertmanager's format. */
  configFile: z.string().min(1),
  /** Files with rules in Prometheus's format, beside those that come with dchat. */
  ruleFiles: z.array(z.string().min(1)).max(100).default([]),
  /** Whether the rules that come with dchat are in force. */
  defaultRules: z.boolean().default(true),
  /** Where Alertmanager's API, and ours, are served; loopback, unless a proxy that brings TLS is elsewhere. */
  api: z
    .strictObject({
      host: z.string().min(1).default("127.0.0.1"),
      port: z.number().int().min(1).max(65_535).default(9_093),
    })
    .prefault({}),
  /** What links in notifications begin with; no links are made if left out. */
  externalUrl: httpUrl.optional(),
  /** How often pages of metrics are read: nothing that they tell is noticed sooner. */
  scrapeMilliseconds: z.number().int().min(100).max(600_000).default(500),
  /** Pages of metrics to read beside those of the roles that share `dataFolder`. */
  scrape: z
    .array(z.strictObject({ job: z.string().min(1), url: httpUrl }))
    .max(1_000)
    .default([]),
  /** Where a sign of life is sent, and how often; nowhere if left out. */
  heartbeat: z.strictObject({ receiver: z.string().min(1), everySeconds: seconds.default(60) }).optional(),
  /** Alerts of others (by `alertname`) that must come again and again, or people are told. */
  expectedHeartbeats: z
    .array(z.strictObject({ name: z.string().min(1), withinSeconds: seconds.default(300) }))
    .max(100)
    .default([]),
  /** How long a silence may be. */
  longestSilenceHours: z.number().int().min(1).max(8_760).default(168),
  /** How long history is kept; the audit log is kept for good. */
  retentionDays: z.number().int().min(1).max(3_650).default(30),
});

/** {@link alertingConfigSchema}, read. */
export type AlertingConfig = z.infer<typeof alertingConfigSchema>;

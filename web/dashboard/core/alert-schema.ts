import { z } from "zod";

/** What alerting answers: Alertmanager's API v2, and dchat's own beside it. Times are RFC 3339 texts. */

const labels = z.record(z.string(), z.string());

export const alertShape = z.object({
  labels,
  annotations: labels,
  fingerprint: z.string(),
  startsAt: z.string(),
  status: z.object({
    state: z.enum(["unprocessed", "active", "suppressed"]),
    silencedBy: z.array(z.string()),
    inhibitedBy: z.array(z.string()),
  }),
  receivers: z.array(z.object({ name: z.string() })),
  acknowledgement: z
    .object({ by: z.string(), comment: z.string(), at: z.string(), until: z.string().optional() })
    .optional(),
});
/** {@link alertShape} */
export type Alert = z.infer<typeof alertShape>;

export const alertGroups = z.array(
  z.object({ labels, receiver: z.object({ name: z.string() }), alerts: z.array(alertShape) }),
);
/** {@link alertGroups} */
export type AlertGroup = z.infer<typeof alertGroups>[number];

export const apiMatcher = z.object({
  name: z.string(),
  value: z.string(),
  isRegex: z.boolean(),
  isEqual: z.boolean().default(true),
});
/** {@link apiMatcher} */
export type ApiMatcher = z.infer<typeof apiMatcher>;

export const silenceList = z.array(
  z.object({
    id: z.string(),
    status: z.object({ state: z.enum(["active", "pending", "expired"]) }),
    matchers: z.array(apiMatcher),
    startsAt: z.string(),
    endsAt: z.string(),
    createdBy: z.string(),
    comment: z.string(),
  }),
);
/** {@link silenceList} */
export type Silence = z.infer<typeof silenceList>[number];

export const silencePreview = z.object({ alerts: z.array(alertShape) });
export const silenceMade = z.object({ silenceID: z.string() });
export const acknowledged = z.object({ episodes: z.array(z.string()) });

export const historyPage = z.object({
  entries: z.array(
    z.object({
      at: z.string(),
      kind: z.string(),
      what: z.string(),
      labels,
      receiver: z.string().optional(),
      integration: z.string().optional(),
      detail: z.string(),
    }),
  ),
  next: z.number().nullish(),
});
/** {@link historyPage} */
export type HistoryPage = z.infer<typeof historyPage>;

/** Where escalations of alerts that fire stand. */
export const escalationList = z.object({
  escalations: z.array(
    z.object({
      fingerprint: z.string(),
      escalation: z.string(),
      since: z.string().nullable(),
      /** The highest level that was told; 0: none. */
      level: z.number(),
      levels: z.array(z.object({ level: z.number(), receivers: z.array(z.object({ name: z.string() })) })),
      next: z.object({ level: z.number(), at: z.string() }).nullable(),
      isHeld: z.boolean(),
    }),
  ),
});
/** {@link escalationList} */
export type Escalation = z.infer<typeof escalationList>["escalations"][number];

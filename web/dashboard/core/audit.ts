import { z } from "zod";
import type { AuditView } from "../../../relayer/api/operator-schema.ts";

/** Acts of people, from the logs of everything that they can act on. */

export const alertingAudit = z.object({
  entries: z.array(
    z.object({ at: z.string(), who: z.string(), what: z.string(), from: z.string(), detail: z.string() }),
  ),
});
export const chaosAudit = z.object({
  acts: z.array(
    z.object({ at: z.number(), who: z.string(), what: z.string(), from: z.string(), detail: z.string() }),
  ),
});

/** An act, and which log it is in. */
export type Act = AuditView["acts"][number] & { readonly log: "dashboard" | "alerting" | "chaos" };

/** One log out of those that answered, the newest first. */
export function mergeActs(logs: {
  readonly dashboard: AuditView | undefined;
  readonly alerting: z.infer<typeof alertingAudit> | undefined;
  readonly chaos: z.infer<typeof chaosAudit> | undefined;
}): readonly Act[] {
  const all: readonly Act[] = [
    ...(logs.dashboard?.acts ?? []).map((act) => ({ ...act, log: "dashboard" as const })),
    ...(logs.alerting?.entries ?? []).map((act) => ({
      ...act,
      at: Date.parse(act.at),
      log: "alerting" as const,
    })),
    ...(logs.chaos?.acts ?? []).map((act) => ({ ...act, log: "chaos" as const })),
  ];
  return all.toSorted((a, b) => b.at - a.at);
}

/** An act's name in words: `silence-added` is “Silence added”. */
export function showAct(what: string): string {
  const words = what.replaceAll(/[-_]/g, " ");
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

import type { Actor } from "../../domain/actor.ts";
import { FatalError } from "../../domain/errors.ts";
import { observe } from "../core/alert.ts";
import { compose } from "../core/compose.ts";
import { targetsOf } from "../core/dispatch.ts";
import { entry } from "../core/history.ts";
import type { Labels } from "../core/labels.ts";
import type { Delivery, NotificationReason } from "../core/notification.ts";
import type { Ledger } from "./ledger.ts";
import type { Notifier } from "./notifier.ts";

/** What is told directly, and why. */
export type DirectContent = {
  readonly reason: NotificationReason;
  readonly labels: Labels;
  readonly summary: string;
  readonly now: number;
};

/** What became of it, by integration. */
export type DirectOutcome = readonly { readonly integration: string; readonly delivery: Delivery }[];

/** What the test button says. */
export const TEST = {
  reason: "test",
  labels: { alertname: "Test", severity: "info" },
  summary: "This is a test: nothing is wrong.",
} as const;

/** What a sign of life says. */
export const HEARTBEAT = {
  reason: "heartbeat",
  labels: { alertname: "Watchdog", severity: "info" },
  summary: "Alerting is alive. Worry when this does not come.",
} as const;

/**
 * Tells a receiver something at once, past grouping, silences and the outbox: what is late is worth nothing here.
 * @param actor who wants it; undefined: nobody, and only what fails is recorded
 * @throws FatalError `NO_RECEIVER`
 */
export async function tellDirectly(
  receiver: string,
  { reason, labels, summary, now }: DirectContent,
  { ledger, notifier }: { readonly ledger: Ledger; readonly notifier: Pick<Notifier, "send"> },
  actor: Actor | undefined,
): Promise<DirectOutcome> {
  const targets = targetsOf(ledger.state.receivers, receiver, 0);
  if (targets.length === 0)
    throw new FatalError(
      "NO_RECEIVER",
      `There is no receiver ${receiver} that sends anything. Nothing was sent.`,
    );
  const assertion = { labels, annotations: { summary }, generatorUrl: "", startsAt: now };
  const alert = observe(undefined, { ...assertion, endsAt: undefined, resolveAfter: undefined }, now);
  const alerts = alert === undefined ? [] : [alert];
  const group = { key: `{}:{receiver="${receiver}"}`, id: `${reason} ${receiver}`, labels: {} };
  return Promise.all(
    targets.map(async (target) => {
      const { integration } = target;
      const notification = compose(ledger.state, group, { target, reason, alerts, now, limit: 1 });
      const delivery = await notifier.send(notification);
      if (actor === undefined && delivery.kind === "delivered") return { integration, delivery };
      const said = delivery.kind === "delivered" ? delivery.detail : delivery.reason;
      await ledger.run((_, commit) => {
        const what = delivery.kind;
        const line = { at: now, kind: "attempt", what, labels, receiver, integration, detail: said } as const;
        commit({ kind: "history", entry: entry({ ...line, notification: notification.id }) });
        if (actor === undefined) return;
        const detail = `${receiver} ${integration}: ${what}`;
        commit({
          kind: "audit",
          entry: { at: now, who: actor.name, what: reason, from: actor.from, detail },
        });
      });
      return { integration, delivery };
    }),
  );
}

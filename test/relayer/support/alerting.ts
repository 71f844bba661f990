import { Registry } from "prom-client";
import { type Change } from "../../../relayer/alerting/core/change.ts";
import type { Labels } from "../../../relayer/alerting/core/labels.ts";
import type { Delivery, Notification } from "../../../relayer/alerting/core/notification.ts";
import type { PostedAlert } from "../../../relayer/alerting/core/posted.ts";
import type { AlertingPlan, ReceiverPlan, Route } from "../../../relayer/alerting/core/routing-types.ts";
import { createAlertingMetrics } from "../../../relayer/alerting/metrics.ts";
import type { Channel } from "../../../relayer/alerting/ports.ts";
import type { EngineServices } from "../../../relayer/alerting/worker/engine.ts";
import { createLogger } from "../../../relayer/platform/log.ts";

/** A route that tells `pager` of each alert name at once, and of nothing else. */
export function routeOf(given: Partial<Route> = {}): Route {
  return {
    receiver: "pager",
    matchers: [],
    continue: false,
    groupBy: ["alertname"],
    groupWait: 0,
    groupInterval: 10_000,
    repeatInterval: 3_600_000,
    escalation: undefined,
    routes: [],
    ...given,
  };
}

/** A receiver with one integration. */
export function receiverOf(name: string, given: Partial<ReceiverPlan> = {}): ReceiverPlan {
  return {
    name,
    integrations: [{ id: "webhook/0", sendResolved: true }],
    fallback: undefined,
    limit: undefined,
    ...given,
  };
}

/** A plan with the receivers `pager`, `boss` and `fallback`. */
export function planOf(given: Partial<AlertingPlan> = {}): AlertingPlan {
  return {
    route: routeOf(),
    inhibitRules: [],
    escalations: [],
    receivers: [receiverOf("pager"), receiverOf("boss"), receiverOf("fallback")],
    ...given,
  };
}

/** An alert as a client posts it. */
export function posted(labels: Labels, given: Partial<PostedAlert> = {}): PostedAlert {
  return { labels, annotations: {}, startsAt: undefined, endsAt: undefined, generatorUrl: "", ...given };
}

/** A channel that keeps what it is sent, and answers as it is told. */
export class FakeChannel implements Channel {
  readonly integration = "webhook/0";
  readonly sent: Notification[] = [];
  answer: (notification: Notification) => Delivery | Promise<Delivery> = () => ({
    kind: "delivered",
    detail: "taken",
  });

  async send(notification: Notification): Promise<Delivery> {
    const delivery = await this.answer(notification);
    if (delivery.kind === "delivered") this.sent.push(notification);
    return delivery;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Fake channels for the receivers of {@link planOf}, and the map that an engine takes. */
export function fakeChannels(names: readonly string[] = ["pager", "boss", "fallback"]) {
  const byName = new Map(names.map((name) => [name, new FakeChannel()]));
  const channels = new Map(
    [...byName].map(([name, channel]) => [name, new Map([[channel.integration, channel]])]),
  );
  return { byName, channels };
}

/** What an engine needs beside a store and a clock. Nobody wakes its notifier: tests pump it. */
export function engineServices(): Pick<
  EngineServices,
  "waker" | "isComplete" | "random" | "metrics" | "logger" | "signal"
> {
  return {
    waker: { wake: () => undefined },
    isComplete: () => true,
    random: () => 0,
    metrics: createAlertingMetrics(new Registry()),
    logger: createLogger("silent", {}),
    signal: new AbortController().signal,
  };
}

/** The notifications among changes. */
export function notificationsOf(changes: readonly Change[]): readonly Notification[] {
  return changes.flatMap((change) => (change.kind === "notification" ? [change.notification] : []));
}

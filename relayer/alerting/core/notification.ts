import type { Labels } from "./labels.ts";

/** One alert as a notification tells of it. Times in Unix milliseconds. */
export type NotifiedAlert = {
  /** Sixteen hexadecimal digits that follow from the labels alone. */
  readonly fingerprint: string;
  /** The same for one firing, from its start to its end: fingerprint and start. */
  readonly episode: string;
  readonly status: "firing" | "resolved";
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: number;
  /** When it ended; undefined while it fires. */
  readonly endsAt: number | undefined;
  /** Where the alert comes from, as a link; empty if there is none. */
  readonly generatorUrl: string;
  readonly acknowledgedBy: string | undefined;
};

/** Why people are told. */
export type NotificationReason =
  | "firing" // something new fires
  | "resolved" // all of it is over
  | "repeated" // it goes on since `repeat_interval`
  | "escalated" // nobody acknowledged in time: the next level
  | "acknowledged" // somebody took it over: for channels that show that
  | "test" // the test button, or a fire drill
  | "heartbeat"; // the watchdog's sign of life

/** What a receiver is sent: a group of alerts at one moment. It is durable before it is sent, and the same at each attempt. */
export type Notification = {
  /** The same at each attempt; what `Idempotency-Key` carries. */
  readonly id: string;
  /** The name of the receiver in the configuration. */
  readonly receiver: string;
  /** Which of the receiver's integrations: the kind and its place among those of that kind, such as `slack/0`. */
  readonly integration: string;
  readonly reason: NotificationReason;
  /** The group in Alertmanager's notation, such as `{}/{severity="critical"}:{alertname="LaneStuck"}`. */
  readonly groupKey: string;
  readonly groupLabels: Labels;
  readonly commonLabels: Labels;
  readonly commonAnnotations: Labels;
  readonly alerts: readonly NotifiedAlert[];
  /** How many alerts of the group are left out of `alerts`. */
  readonly truncatedAlerts: number;
  /** The most urgent severity among the alerts that fire, or that fired last. */
  readonly severity: "critical" | "warning" | "info";
  /** Which level of the escalation this is, from 1; undefined where the route has none. */
  readonly level: number | undefined;
  /** When it was put into the outbox, Unix milliseconds. */
  readonly at: number;
};

/** What became of one attempt. Texts never hold secrets. */
export type Delivery =
  | { readonly kind: "delivered"; readonly detail: string }
  /** @property afterMilliseconds how long the other side asked to wait; undefined where it did not say */
  | { readonly kind: "retry"; readonly reason: string; readonly afterMilliseconds: number | undefined }
  /** Trying again cannot help: a wrong address, a revoked key. It becomes a dead letter. */
  | { readonly kind: "refused"; readonly reason: string };

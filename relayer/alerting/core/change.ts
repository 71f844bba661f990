import type { Acknowledgement } from "./acknowledge.ts";
import type { Alert } from "./alert.ts";
import type { GroupRecord } from "./grouping.ts";
import type { AuditEntry, HistoryEntry } from "./history.ts";
import type { Labels } from "./labels.ts";
import type { Muting } from "./unsettled.ts";
import type { Notification } from "./notification.ts";
import type { Instance } from "./rule-state.ts";
import type { Silence } from "./silence.ts";

/** A fact that an event stated, for as long as it holds. */
export type EventSample = {
  readonly key: string;
  readonly labels: Labels;
  readonly value: number;
  /** When it no longer holds, Unix milliseconds of the engine's clock. */
  readonly until: number;
};

/** One change of what alerting knows. Changes that belong together are committed together, and only then hold. */
export type Change =
  | { readonly kind: "alert"; readonly alert: Alert }
  | { readonly kind: "alert-removed"; readonly alert: Alert }
  | { readonly kind: "instance"; readonly instance: Instance }
  | { readonly kind: "instance-removed"; readonly instance: Instance }
  | { readonly kind: "silence"; readonly silence: Silence }
  | { readonly kind: "silence-removed"; readonly id: string }
  | { readonly kind: "acknowledgement"; readonly acknowledgement: Acknowledgement }
  | { readonly kind: "acknowledgement-removed"; readonly episode: string }
  | { readonly kind: "muting"; readonly muting: Muting }
  | { readonly kind: "muting-removed"; readonly fingerprint: string }
  | { readonly kind: "group"; readonly record: GroupRecord }
  | { readonly kind: "group-removed"; readonly id: string }
  /** When a group is looked at next: known only in this process, and found again by the next one. */
  | {
      readonly kind: "group-timed";
      readonly id: string;
      readonly nextFlush: number;
      readonly nextEscalation: number;
      /** Fingerprints of alerts that are over and of which the group has taken note. */
      readonly finished: readonly string[];
    }
  | { readonly kind: "notification"; readonly notification: Notification }
  /** An attempt to send failed, and there will be another. */
  | {
      readonly kind: "postponed";
      readonly id: string;
      readonly attempts: number;
      /** Unix milliseconds of the engine's clock. */
      readonly nextAttempt: number;
    }
  | { readonly kind: "delivered"; readonly id: string }
  /** It cannot be delivered; it is kept with the reason. */
  | { readonly kind: "dead-letter"; readonly id: string; readonly at: number; readonly reason: string }
  /** It is not sent: a newer one, which waits since then, says what it would have to say. */
  | {
      readonly kind: "superseded";
      readonly id: string;
      readonly receiver: string;
      readonly integration: string;
      readonly by: string;
      /** When it was put into the outbox, Unix milliseconds of the engine's clock. */
      readonly since: number;
    }
  /** A dead letter that somebody wants to be sent after all. */
  | { readonly kind: "redriven"; readonly id: string; readonly at: number }
  | { readonly kind: "event-sample"; readonly sample: EventSample }
  | { readonly kind: "event-sample-removed"; readonly key: string }
  | { readonly kind: "history"; readonly entry: HistoryEntry }
  | { readonly kind: "audit"; readonly entry: AuditEntry };

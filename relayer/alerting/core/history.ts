import type { Labels } from "./labels.ts";

/** Something that happened. Texts never hold secrets. */
export type HistoryEntry = {
  /** Unix milliseconds of the engine's clock. */
  readonly at: number;
  readonly kind: "transition" | "notification" | "attempt" | "act";
  /** Such as `firing`, `delivered`, `silence-added`. */
  readonly what: string;
  readonly labels: Labels;
  readonly fingerprint: string | undefined;
  readonly episode: string | undefined;
  readonly receiver: string | undefined;
  readonly integration: string | undefined;
  readonly notification: string | undefined;
  readonly detail: string;
};

/** An act of somebody: who did what, when and from where. */
export type AuditEntry = {
  readonly at: number;
  /** The authenticated name. */
  readonly who: string;
  /** Such as `silence-added`, `acknowledged`, `reloaded`. */
  readonly what: string;
  /** Such as the address of the client. */
  readonly from: string;
  readonly detail: string;
};

const NOTHING = {
  labels: {},
  fingerprint: undefined,
  episode: undefined,
  receiver: undefined,
  integration: undefined,
  notification: undefined,
  detail: "",
} as const;

/** An entry in which only what is given is said. */
export function entry(
  given: Pick<HistoryEntry, "at" | "kind" | "what"> & Partial<HistoryEntry>,
): HistoryEntry {
  return { ...NOTHING, ...given };
}

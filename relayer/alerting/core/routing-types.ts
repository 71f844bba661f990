import type { Matcher } from "./labels.ts";

/** A node of the routing tree, with everything inherited from its parents filled in. Durations in milliseconds. */
export type Route = {
  readonly receiver: string;
  readonly matchers: readonly Matcher[];
  readonly continue: boolean;
  /** The labels by which alerts are grouped; "all" (Alertmanager's `...`) puts each label set into a group of its own. */
  readonly groupBy: readonly string[] | "all";
  readonly groupWait: number;
  readonly groupInterval: number;
  readonly repeatInterval: number;
  /** The name of the escalation that follows; undefined where the route has none. */
  readonly escalation: string | undefined;
  readonly routes: readonly Route[];
};

/** While a source fires, its targets are silent, if they agree in the labels `equal`. */
export type InhibitRule = {
  readonly sourceMatchers: readonly Matcher[];
  readonly targetMatchers: readonly Matcher[];
  readonly equal: readonly string[];
};

/** One level of an escalation (L1, L2, L3…). Durations in milliseconds. */
export type EscalationLevel = {
  /** Receivers, in addition to the route's own. */
  readonly receivers: readonly string[];
  /** How long after the first notification of the episode this level is told, unless somebody acknowledged; 0: at once. */
  readonly after: number;
  /** How often this level is told again; undefined: once. */
  readonly every: number | undefined;
};

/** What becomes urgent when nobody acknowledges. Ended by acknowledgement or resolution. */
export type Escalation = { readonly name: string; readonly levels: readonly EscalationLevel[] };

/** What the dispatcher needs to know of a receiver. */
export type ReceiverPlan = {
  readonly name: string;
  /** The integrations, such as `slack/0`, and whether each is told of resolutions. */
  readonly integrations: readonly { readonly id: string; readonly sendResolved: boolean }[];
  /** Who is told what cannot be delivered here; undefined: nobody. */
  readonly fallback: string | undefined;
  /** How many notifications each integration may send, at most `burst` at once and `perMinute` in the long run. */
  readonly limit: { readonly perMinute: number; readonly burst: number } | undefined;
};

/** A configuration that was checked: all names resolve, all matchers compile. */
export type AlertingPlan = {
  readonly route: Route;
  readonly inhibitRules: readonly InhibitRule[];
  readonly escalations: readonly Escalation[];
  readonly receivers: readonly ReceiverPlan[];
};

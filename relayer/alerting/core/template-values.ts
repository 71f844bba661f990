import type { Labels } from "./labels.ts";

/** What a rule's labels and annotations are written from: `$labels`, `$value`, `$externalLabels`. */
export type Sample = { readonly labels: Labels; readonly value: number; readonly externalLabels: Labels };

/** One alert as templates of messages see it. Times in Unix milliseconds; `endsAt` is undefined while it fires. */
export type MessageAlert = {
  readonly status: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: number;
  readonly endsAt: number | undefined;
  readonly generatorUrl: string;
  readonly fingerprint: string;
};

/** What a receiver's texts are written from: Alertmanager's template data. */
export type Message = {
  readonly receiver: string;
  readonly status: string;
  readonly alerts: readonly MessageAlert[];
  readonly groupLabels: Labels;
  readonly commonLabels: Labels;
  readonly commonAnnotations: Labels;
  readonly externalUrl: string;
};

/** A value inside a template. `map` is Prometheus's plain map of labels, `labels` Alertmanager's, which has methods. */
export type Value =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "integer" | "float"; readonly number: number }
  | { readonly kind: "truth"; readonly truth: boolean }
  | { readonly kind: "time"; readonly at: number | undefined }
  | { readonly kind: "texts"; readonly texts: readonly string[] }
  | { readonly kind: "labels" | "map"; readonly labels: Labels }
  | { readonly kind: "pairs"; readonly pairs: readonly Pair[] }
  | { readonly kind: "pair"; readonly pair: Pair }
  | { readonly kind: "alert"; readonly alert: MessageAlert }
  | { readonly kind: "alerts"; readonly alerts: readonly MessageAlert[] }
  | { readonly kind: "message"; readonly message: Message }
  | { readonly kind: "sample"; readonly sample: Sample };

/** What a value is. A template is checked with these before it ever runs; `unknown` is what `and` and `or` may be. */
export type Kind = Value["kind"] | "unknown";

type Pair = { readonly name: string; readonly value: string };

/** How the kinds are called in errors. */
export const KIND_NAMES: Readonly<Record<Kind, string>> = {
  text: "a text",
  integer: "an integer",
  float: "a number",
  truth: "true or false",
  time: "a time",
  texts: "a list of texts",
  labels: "labels",
  map: "labels",
  pairs: "a list of pairs",
  pair: "a pair",
  alert: "an alert",
  alerts: "a list of alerts",
  message: "the whole message",
  sample: "the whole of what a rule gives",
  unknown: "of several kinds",
};

export const text = (value: string): Value => ({ kind: "text", text: value });
export const integer = (number: number): Value => ({ kind: "integer", number });
export const truth = (value: boolean): Value => ({ kind: "truth", truth: value });

const labels = (value: Labels): Value => ({ kind: "labels", labels: value });
const time = (at: number | undefined): Value => ({ kind: "time", at });
const texts = (value: readonly string[]): Value => ({ kind: "texts", texts: value });
const alertsOf = (alerts: readonly MessageAlert[], status: string): Value => ({
  kind: "alerts",
  alerts: alerts.filter((alert) => alert.status === status),
});

/** What each named field of each kind is, for the check before a template runs. */
const FIELD_KINDS: Partial<Record<Kind, Readonly<Record<string, Kind>>>> = {
  sample: { Labels: "map", Value: "float", ExternalLabels: "map" },
  message: {
    Receiver: "text",
    Status: "text",
    Alerts: "alerts",
    GroupLabels: "labels",
    CommonLabels: "labels",
    CommonAnnotations: "labels",
    ExternalURL: "text",
  },
  alerts: { Firing: "alerts", Resolved: "alerts" },
  alert: {
    Status: "text",
    Labels: "labels",
    Annotations: "labels",
    StartsAt: "time",
    EndsAt: "time",
    GeneratorURL: "text",
    Fingerprint: "text",
  },
  labels: { SortedPairs: "pairs", Names: "texts", Values: "texts" },
  pairs: { Names: "texts", Values: "texts" },
  pair: { Name: "text", Value: "text" },
};

/** What a field of a kind is, or undefined where there is no such field. Labels have every field: one that is missing is empty. */
export function fieldKind(kind: Kind, name: string): Kind | undefined {
  const known = FIELD_KINDS[kind];
  if (known !== undefined && Object.hasOwn(known, name)) return known[name];
  return kind === "labels" || kind === "map" ? "text" : undefined;
}

/** The fields of a kind, for errors. */
export function fieldNames(kind: Kind): readonly string[] {
  return Object.keys(FIELD_KINDS[kind] ?? {});
}

/** What one turn of `range` over a kind sees as its dot. */
const ELEMENT_KINDS: Partial<Record<Kind, Kind>> = {
  alerts: "alert",
  pairs: "pair",
  texts: "text",
  labels: "text",
  map: "text",
};

/** What one turn of `range` over a kind sees as its dot; undefined where there is nothing to go through. */
export function elementKind(kind: Kind): Kind | undefined {
  return ELEMENT_KINDS[kind];
}

/** The elements that `range` goes through; labels in the order of their names, as in Go. */
export function elementsOf(value: Value): readonly Value[] {
  if (value.kind === "alerts") return value.alerts.map((alert) => ({ kind: "alert", alert }));
  if (value.kind === "pairs") return value.pairs.map((pair) => ({ kind: "pair", pair }));
  if (value.kind === "texts") return value.texts.map(text);
  if (value.kind !== "labels" && value.kind !== "map") return [];
  return Object.keys(value.labels)
    .sort()
    .map((name) => text(labelOf(value.labels, name)));
}

/** One field of a value that {@link fieldKind} knows. @throws RangeError for one that it does not know */
export function fieldOf(value: Value, name: string): Value {
  if (value.kind === "labels") return methodOf(value.labels, name) ?? text(labelOf(value.labels, name));
  if (value.kind === "map") return text(labelOf(value.labels, name));
  if (value.kind === "pairs")
    return texts(value.pairs.map((pair) => (name === "Names" ? pair.name : pair.value)));
  if (value.kind === "pair") return text(name === "Name" ? value.pair.name : value.pair.value);
  if (value.kind === "alerts") return alertsOf(value.alerts, name.toLowerCase());
  if (value.kind === "sample") return sampleField(value.sample, name);
  if (value.kind === "message") return messageField(value.message, name);
  if (value.kind === "alert") return alertField(value.alert, name);
  throw new RangeError(`${KIND_NAMES[value.kind]} has no field ${name}`);
}

/** A label's value; empty where it is missing. Names such as `constructor` are no labels unless somebody set them. */
export function labelOf(all: Labels, name: string): string {
  return Object.hasOwn(all, name) ? (all[name] ?? "") : "";
}

/** What `if` makes of a value: Go's truth, by which zero and everything empty are false. */
export function isTrue(value: Value): boolean {
  switch (value.kind) {
    case "text":
      return value.text !== "";
    case "integer":
    case "float":
      return value.number !== 0;
    case "truth":
      return value.truth;
    case "texts":
    case "pairs":
    case "alerts":
    case "labels":
    case "map":
      return elementsOf(value).length > 0;
    case "time":
    case "pair":
    case "alert":
    case "message":
    case "sample":
      return true;
  }
}

function methodOf(all: Labels, name: string): Value | undefined {
  switch (name) {
    case "SortedPairs":
      return { kind: "pairs", pairs: sortedPairs(all) };
    case "Names":
      return texts(sortedPairs(all).map((pair) => pair.name));
    case "Values":
      return texts(sortedPairs(all).map(({ value }) => value));
    default:
      return undefined;
  }
}

/** As Alertmanager's `SortedPairs`: by name, `alertname` first. */
function sortedPairs(all: Labels): readonly Pair[] {
  const rank = (name: string) => (name === "alertname" ? 0 : 1);
  return Object.keys(all)
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map((name) => ({ name, value: labelOf(all, name) }));
}

function sampleField(sample: Sample, name: string): Value {
  if (name === "Value") return { kind: "float", number: sample.value };
  return { kind: "map", labels: name === "Labels" ? sample.labels : sample.externalLabels };
}

function messageField(message: Message, name: string): Value {
  switch (name) {
    case "Receiver":
      return text(message.receiver);
    case "Status":
      return text(message.status);
    case "Alerts":
      return { kind: "alerts", alerts: message.alerts };
    case "GroupLabels":
      return labels(message.groupLabels);
    case "CommonLabels":
      return labels(message.commonLabels);
    case "CommonAnnotations":
      return labels(message.commonAnnotations);
    default:
      return text(message.externalUrl);
  }
}

function alertField(alert: MessageAlert, name: string): Value {
  switch (name) {
    case "Status":
      return text(alert.status);
    case "Labels":
      return labels(alert.labels);
    case "Annotations":
      return labels(alert.annotations);
    case "StartsAt":
      return time(alert.startsAt);
    case "EndsAt":
      return time(alert.endsAt);
    case "GeneratorURL":
      return text(alert.generatorUrl);
    default:
      return text(alert.fingerprint);
  }
}

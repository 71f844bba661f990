import { type Assertion, RESOLVE_TIMEOUT } from "./alert.ts";
import type { Labels } from "./labels.ts";

/** An alert as a client posts it, in the shape of Alertmanager's API. Times in Unix milliseconds. */
export type PostedAlert = {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: number | undefined;
  readonly endsAt: number | undefined;
  readonly generatorUrl: string;
};

const MOST_LABELS = 128;
/** In UTF-16 units, names and values of all labels and annotations of one alert together. */
const MOST_LENGTH = 65_536;

/** What is wrong with an alert that somebody posts; undefined when nothing is. */
export function problemOfPosted({ labels, annotations, startsAt, endsAt }: PostedAlert): string | undefined {
  const pairs = [...Object.entries(labels), ...Object.entries(annotations)];
  if (!Object.values(labels).some((value) => value !== "")) return "it has no labels";
  if (pairs.some(([name]) => name === "" || name.includes("\0"))) return "a label or annotation has no name";
  if (pairs.length > MOST_LABELS)
    return `it has ${pairs.length} labels and annotations; at most ${MOST_LABELS} are taken`;
  if (pairs.reduce((sum, [name, value]) => sum + name.length + value.length, 0) > MOST_LENGTH)
    return `its labels and annotations are longer than ${MOST_LENGTH} characters`;
  if (pairs.some(([name, value]) => !name.isWellFormed() || !value.isWellFormed()))
    return "a text in it is no Unicode";
  const times = [startsAt, endsAt].filter((time) => time !== undefined);
  if (times.some((time) => !Number.isSafeInteger(time) || time < 0)) return "a time in it is no time";
  if (startsAt !== undefined && endsAt !== undefined && endsAt < startsAt) return "it ends before it starts";
  return undefined;
}

/**
 * What a posted alert says. As in Alertmanager, labels and annotations without a value are none, and an alert that does not say when it
 * ends holds for `resolve_timeout`.
 */
export function assertionOf(posted: PostedAlert, resolveTimeout = RESOLVE_TIMEOUT): Assertion {
  const { labels, annotations, startsAt, endsAt, generatorUrl } = posted;
  return {
    labels: withoutEmpty(labels),
    annotations: withoutEmpty(annotations),
    generatorUrl,
    startsAt: startsAt ?? endsAt,
    endsAt,
    resolveAfter: resolveTimeout,
  };
}

function withoutEmpty(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ""));
}

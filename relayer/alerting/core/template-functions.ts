import {
  formatFixed,
  formatShortest,
  formatTime,
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
} from "./go-number.ts";
import {
  elementsOf,
  integer,
  isTrue,
  type Kind,
  KIND_NAMES,
  labelOf,
  text,
  truth,
  type Value,
} from "./template-values.ts";

/** What a call gives, or why it cannot be made with such arguments. */
export type Checked = { readonly kind: Kind } | { readonly reason: string };

/** A function that templates may call: checked when a template is read, so that a call cannot go wrong for its kinds later. */
export type TemplateFunction = {
  readonly check: (kinds: readonly Kind[]) => Checked;
  /** @throws RangeError where the data is not there, as for `index` past the end */
  readonly run: (values: readonly Value[]) => Value;
};

const NUMBERS: readonly Kind[] = ["float", "integer", "text"];
const COMPARABLE: readonly Kind[] = ["float", "integer", "text", "truth"];

const listed = (kinds: readonly Kind[]) => kinds.map((kind) => KIND_NAMES[kind]).join(", ");

/** A function of a fixed number of arguments, each of one of some kinds. */
function taking(
  parameters: readonly (readonly Kind[])[],
  kind: Kind,
  run: TemplateFunction["run"],
): TemplateFunction {
  const check = (kinds: readonly Kind[]): Checked => {
    if (kinds.length !== parameters.length)
      return {
        reason: `expected ${parameters.length} argument${parameters.length === 1 ? "" : "s"}, not ${kinds.length}`,
      };
    const wrong = kinds.findIndex((given, i) => parameters[i]?.includes(given) !== true);
    const given = kinds[wrong];
    if (given === undefined) return { kind };
    return {
      reason: `argument ${wrong + 1} is ${KIND_NAMES[given]}; expected ${listed(parameters[wrong] ?? [])}`,
    };
  };
  return { check, run };
}

const onNumber = (write: (value: number) => string) =>
  taking([NUMBERS], "text", ([value]) => text(write(numberOf(value))));
const onText = (write: (value: string) => string) =>
  taking([["text"]], "text", ([value]) => text(write(textOf(value))));

/** A comparison of two values of one kind; integers and other numbers compare with each other. */
function comparing(compare: (order: number) => boolean): TemplateFunction {
  return {
    check: (kinds) => {
      const [left, right] = kinds;
      if (left === undefined || right === undefined || kinds.length !== 2)
        return { reason: `expected 2 arguments, not ${kinds.length}` };
      const numeric = (kind: Kind) => kind === "float" || kind === "integer";
      const fits = COMPARABLE.includes(left) && (left === right || (numeric(left) && numeric(right)));
      return fits
        ? { kind: "truth" }
        : { reason: `${KIND_NAMES[left]} and ${KIND_NAMES[right]} cannot be compared` };
    },
    run: ([left, right]) => truth(compare(orderOf(left, right))),
  };
}

/** `and` and `or` give one of their arguments, as in Go. The renderer stops at the first that decides. */
const choosing = (whenTrue: boolean): TemplateFunction => ({
  check: (kinds) => {
    const [first, ...others] = kinds;
    if (first === undefined) return { reason: "expected at least 1 argument" };
    return { kind: others.every((kind) => kind === first) ? first : "unknown" };
  },
  run: (values) => values.find((value) => isTrue(value) === whenTrue) ?? values.at(-1) ?? truth(false),
});

/** Every function, by the name that Prometheus's and Alertmanager's templates know it by. */
export const TEMPLATE_FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ["humanize", onNumber(humanize)],
  ["humanize1024", onNumber(humanize1024)],
  ["humanizeDuration", onNumber(humanizeDuration)],
  ["humanizePercentage", onNumber(humanizePercentage)],
  [
    "humanizeTimestamp",
    taking([[...NUMBERS, "time"]], "text", ([value]) =>
      text(value?.kind === "time" ? print(value) : humanizeTimestamp(numberOf(value))),
    ),
  ],
  ["toUpper", onText((value) => value.toUpperCase())],
  ["toLower", onText((value) => value.toLowerCase())],
  // As Go's strings.Title: the first letter of each word, and nothing else, changes.
  [
    "title",
    onText((value) => value.replace(/(?<!\w|(?!\s)\P{ASCII})\p{L}/gu, (letter) => letter.toUpperCase())),
  ],
  [
    "join",
    taking([["text"], ["texts"]], "text", ([separator, list]) =>
      text(list?.kind === "texts" ? list.texts.join(textOf(separator)) : ""),
    ),
  ],
  [
    "len",
    taking([["text", "texts", "alerts", "pairs", "labels", "map"]], "integer", ([value]) =>
      integer(lengthOf(value)),
    ),
  ],
  ["eq", comparing((order) => order === 0)],
  ["ne", comparing((order) => order !== 0)],
  ["lt", comparing((order) => order < 0)],
  ["le", comparing((order) => order <= 0)],
  ["gt", comparing((order) => order > 0)],
  ["ge", comparing((order) => order >= 0)],
  ["and", choosing(false)],
  ["or", choosing(true)],
  [
    "not",
    { check: (kinds) => one(kinds, "truth"), run: ([value]) => truth(value === undefined || !isTrue(value)) },
  ],
  ["index", { check: checkIndex, run: ([value, at]) => elementAt(value, at) }],
  [
    "print",
    {
      check: (kinds) =>
        kinds.some((kind) => !isPrintable(kind))
          ? { reason: "expected texts and numbers" }
          : { kind: "text" },
      run: (values) => text(values.map(print).join("")),
    },
  ],
]);

/** Whether a value of this kind has one clear way to be written. */
export function isPrintable(kind: Kind): boolean {
  return ["text", "integer", "float", "truth", "time"].includes(kind);
}

/** A value as Go's templates print it. */
export function print(value: Value): string {
  if (value.kind === "text") return value.text;
  if (value.kind === "integer") return String(value.number);
  if (value.kind === "float") return formatShortest(value.number);
  if (value.kind === "truth") return String(value.truth);
  // What Go's zero time prints as.
  if (value.kind === "time")
    return value.at === undefined ? "0001-01-01 00:00:00 +0000 UTC" : formatTime(value.at);
  throw new RangeError(`${KIND_NAMES[value.kind]} cannot be printed`);
}

/** One part of a format: text as it is, or what an argument is written by. */
export type FormatPart = { readonly text: string } | { readonly verb: string; readonly digits: number };

const VERB_KINDS: Readonly<Record<string, readonly Kind[]>> = {
  s: ["text"],
  d: ["integer"],
  f: ["float"],
  v: ["text", "integer", "float", "truth", "time"],
};

/** Reads a format of `printf`: %s, %d, %f, %.2f, %v and %%. Returns why not, for anything else. */
export function parseFormat(
  format: string,
  kinds: readonly Kind[],
): readonly FormatPart[] | { readonly reason: string } {
  const parts: FormatPart[] = [];
  let used = 0;
  for (const [whole, plain, digits, verb] of format.matchAll(/([^%]+)|%(?:\.(\d{1,2}))?([^]|$)/gu)) {
    if (plain !== undefined || whole === "%%") {
      parts.push({ text: plain ?? "%" });
      continue;
    }
    const expected = VERB_KINDS[verb ?? ""];
    if (
      expected === undefined ||
      verb === undefined ||
      (digits !== undefined && verb !== "f") ||
      Number(digits) > 20
    )
      return { reason: `printf: ${whole} is not supported; write %s, %d, %f, %.0f to %.20f, %v or %%` };
    const given = kinds[used];
    if (given === undefined) return { reason: `printf: there is no argument for ${whole}` };
    if (!expected.includes(given))
      return {
        reason: `printf: ${whole} is for ${listed(expected)}, and the argument is ${KIND_NAMES[given]}`,
      };
    parts.push({ verb, digits: digits === undefined ? 6 : Number(digits) });
    used += 1;
  }
  return used === kinds.length
    ? parts
    : { reason: `printf: the format uses ${used} of ${kinds.length} arguments` };
}

/** Writes the arguments by a format that was checked with their kinds. */
export function format(parts: readonly FormatPart[], values: readonly Value[]): string {
  const left = values.values();
  return parts
    .map((part) => {
      if ("text" in part) return part.text;
      const value = left.next().value;
      if (value === undefined) throw new RangeError("printf has too few arguments");
      return part.verb === "f" ? formatFixed(numberOf(value), part.digits) : print(value);
    })
    .join("");
}

function one(kinds: readonly Kind[], kind: Kind): Checked {
  return kinds.length === 1 ? { kind } : { reason: `expected 1 argument, not ${kinds.length}` };
}

function checkIndex(kinds: readonly Kind[]): Checked {
  const [of, by] = kinds;
  if (of === undefined || by === undefined || kinds.length !== 2)
    return { reason: `expected 2 arguments, not ${kinds.length}` };
  if ((of === "labels" || of === "map") && by === "text") return { kind: "text" };
  if (of === "alerts" && by === "integer") return { kind: "alert" };
  if (of === "texts" && by === "integer") return { kind: "text" };
  if (of === "pairs" && by === "integer") return { kind: "pair" };
  return { reason: `${KIND_NAMES[of]} cannot be indexed by ${KIND_NAMES[by]}` };
}

function elementAt(value: Value | undefined, at: Value | undefined): Value {
  if ((value?.kind === "labels" || value?.kind === "map") && at?.kind === "text")
    return text(labelOf(value.labels, at.text));
  const place = numberOf(at);
  const element = value === undefined ? undefined : elementsOf(value)[place];
  if (element === undefined) throw new RangeError(`index ${place} is past the end`);
  return element;
}

function numberOf(value: Value | undefined): number {
  if (value?.kind === "float" || value?.kind === "integer") return value.number;
  const written = textOf(value);
  // Number() takes more than Go does: an empty text, spaces around, 0x10.
  const number = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(written)
    ? Number(written)
    : INFINITIES.get(written);
  if (number === undefined) throw new RangeError("a text that is no number was to be written as one");
  return number;
}

const INFINITIES: ReadonlyMap<string, number> = new Map([
  ["+Inf", Infinity],
  ["Inf", Infinity],
  ["-Inf", -Infinity],
  ["NaN", NaN],
]);

function textOf(value: Value | undefined): string {
  if (value?.kind === "text") return value.text;
  throw new RangeError("expected a text");
}

/** Go's length of a text is in bytes of UTF-8. */
function lengthOf(value: Value | undefined): number {
  if (value === undefined) return 0;
  return value.kind === "text" ? Buffer.byteLength(value.text) : elementsOf(value).length;
}

/** Negative, 0 or positive; NaN, which is in no relation to anything, for NaN. */
function orderOf(left: Value | undefined, right: Value | undefined): number {
  if (left?.kind === "text" && right?.kind === "text")
    return Buffer.compare(Buffer.from(left.text), Buffer.from(right.text));
  if (left?.kind === "truth" && right?.kind === "truth") return Number(left.truth) - Number(right.truth);
  const [a, b] = [numberOf(left), numberOf(right)];
  return a === b ? 0 : a - b;
}

import { sayAsKinds } from "./document.ts";
import { OWN_PITCH, readDuration, readPitch, readRate, readStrength, readVolume } from "./values.ts";

/** The value of an attribute, and how to say what is right. */
type AttributeRule = {
  readonly isRight: (value: string) => boolean;
  readonly expected: string;
  readonly isRequired?: true;
};

/** What may stand in an element and on it. */
export type ElementRule = {
  readonly children: ReadonlySet<string>;
  /** Whether text may stand there, and not only white space. */
  readonly hasText: boolean;
  readonly attributes: ReadonlyMap<string, AttributeRule>;
  readonly required: readonly string[];
};

/** The namespace of SSML. A document may also be in none, like those that most people write. */
export const SSML_NAMESPACE = "http://www.w3.org/2001/10/synthesis";

const rule = (expected: string, isRight: (value: string) => boolean): AttributeRule => ({
  expected,
  isRight,
});
const oneOf = (...values: readonly string[]): AttributeRule =>
  rule(values.map((value) => JSON.stringify(value)).join(", "), (value) => values.includes(value));
const required = (of: AttributeRule): AttributeRule => ({ ...of, isRequired: true });

/** xs:language of RFC 3066: what the schema takes for `xml:lang`. */
const LANGUAGE = /^[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*$/;
/** An XML name without a colon, in ASCII. */
const NAME = /^[A-Za-z_][A-Za-z0-9._-]*$/;
const TOKEN = /^[^\s]+(?: [^\s]+)*$/;

const language = rule('a language tag such as "en-US"', (value) => LANGUAGE.test(value));
const id = rule("a name that begins with a letter", (value) => NAME.test(value));
const anything = rule("text", () => true);
const onlangfailure = oneOf("changevoice", "ignoretext", "ignorelang", "processorchoice");

const INLINE = [
  "break",
  "emphasis",
  "lang",
  "mark",
  "phoneme",
  "prosody",
  "say-as",
  "sub",
  "token",
  "voice",
  "w",
];
const IN_TOKEN = INLINE.filter((name) => !["lang", "token", "w"].includes(name));

function element(
  children: readonly string[],
  hasText: boolean,
  attributes: Readonly<Record<string, AttributeRule>> = {},
): ElementRule {
  return {
    children: new Set(children),
    hasText,
    // SSML 1.1 has it on few; its schema lets any attribute of XML itself stand on all.
    attributes: new Map(Object.entries({ "xml:lang": language, ...attributes })),
    required: Object.keys(attributes).filter((name) => attributes[name]?.isRequired === true),
  };
}

const word = element(IN_TOKEN, true, { "xml:id": id, "xml:lang": language, onlangfailure });

/** The elements that are spoken, after the W3C's schema. */
export const ELEMENTS: ReadonlyMap<string, ElementRule> = new Map([
  [
    "speak",
    element([...INLINE, "p", "s"], true, {
      version: oneOf("1.1", "1.0"),
      "xml:lang": language,
      "xml:base": rule("a URI; nothing is fetched from it", (value) => TOKEN.test(value)),
      onlangfailure,
    }),
  ],
  ["p", element([...INLINE, "s"], true, { "xml:lang": language, "xml:id": id, onlangfailure })],
  ["s", element(INLINE, true, { "xml:lang": language, "xml:id": id, onlangfailure })],
  ["token", word],
  ["w", word],
  ["lang", element([...INLINE, "p", "s"], true, { "xml:lang": required(language), onlangfailure })],
  ["emphasis", element(INLINE, true, { level: oneOf("strong", "moderate", "reduced", "none") })],
  [
    "prosody",
    element([...INLINE, "p", "s"], true, {
      rate: rule('"80%", "0.8", x-slow, slow, medium, fast, x-fast or default', (value) => {
        return readRate(value) !== undefined;
      }),
      pitch: rule(
        '"+10%", "-2st", "+20Hz", "150Hz", x-low, low, medium, high, x-high or default',
        (value) => {
          return readPitch(value, OWN_PITCH) !== undefined;
        },
      ),
      volume: rule('"+6dB", silent, x-soft, soft, medium, loud, x-loud or default', (value) => {
        return readVolume(value, 0) !== undefined;
      }),
    }),
  ],
  [
    "voice",
    element([...INLINE, "p", "s"], true, {
      name: rule("names of voices with spaces between", (value) => value === "" || TOKEN.test(value)),
      gender: oneOf("male", "female", "neutral", ""),
      languages: rule("language tags with spaces between", (value) =>
        value === "" ? true : value.split(" ").every((tag) => LANGUAGE.test(tag)),
      ),
      onvoicefailure: oneOf("priorityselect", "keepexisting", "processorchoice"),
    }),
  ],
  [
    "say-as",
    element([], true, {
      "interpret-as": required(oneOf(...sayAsKinds)),
      format: rule("a name such as mdy, hms24 or ordinal", (value) => /^[A-Za-z0-9._-]+$/.test(value)),
      detail: rule("a name or a number", (value) => /^[A-Za-z0-9._-]+$/.test(value)),
    }),
  ],
  ["sub", element([], true, { alias: required(anything) })],
  [
    "phoneme",
    element([], true, {
      ph: required(anything),
      alphabet: rule('"ipa" or "x-" and a name', (value) => /^(ipa|x-[^\r\n]*)$/.test(value)),
      type: oneOf("default", "ruby"),
    }),
  ],
  [
    "break",
    element([], false, {
      time: rule('"500ms" or "1.5s"', (value) => readDuration(value) !== undefined),
      strength: rule("none, x-weak, weak, medium, strong or x-strong", (value) => {
        return readStrength(value) !== undefined;
      }),
    }),
  ],
  ["mark", element([], false, { name: rule("a name", (value) => TOKEN.test(value)) })],
]);

/** Elements of SSML 1.1 that are refused by name, and why. */
export const REFUSED: ReadonlyMap<string, string> = new Map([
  ["audio", "nothing external is fetched; say what it would have played"],
  ["desc", "it describes an audio element, and those are refused"],
  ["lexicon", "nothing external is fetched; use sub or say-as"],
  ["lookup", "it needs a lexicon, and those are refused"],
  ["meta", "nothing is made of it"],
  ["metadata", "nothing is made of it"],
]);

/** Attributes of SSML 1.1 that are refused by name, and why. */
export const REFUSED_ATTRIBUTES: ReadonlyMap<string, string> = new Map([
  ["contour", "no engine here follows one; use pitch"],
  ["range", "no engine here follows one; use pitch"],
  ["duration", "it would contradict the rate; use rate"],
  ["age", "no voice here says its age; use name or gender"],
  ["variant", "no voice here has variants; use name"],
  ["required", "a voice is chosen by name, then language, then gender"],
  ["ordering", "a voice is chosen by name, then language, then gender"],
  ["role", "no engine here follows one; use sub"],
  ["startmark", "a document is spoken whole"],
  ["endmark", "a document is spoken whole"],
]);

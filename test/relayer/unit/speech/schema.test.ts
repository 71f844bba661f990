import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { xmlCleanupInputProvider, XmlDocument, XmlValidateError, XsdValidator } from "libxml2-wasm";
import { xmlRegisterFsInputProviders } from "libxml2-wasm/lib/nodejs.mjs";
import { SSML_NAMESPACE } from "../../../../relayer/speech/core/ssml/grammar.ts";
import { parseSsml } from "../../../../relayer/speech/core/ssml/parse.ts";
import { repository } from "../../support/processes.ts";

const folder = join(repository, "test/vectors/ssml");

/** W3C's judgement, by libxml2. */
class Schema {
  readonly #document: XmlDocument;
  readonly #validator: XsdValidator;

  constructor(name: string) {
    const file = join(folder, name);
    this.#document = XmlDocument.fromBuffer(readFileSync(file), { url: file });
    this.#validator = XsdValidator.fromDoc(this.#document);
  }

  accepts(text: string): boolean {
    using document = XmlDocument.fromString(text);
    try {
      this.#validator.validate(document);
      return true;
    } catch (error) {
      if (error instanceof XmlValidateError) return false;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#validator.dispose();
    this.#document.dispose();
  }
}

/** What W3C's schema accepts and we refuse, and nothing else: the list that docs/operations/speech.md gives. */
const STRICTER: readonly (readonly [string, RegExp])[] = [
  ["audio, desc, lexicon, lookup, meta, metadata", /<(audio|desc|lexicon|lookup|meta|metadata)[\s/>]/],
  ["contour, range and duration of prosody", /\s(contour|range|duration)=/],
  ["age, variant, required and ordering of voice", /\s(age|variant|required|ordering)=/],
  ["role of token and w, startmark and endmark", /\s(role|startmark|endmark)=/],
  ["elements and attributes of other namespaces", /xmlns:|foreign:/],
  [
    "say-as that is none of ours",
    /interpret-as="(?!(date|time|number|cardinal|ordinal|digits|characters|spell-out|telephone)")/,
  ],
  ["versions but 1.0 and 1.1", /version="(?!1\.[01]")/],
  ["an empty xml:lang", /xml:lang=""/],
  ["breaks of more than ten seconds", /time="(\d{3,}s|\d{6,}ms)"/],
  ["the schema's unescaped point in numbers", /rate="\+\d|"[+-]?\d+[^\d.%HsdmST"+-]\d*(%|Hz|st)?"/],
  ["an empty name of a mark", /<mark[^>]* name=""/],
  ["a change of pitch to nothing", /pitch="-(100|[1-9]\d{3,})%"/],
];

const value = (right: readonly string[], wrong: readonly string[]) =>
  fc.constantFrom(...right, ...right, ...wrong);
/** Attributes with values that are right, wrong, and on the edge. */
const ATTRIBUTES: Readonly<Record<string, fc.Arbitrary<string>>> = {
  version: value(["1.1", "1.0"], ["2.0", "1 1", ""]),
  "xml:lang": value(["en", "en-US", "de"], ["", "e n", "english-too-long-a-tag"]),
  onlangfailure: value(["changevoice", "ignoretext"], ["no", ""]),
  time: value(["1s", "250ms", "1.5s", "+1s", ".5s"], ["1", "s", "-1s", "1 s", "1.s", "9999s", "1S"]),
  strength: value(["none", "x-weak", "strong"], ["weaker", ""]),
  level: value(["strong", "none", "reduced", "moderate"], ["loud"]),
  rate: value(
    ["50%", "1.5", "fast", "x-slow", "0", "100%", ".5"],
    ["-1", "quick", "+50%", "", "1x5%", "50 %"],
  ),
  pitch: value(
    ["+10%", "-2st", "150Hz", "+20Hz", "high", "10%", "-100%"],
    ["10", "2st", "tall", "", "1x5Hz"],
  ),
  volume: value(["+6dB", "-3.5dB", "loud", "silent", "6dB"], ["6", "+6db", "max", "", "60%"]),
  contour: value(["(0%,+20Hz)"], ["x"]),
  duration: value(["1s"], ["x"]),
  gender: value(["male", "female", ""], ["man"]),
  age: value(["30"], ["x"]),
  name: value(["slt", "a b"], [""]),
  languages: value(["en", "en de"], []),
  onvoicefailure: value(["keepexisting"], ["x"]),
  alias: value(["two", ""], []),
  "interpret-as": value(["date", "cardinal", "characters"], ["bank", "x y"]),
  format: value(["mdy", "hms24"], ["m d y", ""]),
  detail: value(["1"], ["a b"]),
  ph: value(["x"], []),
  alphabet: value(["ipa", "x-own"], ["y"]),
  type: value(["default", "ruby"], ["x"]),
  src: value(["a.wav"], []),
  unknown: value(["x"], []),
  "foreign:x": value(["x"], []),
};
/** The attributes that are likely on an element; others are tried, too. */
const USUAL: Readonly<Record<string, readonly string[]>> = {
  speak: ["version", "xml:lang", "onlangfailure"],
  p: ["xml:lang", "onlangfailure"],
  s: ["xml:lang"],
  lang: ["xml:lang"],
  break: ["time", "strength"],
  emphasis: ["level"],
  prosody: ["rate", "pitch", "volume", "contour", "duration"],
  voice: ["name", "gender", "languages", "age", "onvoicefailure"],
  "say-as": ["interpret-as", "format", "detail"],
  sub: ["alias"],
  phoneme: ["ph", "alphabet", "type"],
  mark: ["name"],
  audio: ["src"],
};
const NAMES = [
  "p",
  "s",
  "lang",
  "break",
  "emphasis",
  "prosody",
  "voice",
  "say-as",
  "sub",
  "phoneme",
  "mark",
  "token",
  "w",
  "audio",
  "desc",
  "meta",
  "unknown",
];

const attributesOf = (name: string) =>
  fc
    .array(
      fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(...(USUAL[name] ?? ["xml:lang"])) },
        { weight: 1, arbitrary: fc.constantFrom(...Object.keys(ATTRIBUTES)) },
      ),
      { maxLength: 3 },
    )
    .chain((names) => {
      // What an element needs is nearly always there.
      const needed = name === "speak" ? ["version", "xml:lang"] : (USUAL[name] ?? []).slice(0, 1);
      const all = fc.boolean().map((isWhole) => [...new Set([...(isWhole ? needed : []), ...names])]);
      return all.chain((each) =>
        fc.tuple(
          ...each.map((attribute) =>
            (ATTRIBUTES[attribute] ?? fc.constant("")).map((text) => ` ${attribute}="${text}"`),
          ),
        ),
      );
    })
    .map((attributes) => attributes.join(""));

const element = (name: string, depth: number): fc.Arbitrary<string> => {
  const inside =
    depth === 0
      ? fc.constantFrom("", "text", " ")
      : fc
          .array(fc.oneof(fc.constantFrom("text", " ", "&amp;"), anyElement(depth - 1)), { maxLength: 3 })
          .map((parts) => parts.join(""));
  const content = ["break", "mark", "meta"].includes(name)
    ? fc.oneof({ weight: 6, arbitrary: fc.constant("") }, inside)
    : inside;
  return fc.tuple(attributesOf(name), content).map(([attributes, body]) => {
    const foreign = attributes.includes("foreign:") ? ' xmlns:foreign="urn:x"' : "";
    return `<${name}${foreign}${attributes}>${body}</${name}>`;
  });
};
const anyElement = (depth: number): fc.Arbitrary<string> =>
  fc.constantFrom(...NAMES).chain((name) => element(name, depth));

describe("the validator and W3C's schemas of SSML 1.1 (libxml2)", () => {
  let plain: Schema;
  let core: Schema;
  before(() => {
    xmlRegisterFsInputProviders();
    plain = new Schema("synthesis-nonamespace.xsd");
    core = new Schema("ssmlv1p1-core.xsd");
  });
  after(() => {
    plain[Symbol.dispose]();
    core[Symbol.dispose]();
    xmlCleanupInputProvider();
  });

  const agree = (document: string, schema: Schema, seen?: { accepted: number; refused: number }) => {
    const { problems } = parseSsml(document);
    const isAccepted = schema.accepts(document);
    if (seen !== undefined) seen[isAccepted ? "accepted" : "refused"]++;
    if (problems.length === 0) assert.ok(isAccepted, `W3C refuses, and we accept: ${document}`);
    else if (isAccepted)
      assert.ok(
        STRICTER.some(([, pattern]) => pattern.test(document)),
        `W3C accepts, and we refuse: ${document}: ${problems[0]?.message ?? ""}`,
      );
  };

  for (const isInNamespace of [false, true])
    it(`agree on 3,000 documents ${isInNamespace ? "in SSML's namespace" : "in no namespace"}, but for the listed stricter set`, () => {
      const schema = isInNamespace ? core : plain;
      const seen = { accepted: 0, refused: 0 };
      const document = element("speak", 3).map((text) =>
        isInNamespace ? text.replace("<speak", `<speak xmlns="${SSML_NAMESPACE}"`) : text,
      );
      fc.assert(
        fc.property(document, (text) => {
          agree(text, schema, seen);
        }),
        { numRuns: 3_000 },
      );
      // The documents are worth comparing: neither side is always the same.
      assert.ok(seen.accepted > 300 && seen.refused > 300, JSON.stringify(seen));
    });

  it("each entry of the stricter set is one: W3C accepts it", () => {
    const strict = [
      '<speak><audio src="a.wav"/></speak>',
      '<speak><prosody contour="(0%,+20Hz)">x</prosody></speak>',
      '<speak><voice age="30">x</voice></speak>',
      '<speak startmark="a">x</speak>',
      '<speak xmlns:x="urn:x"><x:y/></speak>',
      '<speak><say-as interpret-as="bank">x</say-as></speak>',
      '<speak version="2.0">x</speak>',
      '<speak xml:lang="">x</speak>',
      '<speak><break time="9999s"/></speak>',
      '<speak><prosody pitch="+1x5%">x</prosody></speak>',
      '<speak><mark name=""/></speak>',
      '<speak><prosody pitch="-100%">x</prosody></speak>',
    ];
    assert.equal(strict.length, STRICTER.length);
    strict.forEach((document, index) => {
      assert.ok(plain.accepts(document), document);
      assert.notEqual(parseSsml(document).problems.length, 0, document);
      assert.match(document, STRICTER[index]?.[1] ?? /$^/);
    });
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { SSML_LIMITS } from "../../../../relayer/speech/core/ssml/document.ts";
import { parseSsml } from "../../../../relayer/speech/core/ssml/parse.ts";
import { escapeForSsml } from "../../../../relayer/speech/core/utterance.ts";

const itemsOf = (document: string) => {
  const parsed = parseSsml(document);
  assert.deepEqual(parsed.problems, []);
  return parsed.items ?? [];
};
const problemsOf = (document: string) => parseSsml(document).problems;
const textsOf = (document: string) =>
  itemsOf(document).flatMap((item) => (item.kind === "text" ? [item] : []));

describe("SSML that is spoken", () => {
  it("reads every element that the README names", () => {
    const kinds = itemsOf(
      '<speak><p><s>a</s></p><break time="1.5s"/><mark name="m"/><emphasis>b</emphasis><sub alias="c">x</sub>' +
        '<say-as interpret-as="digits">12</say-as><voice name="rms">d</voice><lang xml:lang="de">e</lang>' +
        '<phoneme ph="x">f</phoneme><token>g</token><w>h</w></speak>',
    ).map((item) => (item.kind === "text" ? item.text : item.kind));
    assert.deepEqual(kinds, [
      "edge",
      "edge",
      "a",
      "edge",
      "edge",
      "break",
      "mark",
      "b",
      "c",
      "12",
      "d",
      "e",
      "f",
      "g",
      "h",
    ]);
  });

  it("gives text the prosody around it: rates replace, changes of pitch and volume add up", () => {
    const [inner] = textsOf(
      '<speak><prosody rate="50%" pitch="+100%" volume="+3dB"><prosody rate="150%" pitch="+12st" volume="-1dB">x</prosody></prosody></speak>',
    );
    assert.equal(inner?.style.rate, 1.5);
    assert.deepEqual(inner.style.pitch, { hertz: undefined, factor: 4, shift: 0 });
    assert.equal(inner.style.volume, 2);
  });

  it("takes pitches in hertz, by name and as a change in hertz", () => {
    const pitch = (value: string) =>
      textsOf(`<speak><prosody pitch="${value}">x</prosody></speak>`)[0]?.style.pitch;
    assert.deepEqual(pitch("150Hz"), { hertz: 150, factor: 1, shift: 0 });
    assert.deepEqual(pitch("+20Hz"), { hertz: undefined, factor: 1, shift: 20 });
    assert.deepEqual(pitch("high"), { hertz: undefined, factor: 1.15, shift: 0 });
  });

  it("takes a break by time and by strength, the time first", () => {
    const breaks = (attributes: string) =>
      itemsOf(`<speak><break ${attributes}/></speak>`).map((item) =>
        item.kind === "break" ? item.milliseconds : -1,
      );
    assert.deepEqual(breaks('time="250ms" strength="x-strong"'), [250]);
    assert.deepEqual(breaks('strength="none"'), [0]);
    assert.deepEqual(breaks(""), [400]);
  });
});

describe("SSML that is refused", () => {
  it("says line, column and what is allowed", () => {
    assert.deepEqual(problemsOf('<speak>\n  <break time="soon"/>\n</speak>'), [
      { line: 2, column: 3, message: 'time="soon" on <break>', allowed: ['"500ms" or "1.5s"'] },
    ]);
    const [problem] = problemsOf("<speak><p>\n<p>x</p></p></speak>");
    assert.equal(problem?.line, 2);
    assert.equal(problem.column, 1);
    assert.match(problem.message, /<p> may not stand in <p>/);
    assert.ok(problem.allowed.includes("s") && !problem.allowed.includes("p"));
  });

  const refused: readonly (readonly [string, string, RegExp])[] = [
    [
      "audio",
      '<speak><audio src="https://evil.example/a.wav">x</audio></speak>',
      /<audio> is refused: nothing external/,
    ],
    ["a lexicon", '<speak><lexicon uri="file:///etc/passwd" xml:id="l"/></speak>', /<lexicon> is refused/],
    [
      "a contour",
      '<speak><prosody contour="(0%,+20Hz)">x</prosody></speak>',
      /contour on <prosody> is refused/,
    ],
    ["a foreign element", '<speak><x:y xmlns:x="urn:x"/></speak>', /no element <x:y>/],
    ["a foreign namespace", '<speak xmlns="urn:x"/>', /other namespaces are refused/],
    ["an unknown say-as", '<speak><say-as interpret-as="bank">1</say-as></speak>', /interpret-as="bank"/],
    ["a document without speak", "<p>x</p>", /begins with <p>/],
    ["text in a break", "<speak><break>x</break></speak>", /<break> holds no text/],
    ["an id used twice", '<speak><s xml:id="a">x</s><s xml:id="a">y</s></speak>', /used twice/],
    ["two roots", "<speak/><speak/>", /well-formed/],
    ["nothing", "", /well-formed/],
    ["plain text", "x", /well-formed/],
    ["an unclosed element", "<speak>x", /unclosed tag/],
    ["a processing instruction", "<speak><?php x?></speak>", /processing instructions/],
    [
      "a missing version in the namespace",
      '<speak xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en"/>',
      /needs the attribute version/,
    ],
  ];
  for (const [name, document, expected] of refused)
    it(`refuses ${name}`, () => {
      assert.match(problemsOf(document)[0]?.message ?? "", expected);
    });
});

describe("hostile SSML", () => {
  const laughs = Array.from({ length: 10 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join(
    "",
  );
  const hostile: readonly (readonly [string, string, RegExp])[] = [
    [
      "a billion laughs",
      `<!DOCTYPE s [<!ENTITY l0 "ha">${laughs}]><speak>&l10;</speak>`,
      /DOCTYPE is refused/,
    ],
    [
      "an external entity",
      '<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><speak>&x;</speak>',
      /DOCTYPE is refused/,
    ],
    ["an external DTD", '<!DOCTYPE speak SYSTEM "https://evil.example/x.dtd"><speak/>', /DOCTYPE is refused/],
    ["an entity that nobody declared", "<speak>&x;</speak>", /undefined entity/],
    ["10,000 nested elements", "<s>".repeat(10_000), /deep|begins with/],
    ["nesting in the right place", `<speak>${"<prosody>".repeat(1_000)}`, /more than 32 deep/],
    [
      "10,000 elements beside each other",
      `<speak>${"<p/>".repeat(10_000)}</speak>`,
      /more than 2000 elements/,
    ],
    ["a break of 9999 seconds", '<speak><break time="9999s"/></speak>', /is too long/],
    [
      "a break whose number has 10,000 digits",
      `<speak><break time="${"9".repeat(10_000)}s"/></speak>`,
      /is too long/,
    ],
    ["many breaks", `<speak>${'<break time="10s"/>'.repeat(7)}</speak>`, /breaks of more than 60000 ms/],
    ["a control character", "<speak>\u0007</speak>", /disallowed character/],
    ["a control character as a reference", "<speak>&#7;</speak>", /well-formed/],
    ["half of a surrogate pair", "<speak>\ud800</speak>", /surrogate/],
    ["half of a surrogate pair as a reference", "<speak>&#xD800;</speak>", /well-formed/],
    ["a null character", "<speak>\0</speak>", /disallowed character/],
    ["too long a document", `<speak>${" ".repeat(SSML_LIMITS.mostSize)}</speak>`, /at most 65536/],
    ["too much to say", `<speak>${"a ".repeat(4_001)}</speak>`, /more than 8000 characters/],
    [
      "too much to say in an alias",
      `<speak><sub alias="${"a ".repeat(4_001)}">x</sub></speak>`,
      /more than 8000/,
    ],
    [
      "10,000 attributes",
      `<speak ${Array.from({ length: 5_000 }, (_, i) => `a${i}=""`).join(" ")}/>`,
      /no attribute/,
    ],
    ["a prototype as an element", "<speak><__proto__/></speak>", /no element <__proto__>/],
    ["a prototype as a value", '<speak><prosody rate="__proto__">x</prosody></speak>', /rate="__proto__"/],
    ["a constructor as a value", '<speak><break strength="constructor"/></speak>', /strength="constructor"/],
  ];
  for (const [name, document, expected] of hostile)
    it(`refuses ${name}`, () => {
      const problems = problemsOf(document);
      assert.match(problems[0]?.message ?? "", expected);
      assert.ok(problems.length <= 20);
      assert.ok(problems.every(({ message }) => message.length < 500));
    });

  it("never throws, whatever it reads, and never says that wrong and right are the same", () => {
    const soup = fc.array(
      fc.constantFrom(
        "<speak>",
        "</speak>",
        "<p>",
        "</p>",
        "<s>",
        "<break",
        ' time="1s"',
        "/>",
        "&amp;",
        "&",
        "x",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "\n",
        '"',
      ),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          soup.map((parts) => parts.join("")),
        ),
        (document) => {
          const parsed = parseSsml(document);
          assert.equal(parsed.items === undefined, parsed.problems.length > 0);
          assert.ok(parsed.problems.every(({ line, column }) => line >= 1 && column >= 1));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("says markup in a label instead of obeying it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (label) => {
        const document = `<speak><s>${escapeForSsml(label)}</s></speak>`;
        if (document.length > SSML_LIMITS.mostSize) return;
        const said = textsOf(document).map(({ text }) => text);
        const bare = said.join("").replace(/[\r\n\t ]+/g, " ");
        assert.equal(
          bare,
          label
            .toWellFormed()
            .replace(/[\p{Cf}\ufffd-\uffff]/gu, "")
            .replace(/\p{Cc}/gu, " ")
            .replace(/[\r\n\t ]+/g, " "),
        );
      }),
    );
    // Two code points of the basic plane that XML has no place for.
    assert.deepEqual(
      textsOf(`<speak>${escapeForSsml("a\ufffeb\uffff")}</speak>`).map(({ text }) => text),
      ["ab"],
    );
    const [text] = textsOf(`<speak>${escapeForSsml('</speak><break time="9s"/>')}</speak>`);
    assert.equal(text?.text, '</speak><break time="9s"/>');
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { utteranceRequestSchema } from "../../../../relayer/domain/speech-jobs.ts";
import { cutClauses } from "../../../../relayer/speech/core/clauses.ts";
import { chooseVoice, filterVoices } from "../../../../relayer/speech/core/voices.ts";
import { segmentsFrom } from "../../../../relayer/speech/worker/performance.ts";
import { planOf, request, speechOf, voice } from "../../support/speech.ts";

const silences = (plan: ReturnType<typeof planOf>) =>
  plan.segments.flatMap((segment) => (segment.kind === "silence" ? [segment.milliseconds] : []));

describe("a plan", () => {
  it("puts what was asked for in the place of the pause that would be there", () => {
    assert.deepEqual(
      silences(planOf({ ssml: '<speak>One. <break time="100ms"/><break time="50ms"/>Two. Three.</speak>' })),
      [150, 420],
    );
    assert.deepEqual(silences(planOf({ ssml: '<speak>One.<break strength="none"/>Two.</speak>' })), []);
    assert.deepEqual(
      silences(planOf({ ssml: '<speak><break time="1s"/>One.<break time="2s"/></speak>' })),
      [1_000, 2_000],
    );
  });

  it("makes its own pauses shorter when it is spoken faster, and not those that were asked for", () => {
    const ssml = '<speak>One. Two.<break time="500ms"/>Three.</speak>';
    assert.deepEqual(silences(planOf({ ssml }, undefined, { rate: 2 })), [210, 500]);
  });

  it("ends sentences as Unicode says, across elements", () => {
    const plan = planOf({
      ssml: "<speak>It cost 1.5 ETH. <emphasis>All</emphasis> of it. <p>New.</p></speak>",
    });
    assert.deepEqual(plan.sentences, ["It cost one point five ether.", "All of it.", "New."]);
  });

  it("says in one go what sounds alike, whatever elements part it", () => {
    const plan = planOf({
      ssml: '<speak>Validator <say-as interpret-as="digits">12</say-as> is <sub alias="out">x</sub>.</speak>',
    });
    assert.deepEqual(
      speechOf(plan).map(({ text }) => text),
      ["Validator one two", "is out."],
    );
    assert.deepEqual(plan.sentences, ["Validator one two is out."]);
  });

  it("holds rate and volume in their ranges, and says so", () => {
    const plan = planOf({ ssml: '<speak><prosody rate="300%" volume="+40dB">x</prosody></speak>' });
    const [speech] = speechOf(plan);
    assert.deepEqual([speech?.rate, speech?.gain], [2, 6]);
    assert.deepEqual(plan.notes, [
      "the rate was held between 0.5 and 2",
      "the volume was held at 6 dB over the voice's own",
    ]);
    assert.equal(
      speechOf(planOf({ ssml: '<speak><prosody volume="silent">x</prosody></speak>' }))[0]?.gain,
      null,
    );
  });

  it("makes absolute and relative pitches of a voice's own, within an octave", () => {
    const pitch = (value: string) =>
      speechOf(planOf({ ssml: `<speak><prosody pitch="${value}">x</prosody></speak>` }))[0]?.pitch;
    assert.deepEqual(["150Hz", "+20Hz", "+50%", "+12st", "medium", "1000Hz"].map(pitch), [
      150,
      220,
      300,
      400,
      undefined,
      400,
    ]);
  });

  it("goes on at the start of a sentence, without the pause before it", () => {
    const plan = planOf({ text: "One. Two. Three." });
    assert.deepEqual(
      segmentsFrom(plan, 1).map((segment) => (segment.kind === "speech" ? segment.text : segment.kind)),
      ["Two.", "silence", "Three."],
    );
    assert.deepEqual(segmentsFrom(plan, 0), plan.segments);
  });

  it("says every word of any text, in order, whatever clauses it is cut into", () => {
    const words = fc.array(
      fc.constantFrom("validator", "and", "in", "of", "missed,", "Now:", "(three)", "a", "x".repeat(200)),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(words, fc.boolean(), (list, isFirst) => {
        const clauses = cutClauses(list.join(" "), isFirst);
        assert.equal(
          clauses
            .map(({ text }) => text)
            .join("")
            .replace(/\s/g, ""),
          list.join(""),
        );
        assert.ok(clauses.every(({ text }) => text.length <= 240));
      }),
    );
  });

  it("begins with a short clause, so that something is heard soon", () => {
    const [first] = cutClauses("The sender on chain alpha has been out of money for ten minutes", true);
    assert.ok((first?.text.length ?? 99) <= 24);
  });

  it("speaks hostile plain text as text: nothing in it is markup", () => {
    const plan = planOf({ text: '</speak><break time="9999s"/>\u202e\u0000 alert' });
    assert.deepEqual(
      plan.segments
        .filter(({ kind }) => kind === "silence")
        .filter((segment) => segment.kind === "silence" && segment.milliseconds > 1_000),
      [],
    );
    assert.doesNotMatch(plan.sentences.join(""), /[\p{Cc}\p{Cf}]/u);
  });
});

describe("voices", () => {
  const voices = [
    voice("anna"),
    voice("bob", { gender: "male" }),
    voice("claire", { language: "fr-FR" }),
    voice("dave", { gender: "male", language: "en-GB" }),
  ];
  const registry = { voices, defaults: new Map([["en-GB", "dave"]]), fallback: "anna" };
  const chosen = (names: readonly string[], gender?: "male" | "female", language?: string) => {
    const found = chooseVoice(registry, { names, gender }, language);
    return [found?.voice.name, found?.note];
  };

  it("are chosen by name, then language, then gender, with a note where a wish is not met", () => {
    assert.deepEqual(chosen(["nobody", "claire"]), ["claire", undefined]);
    assert.deepEqual(chosen([]), ["anna", undefined]);
    assert.deepEqual(chosen([], "male"), ["bob", undefined]);
    assert.deepEqual(chosen([], undefined, "en-GB"), ["dave", undefined]);
    assert.deepEqual(chosen([], undefined, "fr-CA"), ["claire", undefined]);
    assert.deepEqual(chosen([], "male", "fr"), ["claire", "no male voice speaks fr"]);
    assert.deepEqual(chosen(["nobody"]), ["anna", "there is no voice nobody"]);
    assert.deepEqual(chosen([], undefined, "de"), ["anna", "no voice speaks de; anna reads it as en-US"]);
  });

  it("are filtered by language and gender", () => {
    const names = (filter: Parameters<typeof filterVoices>[1]) =>
      filterVoices(voices, filter).map(({ name }) => name);
    assert.deepEqual(names({ language: "en" }), ["anna", "bob", "dave"]);
    assert.deepEqual(names({ language: "EN-us", gender: "male" }), ["bob"]);
    assert.deepEqual(names({}), ["anna", "bob", "claire", "dave"]);
  });

  it("of the document speak in its own language, whatever the listener's voice is", () => {
    const plan = planOf({ ssml: '<speak>Hello. <lang xml:lang="fr">Bonjour 3.</lang></speak>' }, voices, {
      voice: "bob",
    });
    assert.deepEqual(
      speechOf(plan).map(({ voice: id, text }) => [id, text]),
      [
        ["test/bob", "Hello."],
        ["test/claire", "Bonjour 3."],
      ],
    );
  });
});

describe("a request", () => {
  it("holds rate, pitch and volume in their ranges", () => {
    const { rate, pitch, volume } = request({ text: "x", rate: 9, pitch: 0, volume: 40 });
    assert.deepEqual([rate, pitch, volume], [2, 0.5, 6]);
  });

  it("is refused with both or neither of text and ssml, an id that no job can have, or too much text", () => {
    const isRight = (rest: object) => utteranceRequestSchema.safeParse({ id: "u", ...rest }).success;
    assert.ok(isRight({ text: "x" }));
    for (const rest of [
      {},
      { text: "x", ssml: "<speak/>" },
      { text: "x", id: "a:b" },
      { text: "x", id: "" },
      { text: "x".repeat(8_001) },
      { text: "" },
      { text: "x", unknown: 1 },
      { text: "x", rate: "2" },
    ])
      assert.ok(!isRight(rest), JSON.stringify(rest).slice(0, 60));
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Segment, stepsOf, voiceFor } from "../../web/dashboard/core/browser-plan.ts";
import { preferences } from "../../web/dashboard/core/speech-schema.ts";
import { type Listening, speechState, speechWords } from "../../web/dashboard/core/speech-words.ts";

const voices = [
  { name: "Ada", lang: "en-US", localService: false },
  { name: "Berta", lang: "en-GB", localService: true },
  { name: "Carla", lang: "de-DE", localService: true },
];
const choice = { voices, voice: "", rate: 1 };
const speech = (text: string, more: Partial<Segment> = {}): Segment =>
  ({ kind: "speech", text, language: "en-GB", rate: 1, gain: 0, sentence: 0, ...more }) as Segment;

describe("what a browser does to say a plan", () => {
  it("joins clauses that hardly anything parts, and waits where the plan does", () => {
    const segments: Segment[] = [
      { kind: "silence", milliseconds: 400, sentence: 0 },
      speech("One,"),
      { kind: "silence", milliseconds: 30, sentence: 0 },
      speech("two."),
      { kind: "mark", name: "m", sentence: 0 },
      { kind: "silence", milliseconds: 240, sentence: 0 },
      speech("Three.", { rate: 1.5, gain: null }),
      speech("Elsewhere.", { sentence: 1 }),
    ];
    const { steps, notes } = stepsOf({ segments }, { sentence: 0, text: "" }, { ...choice, rate: 2 });
    assert.deepEqual(notes, []);
    assert.deepEqual(
      steps.map((step) => (step.kind === "wait" ? step.milliseconds : [step.text, step.rate, step.volume])),
      [["One, two.", 2, 0.5], 240, ["Three.", 2, 0]],
    );
  });
  it("says the text as it is where there is no plan, and what the browser cannot do", () => {
    const { steps } = stepsOf(undefined, { sentence: 0, text: "Hello." }, choice);
    assert.equal(steps.length, 1);
    const segments = [speech("Bonjour.", { language: "fr-FR", pitch: 120 })];
    assert.deepEqual(stepsOf({ segments }, { sentence: 0, text: "" }, choice).notes, [
      "the browser speaks at its voice’s own pitch",
      "no voice of the browser speaks fr-FR",
    ]);
  });
  it("takes the listener's voice where it speaks the language, and one that needs no network before others", () => {
    assert.equal(voiceFor("en-US", { voices, voice: "Berta" })?.name, "Berta");
    assert.equal(voiceFor("de-DE", { voices, voice: "Berta" })?.name, "Carla");
    assert.equal(voiceFor("en-AU", { voices, voice: "" })?.name, "Berta");
    assert.equal(voiceFor("en_US", { voices, voice: "" })?.name, "Berta");
  });
});

describe("what a listener is told", () => {
  const speaker = { control: { isEnabled: false, isPaused: false }, waiting: 2, next: [] };
  const usual: Listening = {
    ...{ speaker, trouble: "", isOn: true, way: "stream", hasVoices: false, current: undefined },
    ...{ stopped: undefined, isBrowserSpeaking: false },
  };
  for (const [change, state, word] of [
    [{ speaker: undefined }, "connecting", "Connecting"],
    [{ speaker: undefined, trouble: "away" }, "unreachable", "Not reachable"],
    [{ isOn: false }, "off", "Off"],
    [{ way: "browser" }, "no-voices", "No voices"],
    [{}, "quiet", "On"],
    [{ current: { id: "1", priority: "normal" } }, "speaking", "Speaking"],
    [{ current: { id: "1", priority: "urgent" } }, "urgent", "Urgent"],
    [{ current: { id: "1", priority: "urgent" }, stopped: "1" }, "quiet", "On"],
    [{ speaker: { ...speaker, control: { isEnabled: true, isPaused: true } } }, "quiet", "Paused"],
  ] as const)
    it(`is “${word}” while it is ${state}`, () => {
      const now = { ...usual, ...change };
      assert.equal(speechState(now), state);
      assert.equal(speechWords(state, now)[0], word);
    });
  it("hears how much waits", () => {
    assert.match(speechWords("off", { ...usual, isOn: false })[1], /2 messages wait/);
  });
  it("has the defaults for what somebody else left in the browser", () => {
    const defaults = { way: "stream", voice: "", rate: 1 };
    assert.deepEqual(preferences.parse({}), defaults);
    assert.deepEqual(preferences.parse({ way: "loud", voice: 7, rate: 30 }), defaults);
  });
});

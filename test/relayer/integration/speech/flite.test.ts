import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { FliteEngine } from "../../../../relayer/speech/adapters/flite.ts";
import { bytesOf, OUTPUT_RATE, render } from "../../../../relayer/speech/core/audio.ts";
import type { Plan } from "../../../../relayer/speech/core/plan.ts";
import { make } from "../../../../relayer/speech/worker/performance.ts";
import { decibels, gaps, heardMilliseconds, pitchOf, planOf, speechOf } from "../../support/speech.ts";

const SENTENCE = "Validator three missed nine attestations in the last two minutes.";
const signal = new AbortController().signal;
const within = (is: number, should: number, share: number, what: string) => {
  assert.ok(Math.abs(is / should - 1) <= share, `${what}: ${is.toFixed(1)} instead of ${should.toFixed(1)}`);
};

/** Whether a program is on this machine. */
const isThere = (command: string) => {
  try {
    execFileSync("which", [command], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

describe("what flite makes, measured", () => {
  let engine: FliteEngine;
  before(() => {
    engine = new FliteEngine(2);
  });
  after(() => engine.close());

  const say = (name: string, rate = 1, pitch?: number, text = SENTENCE) => {
    const voice = engine.voices().find((each) => each.name === name);
    assert.ok(voice !== undefined);
    return engine.synthesize({ text, voice, rate, pitch }, signal);
  };
  /** A plan as it is heard. */
  const record = async (plan: Plan) => {
    const parts: Int16Array[] = [];
    for (const segment of plan.segments)
      parts.push((await make(segment, new Map([["flite", engine]]), signal)).samples);
    return Int16Array.from(parts.flatMap((part) => [...part]));
  };
  const plan = (body: string) => planOf({ ssml: `<speak>${body}</speak>` }, engine.voices());

  for (const name of ["slt", "rms", "kal", "awb"])
    it(`${name} keeps its rate within 3% at 0.5, 1.5 and 2, and its length at 1`, async () => {
      const own = heardMilliseconds(await say(name));
      for (const rate of [0.5, 1.5, 2])
        within(heardMilliseconds(await say(name, rate)), own / rate, 0.03, `rate ${rate}`);
    });

  for (const name of ["slt", "kal", "awb"])
    it(`${name} keeps its pitch within 5%, and speaks at what it says is its own`, async () => {
      const voice = engine.voices().find((each) => each.name === name);
      const own = voice?.pitch ?? NaN;
      within(pitchOf(await say(name)), own, 0.05, "own pitch");
      for (const factor of [0.8, 1.2, 1.5])
        within(pitchOf(await say(name, 1, own * factor)), own * factor, 0.05, `pitch × ${factor}`);
    });

  it("says of rms that it cannot change its pitch", () => {
    const { notes, segments } = planOf(
      { ssml: '<speak><voice name="rms"><prosody pitch="high">x</prosody></voice></speak>' },
      engine.voices(),
    );
    assert.deepEqual(notes, ["the voice rms cannot change its pitch"]);
    assert.ok(segments.every((segment) => segment.kind !== "speech" || segment.pitch === undefined));
  });

  for (const milliseconds of [100, 500, 1_234])
    it(`makes a break of ${milliseconds} ms, within 20 ms of what is heard`, async () => {
      const samples = await record(plan(`One. <break time="${milliseconds}ms"/> Two.`));
      const longest = Math.max(...gaps(samples, 50));
      assert.ok(Math.abs(longest - milliseconds) <= 20, `${longest} ms`);
    });

  it("changes the volume within half a decibel", async () => {
    const loudness = async (volume: string) =>
      decibels(await record(plan(`<prosody volume="${volume}">${SENTENCE}</prosody>`)));
    const own = await loudness("+0dB");
    for (const change of [-12, -6, -3, 3, 6]) {
      const heard = (await loudness(`${change > 0 ? "+" : ""}${change}dB`)) - own;
      assert.ok(Math.abs(heard - change) <= 0.5, `${heard.toFixed(2)} dB instead of ${change}`);
    }
  });

  it("is silent where it is told to, for as long as it would have spoken", async () => {
    const [loud, silent] = [
      await record(plan(SENTENCE)),
      await record(plan(`<prosody volume="silent">${SENTENCE}</prosody>`)),
    ];
    assert.equal(silent.length, loud.length);
    assert.ok(silent.every((sample) => sample === 0));
  });

  it("makes emphasis audible: louder, slower and higher, or the other way round", async () => {
    const emphasised = async (level: string) => {
      const samples = await record(plan(`<emphasis level="${level}">Validator three</emphasis>`));
      return {
        loudness: decibels(samples),
        length: samples.length,
        pitch: pitchOf({ samples, sampleRate: OUTPUT_RATE }),
      };
    };
    const [none, reduced, moderate, strong] = [
      await emphasised("none"),
      await emphasised("reduced"),
      await emphasised("moderate"),
      await emphasised("strong"),
    ];
    assert.ok(
      strong.loudness - none.loudness > 5 &&
        moderate.loudness - none.loudness > 2 &&
        reduced.loudness - none.loudness < -3,
    );
    assert.ok(
      strong.length > moderate.length && moderate.length > none.length && none.length > reduced.length,
    );
    assert.ok(strong.pitch > moderate.pitch && moderate.pitch > none.pitch && none.pitch > reduced.pitch);
  });

  it("leaves 6 dB free for what is louder: no voice is cut off at full scale", async () => {
    for (const { name } of engine.voices()) {
      const loud = render(await say(name), 6);
      const peak = loud.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      assert.ok(peak < 32_767, `${name}: ${peak}`);
    }
  });

  it("is deterministic, whichever thread speaks and whatever was said before", async () => {
    const first = await say("slt");
    const others = await Promise.all([
      say("awb", 2),
      say("slt"),
      say("kal", 0.5, 120),
      say("slt"),
      say("slt", 1, undefined, "x"),
      say("slt"),
    ]);
    for (const index of [1, 3, 5]) assert.deepEqual(others[index]?.samples, first.samples);
  });

  it("says markup, options and foreign letters as text, and nothing where there is nothing to say", async () => {
    const hostile = [
      '<break time="9s"/>',
      "-voice kal",
      "--seti x=1",
      "[[slnc 9000]]",
      "$(touch /tmp/x)",
      "é ü ß 你好 a",
      "a\0b",
      "\u0007 bell",
      "%s%s%n",
    ];
    for (const text of hostile)
      assert.ok(heardMilliseconds(await say("slt", 1, undefined, text)) < 6_000, text);
    for (const text of ["", "...", "你好", "\0"])
      assert.equal((await say("slt", 1, undefined, text)).samples.length, 0);
  });

  it("does not begin what was aborted before its turn, and goes on with the rest", async () => {
    const aborted = new AbortController();
    const voice = engine.voices()[0];
    assert.ok(voice !== undefined);
    const many = Array.from({ length: 6 }, () =>
      engine.synthesize({ text: SENTENCE, voice, rate: 1, pitch: undefined }, aborted.signal),
    );
    const next = say("slt");
    aborted.abort();
    const ended = await Promise.allSettled(many);
    assert.ok(ended.every(({ status }) => status === "rejected"));
    assert.ok((await next).samples.length > 0);
  });

  it("takes rates and voices through a whole plan", async () => {
    const whole = planOf({ text: SENTENCE }, engine.voices(), { rate: 2, voice: "awb" });
    assert.ok(speechOf(whole).every(({ rate, voice }) => rate === 2 && voice === "flite/awb"));
    assert.ok((await record(whole)).length > OUTPUT_RATE);
  });

  const recogniser = isThere("pocketsphinx_continuous")
    ? "pocketsphinx_continuous"
    : isThere("pocketsphinx")
      ? "pocketsphinx"
      : undefined;
  it(
    `is understood by pocketsphinx: 13 of 14 alerts, at 1× and at 2×${recogniser === undefined ? " (needs pocketsphinx and pocketsphinx-en-us, which are not installed)" : ""}`,
    { skip: recogniser === undefined },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "dchat-sphinx-"));
      try {
        writeFileSync(join(folder, "alerts.gram"), grammar);
        writeFileSync(
          join(folder, "words.dict"),
          `${readFileSync(join(MODEL, "cmudict-en-us.dict"), "utf8").trimEnd()}\n${WORDS}\n`,
        );
        for (const rate of [1, 2]) {
          const heard = await Promise.all(
            ALERTS.map(async (alert) =>
              hear(folder, await record(planOf({ text: alert }, engine.voices(), { rate }))),
            ),
          );
          const missed = ALERTS.filter((alert, index) => heard[index] !== alert);
          assert.ok(missed.length <= ALERTS.length - 13, `${rate}×: not understood: ${missed.join("; ")}`);
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});

/** Sentences that differ in a word or two, as alerts do: to take one for another is an error. */
const ALERTS = [
  "validator three missed nine attestations",
  "validator five missed nine attestations",
  "validator three missed five attestations",
  "the sender on chain alpha is out of money",
  "the sender on chain beta is out of money",
  "the watcher on chain alpha is behind",
  "the watcher on chain beta is behind",
  "a transfer is waiting for ten minutes",
  "a transfer is waiting for two minutes",
  "two validators signed different messages",
  "the bridge is paused",
  "the bridge is open again",
  "an escrow is in dispute",
  "an escrow has expired",
];
/** Where Debian puts the acoustic model, and the words of this field that its dictionary does not know. */
const MODEL = "/usr/share/pocketsphinx/model/en-us";
const WORDS = [
  "validator V AE L AH D EY T ER",
  "validators V AE L AH D EY T ER Z",
  "attestations AE T EH S T EY SH AH N Z",
].join("\n");
const grammar = `#JSGF V1.0;\ngrammar alerts;\npublic <alert> = ${ALERTS.join(" | ")};\n`;

/** What pocketsphinx takes a recording for: one of the alerts. */
function hear(folder: string, samples: Int16Array): string {
  const file = join(folder, "alert.raw");
  // Half a second of silence on both sides, for it to hear a beginning and an end.
  const pause = Buffer.alloc(OUTPUT_RATE);
  writeFileSync(file, Buffer.concat([pause, bytesOf(samples), pause]));
  const words = [
    "-infile",
    file,
    "-jsgf",
    join(folder, "alerts.gram"),
    "-logfn",
    "/dev/null",
    "-hmm",
    join(MODEL, "en-us"),
    "-dict",
    join(folder, "words.dict"),
  ];
  return execFileSync("pocketsphinx_continuous", words, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}

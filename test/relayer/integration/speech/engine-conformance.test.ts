import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { EspeakEngine } from "../../../../relayer/speech/adapters/espeak-ng.ts";
import { FliteEngine } from "../../../../relayer/speech/adapters/flite.ts";
import { macOsSay, SystemEngine, windowsSapi } from "../../../../relayer/speech/adapters/system-engines.ts";
import { render } from "../../../../relayer/speech/core/audio.ts";
import type { Engine, SpeechRequest } from "../../../../relayer/speech/ports.ts";
import { heardMilliseconds, pitchOf } from "../../support/speech.ts";

const isThere = (command: string) =>
  spawnSync(command, ["--version"], { stdio: "ignore" }).error === undefined;
const { signal } = new AbortController();

/** The engines, how to open them, and why not where that cannot be. */
const engines: readonly (readonly [string, () => Promise<Engine>, string | undefined])[] = [
  ["flite", () => Promise.resolve(new FliteEngine(1)), undefined],
  [
    "espeak-ng",
    () => EspeakEngine.open(signal),
    isThere("espeak-ng") ? undefined : "espeak-ng is not installed",
  ],
  [
    "say",
    () => SystemEngine.open(macOsSay, signal),
    process.platform === "darwin" ? undefined : "only macOS has it",
  ],
  [
    "sapi",
    () => SystemEngine.open(windowsSapi, signal),
    process.platform === "win32" ? undefined : "only Windows has it",
  ],
];

/** What every engine keeps to, so that a plan sounds the same on all. */
for (const [name, open, missing] of engines)
  describe(
    `the engine ${name}${missing === undefined ? "" : ` (left out: ${missing})`}`,
    { skip: missing !== undefined },
    () => {
      let engine: Engine;
      before(async () => {
        engine = await open();
      });
      after(() => engine.close());

      const english = () =>
        engine.voices().find(({ language }) => /^en\b/i.test(language)) ?? assert.fail("no English voice");
      const say = (rest: Partial<SpeechRequest> = {}, until = signal) =>
        engine.synthesize(
          {
            text: "Validator three missed nine attestations.",
            voice: english(),
            rate: 1,
            pitch: undefined,
            ...rest,
          },
          until,
        );

      it("has voices, each with an id of its own, a language, and the engine's name", () => {
        const voices = engine.voices();
        assert.ok(voices.length > 0);
        assert.equal(new Set(voices.map(({ id }) => id)).size, voices.length);
        for (const voice of voices) {
          assert.equal(voice.engine, engine.id);
          assert.ok(
            voice.id.startsWith(`${engine.id}/`) && Intl.getCanonicalLocales(voice.language).length === 1,
          );
        }
      });

      it("speaks at the sample rate that it names, between one and five seconds for a sentence", async () => {
        const sound = await say();
        assert.equal(sound.sampleRate, english().sampleRate);
        const heard = heardMilliseconds(sound);
        assert.ok(heard > 1_000 && heard < 5_000, String(heard));
        assert.ok(
          render(sound, 6).every((sample) => Math.abs(sample) < 32_767),
          "6 dB are free",
        );
      });

      it("is faster at 2 and slower at 0.5, within 3% if it says so", async () => {
        const own = heardMilliseconds(await say());
        const share = engine.capabilities.hasExactRate ? 0.03 : 0.35;
        for (const rate of [0.5, 1.5, 2]) {
          const heard = heardMilliseconds(await say({ rate }));
          assert.ok(Math.abs((heard * rate) / own - 1) <= share, `${heard} ms of ${own} ms at ${rate}`);
        }
      });

      it("changes the pitch of the voices that say so", async () => {
        const able = engine.voices().filter(({ pitch }) => pitch !== undefined);
        assert.equal(able.length > 0, engine.capabilities.changesPitch);
        for (const voice of able.slice(0, 1)) {
          const high = (voice.pitch ?? 0) * 1.3;
          assert.ok(Math.abs(pitchOf(await say({ voice, pitch: high })) / high - 1) <= 0.05);
        }
      });

      it("says markup and commands instead of obeying them", async () => {
        for (const text of ['<break time="9s"/> now', "[[slnc 9000]] now", "$(sleep 9) now", "-v de now"])
          assert.ok(heardMilliseconds(await say({ text })) < 7_000, text);
      });

      it("makes the same of the same, if it says so", async () => {
        if (engine.capabilities.isDeterministic)
          assert.deepEqual((await say()).samples, (await say()).samples);
        else assert.ok((await say()).samples.length > 0);
      });

      it("ends when it is asked to, and speaks again afterwards", async () => {
        const ending = new AbortController();
        const speaking = say(
          { text: "This will not be heard to its end, whatever it may be." },
          ending.signal,
        );
        ending.abort(new Error("enough"));
        await assert.rejects(speaking);
        assert.ok((await say()).samples.length > 0);
      });
    },
  );

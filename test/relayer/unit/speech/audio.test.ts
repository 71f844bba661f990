import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  amplify,
  bytesOf,
  decodeWav,
  OUTPUT_RATE,
  render,
  resample,
  rms,
  silence,
  trimSilence,
  wavHeader,
} from "../../../../relayer/speech/core/audio.ts";
import { decibels, pitchOf } from "../../support/speech.ts";

const tone = (hertz: number, milliseconds: number, sampleRate = OUTPUT_RATE, peak = 8_000) =>
  Int16Array.from({ length: (milliseconds * sampleRate) / 1_000 }, (_, at) =>
    Math.round(peak * Math.sin((2 * Math.PI * hertz * at) / sampleRate)),
  );
const wav = (samples: Int16Array, sampleRate?: number) =>
  Buffer.concat([wavHeader(samples.length, sampleRate), bytesOf(samples)]);

describe("sound", () => {
  it("survives a WAV file, whose head says how long it is, or that nobody knows yet", () => {
    fc.assert(
      fc.property(fc.int16Array(), fc.integer({ min: 8_000, max: 48_000 }), (array, sampleRate) => {
        const samples = Int16Array.from(array);
        assert.deepEqual(decodeWav(wav(samples, sampleRate)), { sampleRate, samples });
        const endless = Buffer.concat([wavHeader(), bytesOf(samples)]);
        assert.deepEqual(decodeWav(endless)?.samples, samples);
      }),
    );
  });

  it("of no WAV file is none, whatever the bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => decodeWav(bytes) === undefined));
    const good = wav(tone(100, 10));
    fc.assert(
      fc.property(
        fc.nat({ max: 43 }),
        fc.nat({ max: 255 }),
        fc.nat({ max: good.length }),
        (at, byte, length) => {
          const broken = Buffer.from(good.subarray(0, length));
          if (at < length) broken[at] = byte;
          const sound = decodeWav(broken);
          assert.ok(sound === undefined || sound.samples.length <= good.length);
        },
      ),
    );
  });

  it("is as long as asked for where it is silent", () => {
    assert.equal(silence(1_234).length, (1_234 * OUTPUT_RATE) / 1_000);
    assert.equal(rms(silence(50)), 0);
  });

  it("loses the silence around it, and nothing of what is heard", () => {
    const [spoken, pause] = [tone(200, 300), silence(170)];
    const samples = Int16Array.from([...pause, ...spoken, ...silence(85)]);
    const trimmed = trimSilence({ samples, sampleRate: OUTPUT_RATE }).samples;
    assert.ok(Math.abs(trimmed.length - spoken.length) <= (10 * OUTPUT_RATE) / 1_000);
    assert.equal(trimSilence({ samples: silence(100), sampleRate: OUTPUT_RATE }).samples.length, 0);
  });

  it("is louder by what is asked for, and never wraps around", () => {
    for (const change of [-20, -3, 6])
      assert.ok(
        Math.abs(decibels(amplify(tone(200, 200), change)) - decibels(tone(200, 200)) - change) < 0.05,
      );
    const peaks = amplify(tone(200, 200, OUTPUT_RATE, 32_000), 6);
    assert.ok(
      peaks.every(
        (sample, at) => Math.sign(sample) === Math.sign(tone(200, 200)[at] ?? 0) || Math.abs(sample) < 200,
      ),
    );
  });

  it("keeps its length, pitch and loudness at another sample rate, and what cannot be heard there is gone", () => {
    for (const sampleRate of [8_000, 22_050, 44_100, 48_000]) {
      const samples = resample({ samples: tone(200, 500, sampleRate), sampleRate }, OUTPUT_RATE);
      assert.ok(Math.abs(samples.length - OUTPUT_RATE / 2) <= 1, String(sampleRate));
      assert.ok(Math.abs(pitchOf({ samples, sampleRate: OUTPUT_RATE }) / 200 - 1) < 0.02);
      assert.ok(Math.abs(decibels(samples) - decibels(tone(200, 500))) < 0.2);
    }
    const alias = resample({ samples: tone(11_000, 500, 44_100), sampleRate: 44_100 }, OUTPUT_RATE);
    assert.ok(decibels(alias) < decibels(tone(200, 500)) - 30, String(decibels(alias)));
  });

  it("is silent, and as long, where its gain is none", () => {
    const samples = render({ samples: tone(200, 300), sampleRate: OUTPUT_RATE }, null);
    assert.ok(samples.length > 0 && rms(samples) === 0);
  });
});

import { utteranceRequestSchema, type UtteranceRequest } from "../../../relayer/domain/speech-jobs.ts";
import type { Sound } from "../../../relayer/speech/core/audio.ts";
import { OUTPUT_RATE, render, rms } from "../../../relayer/speech/core/audio.ts";
import type { Plan, Segment, Settings } from "../../../relayer/speech/core/plan.ts";
import { compilePlan } from "../../../relayer/speech/core/plan.ts";
import { readUtterance } from "../../../relayer/speech/core/utterance.ts";
import type { Voice } from "../../../relayer/speech/core/voices.ts";

/** A request with the defaults of its schema. */
export const request = (rest: Record<string, unknown>): UtteranceRequest =>
  utteranceRequestSchema.parse({ id: "u", ...rest });

/** A voice of an engine that does not exist. */
export const voice = (name: string, rest: Partial<Voice> = {}): Voice => ({
  ...{
    id: `test/${name}`,
    name,
    language: "en-US",
    gender: "female",
    engine: "test",
    sampleRate: OUTPUT_RATE,
    pitch: 200,
  },
  ...rest,
});

export const settings: Settings = { rate: 1, pitch: 1, volume: 0, language: "en-US", voice: undefined };

/** The plan of a text or a document. */
export function planOf(
  said: { readonly text: string } | { readonly ssml: string },
  voices: readonly Voice[] = [voice("anna")],
  own: Partial<Settings> = {},
): Plan {
  const registry = { voices, defaults: new Map<string, string>(), fallback: voices[0]?.id ?? "" };
  const naming = { labels: new Map<string, string>(), spellsOut: false };
  return compilePlan(readUtterance(request(said)).items, { ...settings, ...own }, { registry, naming });
}

/** The speech of a plan. */
export const speechOf = (plan: Plan) =>
  plan.segments.filter(
    (segment): segment is Extract<Segment, { readonly kind: "speech" }> => segment.kind === "speech",
  );

/** How long speech is without the silence around it, in milliseconds. */
export function heardMilliseconds(sound: Sound): number {
  return (render(sound, 0).length * 1_000) / OUTPUT_RATE;
}

/** The stretches of silence inside a recording that are longer than `least`, in milliseconds. */
export function gaps(samples: Int16Array, least: number): readonly number[] {
  const grain = OUTPUT_RATE / 1_000;
  const found: number[] = [];
  let [silent, isBegun] = [0, false];
  for (let at = 0; at < samples.length; at += grain) {
    const isSilent = rms(samples.subarray(at, at + grain)) === 0;
    if (isSilent) silent++;
    else {
      if (isBegun && silent >= least) found.push(silent);
      [silent, isBegun] = [0, true];
    }
  }
  return found;
}

/** Loudness in decibels of full scale. */
export const decibels = (samples: Int16Array) => 20 * Math.log10(rms(samples) / 32_768);

/**
 * The pitch of a voice: the median over its voiced frames of the first strong peak of the normalised autocorrelation, between 60
 * and 400 Hz. Octave errors are avoided by taking the shortest lag that is nearly as good as the best.
 */
export function pitchOf({ samples, sampleRate }: Sound): number {
  const window = Math.round(sampleRate * 0.04);
  const pitches: number[] = [];
  for (let at = 0; at + 2 * window < samples.length; at += window >> 2) {
    const frame = samples.subarray(at, at + window);
    if (rms(frame) < 650) continue;
    const lag = bestLag(samples, at, window, sampleRate);
    if (lag !== undefined) pitches.push(sampleRate / lag);
  }
  pitches.sort((a, b) => a - b);
  return pitches[pitches.length >> 1] ?? NaN;
}

function bestLag(samples: Int16Array, at: number, window: number, sampleRate: number): number | undefined {
  const [least, most] = [Math.floor(sampleRate / 400), Math.ceil(sampleRate / 60)];
  const likeness = Array.from({ length: most + 2 }, (_, lag) =>
    lag < least - 1 ? 0 : correlation(samples, at, window, lag),
  );
  const best = Math.max(...likeness.slice(least));
  if (best < 0.7) return undefined;
  for (let lag = least; lag <= most; lag++) {
    const [before = 0, here = 0, after = 0] = likeness.slice(lag - 1, lag + 2);
    if (here > 0.9 * best && here >= before && here >= after) return lag;
  }
  return undefined;
}

function correlation(samples: Int16Array, at: number, window: number, lag: number): number {
  let [product, first, second] = [0, 0, 0];
  for (let index = at; index < at + window; index++) {
    const [a, b] = [samples[index] ?? 0, samples[index + lag] ?? 0];
    product += a * b;
    first += a * a;
    second += b * b;
  }
  return product / Math.sqrt(first * second || 1);
}

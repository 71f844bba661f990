import { RetryableError } from "../../domain/errors.ts";
import { decodeWav, type Sound, trimSilence } from "../core/audio.ts";
import type { Voice } from "../core/voices.ts";
import type { Capabilities, Engine, SpeechRequest } from "../ports.ts";
import { type Program, runProgram } from "./run-program.ts";

/** Words a minute at which espeak-ng speaks by itself. */
const OWN_RATE = 175;
/** Of what it writes, in hertz. */
const SAMPLE_RATE = 22_050;
/** Its amplitude, of 200: leaves 6 dB free for what is to be louder. */
const AMPLITUDE = 60;

/** How often a clause is made until its rate is right, and when it is: within half of what is promised. */
const MOST_ATTEMPTS = 4;
const GOOD_ENOUGH = 0.015;
/** What espeak-ng takes (80 to 450 words a minute), as factors of its own rate. */
const LEAST_RATE = 80 / OWN_RATE;
const MOST_RATE = 450 / OWN_RATE;

/** Runs espeak-ng with arguments; a test may bring another. */
type Run = (program: Program, signal: AbortSignal) => Promise<Uint8Array>;

/**
 * espeak-ng as a process: over a hundred languages. It is licensed under the GPL, so it is never linked, and never needed; pitch is
 * its own.
 */
export class EspeakEngine implements Engine {
  readonly id = "espeak-ng";
  readonly capabilities: Capabilities = {
    hasExactRate: true,
    changesPitch: false,
    isDeterministic: true,
  };
  readonly #voices: readonly Voice[];
  readonly #run: Run;

  private constructor(voices: readonly Voice[], run: Run) {
    this.#voices = voices;
    this.#run = run;
  }

  /** @throws RetryableError `ENGINE` when espeak-ng is not there or does not say its voices */
  static async open(signal: AbortSignal, run: Run = runProgram): Promise<EspeakEngine> {
    const list = await run({ command: "espeak-ng", words: ["--voices"], input: "" }, signal);
    return new EspeakEngine(readVoices(Buffer.from(list).toString("utf8")), run);
  }

  voices(): readonly Voice[] {
    return this.#voices;
  }

  /** Each sentence is a process of its own. */
  warmUp(): Promise<void> {
    return Promise.resolve();
  }

  /** Its speed is not in proportion to what it is told, and depends on the words: so what it made is measured, and made again. */
  async synthesize(request: SpeechRequest, signal: AbortSignal): Promise<Sound> {
    if (request.rate === 1) return this.#say(request, signal);
    const wanted = lengthOf(await this.#say({ ...request, rate: 1 }, signal)) / request.rate;
    let best: { readonly sound: Sound; readonly error: number } | undefined;
    let { rate } = request;
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const sound = await this.#say({ ...request, rate }, signal);
      const ratio = lengthOf(sound) / (wanted || 1);
      const error = Math.abs(ratio - 1);
      if (best === undefined || error < best.error) best = { sound, error };
      if (best.error <= GOOD_ENOUGH || ratio === 0) break;
      rate = Math.min(MOST_RATE, Math.max(LEAST_RATE, rate * ratio));
    }
    return best?.sound ?? this.#say(request, signal);
  }

  async #say(request: SpeechRequest, signal: AbortSignal): Promise<Sound> {
    const sound = decodeWav(await this.#run(espeakProgram(request), signal));
    if (sound !== undefined) return sound;
    throw new RetryableError("ENGINE", "espeak-ng wrote no WAV file. The utterance is tried again.");
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** How long the words are, in samples. */
function lengthOf(sound: Sound): number {
  return trimSilence(sound).samples.length;
}

/** How espeak-ng is called. Text comes by standard input, and "[[" in it would be read as phonemes. */
export function espeakProgram({ text, voice, rate }: SpeechRequest): Program {
  const words = ["--stdin", "--stdout", "-b", "1", "-a", String(AMPLITUDE)];
  return {
    command: "espeak-ng",
    words: [...words, "-s", String(Math.round(OWN_RATE * rate)), "-v", voice.name],
    input: `${text.replaceAll("[[", "[ [")}\n`,
  };
}

/**
 * The voices that `espeak-ng --voices` lists: a line each, with priority, language, age and gender, name and file. Of two for one
 * language, which is what they are chosen by, the first counts.
 */
export function readVoices(list: string): readonly Voice[] {
  const voices = list
    .split("\n")
    .slice(1)
    .flatMap((line): readonly Voice[] => {
      const [, language, ageAndGender = "", , file] = line.trim().split(/\s+/);
      if (language === undefined || file === undefined) return [];
      const gender = ageAndGender.endsWith("F") ? "female" : ageAndGender.endsWith("M") ? "male" : "neutral";
      const id = `espeak-ng/${language}`;
      return [
        {
          id,
          name: language,
          language: tagOf(language),
          gender,
          engine: "espeak-ng",
          sampleRate: SAMPLE_RATE,
          pitch: undefined,
        },
      ];
    });
  return [...new Map(voices.toReversed().map((voice) => [voice.id, voice])).values()].reverse();
}

/** A tag of BCP 47 with language, script, region and what is private: espeak-ng has others beside these, such as "en-us-nyc". */
const TAG = /^[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?(-x(-[a-z0-9]{1,8})+)?$/i;

/** The longest part of espeak-ng's name for a language that is a tag, written as such: "en-us" as "en-US". */
function tagOf(language: string): string {
  const parts = language.split("-");
  for (let length = parts.length; length > 0; length--) {
    const tag = parts.slice(0, length).join("-");
    if (TAG.test(tag)) return Intl.getCanonicalLocales(tag)[0] ?? tag;
  }
  return "mis"; // a language that has no code: espeak-ng also speaks Klingon
}

import { RetryableError } from "../../domain/errors.ts";
import { decodeWav, type Sound } from "../core/audio.ts";
import type { Voice } from "../core/voices.ts";
import type { Capabilities, Engine, SpeechRequest } from "../ports.ts";
import { type Program, runProgram } from "./run-program.ts";

/** Words a minute at which espeak-ng speaks by itself. */
const OWN_RATE = 175;
/** Of what it writes, in hertz. */
const SAMPLE_RATE = 22_050;
/** Its amplitude, of 200: leaves 6 dB free for what is to be louder. */
const AMPLITUDE = 60;

/** Runs espeak-ng with arguments; a test may bring another. */
type Run = (program: Program, signal: AbortSignal) => Promise<Uint8Array>;

/**
 * espeak-ng as a process: over a hundred languages. It is licensed under the GPL, so it is never linked, and never needed; its
 * rate keeps to 3% only roughly, and pitch is its own.
 */
export class EspeakEngine implements Engine {
  readonly id = "espeak-ng";
  readonly capabilities: Capabilities = {
    hasExactRate: false,
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

  async synthesize(request: SpeechRequest, signal: AbortSignal): Promise<Sound> {
    const sound = decodeWav(await this.#run(espeakProgram(request), signal));
    if (sound !== undefined) return sound;
    throw new RetryableError("ENGINE", "espeak-ng wrote no WAV file. The utterance is tried again.");
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
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

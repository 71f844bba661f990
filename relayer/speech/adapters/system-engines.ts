import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RetryableError } from "../../domain/errors.ts";
import { decodeWav, type Sound } from "../core/audio.ts";
import type { Voice } from "../core/voices.ts";
import type { Capabilities, Engine, SpeechRequest } from "../ports.ts";
import { type Program, runProgram } from "./run-program.ts";

/** Words a minute at which macOS's voices speak by themselves. */
const SAY_RATE = 175;
const SAY_SAMPLE_RATE = 22_050;
const SAPI_SAMPLE_RATE = 16_000;

/** An engine of an operating system that writes a WAV file when it is called. */
export type SystemProgram = {
  readonly id: "say" | "sapi";
  readonly list: Program;
  readonly readVoices: (list: string) => readonly Voice[];
  readonly speak: (request: SpeechRequest, file: string) => Program;
};

/** macOS: `say` writes a file, with the text on standard input. */
export const macOsSay: SystemProgram = {
  id: "say",
  list: { command: "say", words: ["-v", "?"], input: "" },
  readVoices: (list) =>
    list.split("\n").flatMap((line): readonly Voice[] => {
      // "Samantha            en_US    # Hello! My name is Samantha."
      const [, name, language] = /^(.+?)\s+([a-z]{2,3}_[A-Za-z0-9]{2,4})\s+#/.exec(line) ?? [];
      if (name === undefined || language === undefined) return [];
      return [voiceOf("say", name, language.replace("_", "-"), "neutral", SAY_SAMPLE_RATE)];
    }),
  speak: ({ text, voice, rate }, file) => {
    const format = ["--file-format=WAVE", `--data-format=LEI16@${SAY_SAMPLE_RATE}`];
    const words = [
      "-v",
      voice.name,
      "-r",
      String(Math.round(SAY_RATE * rate)),
      "-o",
      file,
      ...format,
      "-f",
      "-",
    ];
    // "[[…]]" would be a command to the synthesizer.
    return { command: "say", words, input: text.replaceAll("[[", "[ [") };
  },
};

/** A script of ours alone: what it speaks, and how, comes as JSON by standard input. */
const SAPI_SPEAK = `
$ErrorActionPreference = 'Stop'
[Console]::InputEncoding = [Text.Encoding]::UTF8
Add-Type -AssemblyName System.Speech
$request = [Console]::In.ReadToEnd() | ConvertFrom-Json
$speaker = New-Object System.Speech.Synthesis.SpeechSynthesizer
$speaker.SelectVoice($request.voice)
$speaker.Rate = $request.rate
$format = New-Object System.Speech.AudioFormat.SpeechAudioFormatInfo(${SAPI_SAMPLE_RATE}, 'Sixteen', 'Mono')
$speaker.SetOutputToWaveFile($request.file, $format)
$speaker.Speak($request.text)
$speaker.Dispose()
`;
const SAPI_LIST = `
Add-Type -AssemblyName System.Speech
[Console]::OutputEncoding = [Text.Encoding]::UTF8
(New-Object System.Speech.Synthesis.SpeechSynthesizer).GetInstalledVoices() | ForEach-Object {
  $v = $_.VoiceInfo; "$($v.Name)\`t$($v.Culture.Name)\`t$($v.Gender)" }
`;
/** SAPI counts rates from -10 to 10, where 10 is three times as fast. */
const sapiRate = (rate: number) =>
  Math.max(-10, Math.min(10, Math.round((10 * Math.log(rate)) / Math.log(3))));

const powershell = (script: string, input: string): Program => ({
  command: "powershell.exe",
  words: ["-NoProfile", "-NonInteractive", "-Command", script],
  input,
});

/** Windows: SAPI through PowerShell's System.Speech, which reads text as text and not as markup. */
export const windowsSapi: SystemProgram = {
  id: "sapi",
  list: powershell(SAPI_LIST, ""),
  readVoices: (list) =>
    list.split(/\r?\n/).flatMap((line): readonly Voice[] => {
      const [name, language, gender = ""] = line.split("\t");
      if (name === undefined || language === undefined || language === "") return [];
      const known = (["male", "female"] as const).find((each) => each === gender.toLowerCase());
      return [voiceOf("sapi", name, language, known ?? "neutral", SAPI_SAMPLE_RATE)];
    }),
  speak: ({ text, voice, rate }, file) =>
    powershell(SAPI_SPEAK, JSON.stringify({ text, voice: voice.name, rate: sapiRate(rate), file })),
};

function voiceOf(
  engine: SystemProgram["id"],
  name: string,
  language: string,
  gender: Voice["gender"],
  sampleRate: number,
): Voice {
  return { id: `${engine}/${name}`, name, language, gender, engine, sampleRate, pitch: undefined };
}

/** An engine that comes with the operating system, called as a process for each clause. */
export class SystemEngine implements Engine {
  readonly id: string;
  readonly capabilities: Capabilities = { hasExactRate: false, changesPitch: false, isDeterministic: false };
  readonly #program: SystemProgram;
  readonly #voices: readonly Voice[];

  private constructor(program: SystemProgram, voices: readonly Voice[]) {
    this.id = program.id;
    this.#program = program;
    this.#voices = voices;
  }

  /** @throws RetryableError `ENGINE` when the system has no such engine */
  static async open(program: SystemProgram, signal: AbortSignal): Promise<SystemEngine> {
    const list = await runProgram(program.list, signal);
    return new SystemEngine(program, program.readVoices(Buffer.from(list).toString("utf8")));
  }

  voices(): readonly Voice[] {
    return this.#voices;
  }

  /** Each sentence is a process of its own. */
  warmUp(): Promise<void> {
    return Promise.resolve();
  }

  async synthesize(request: SpeechRequest, signal: AbortSignal): Promise<Sound> {
    const folder = await mkdtemp(join(tmpdir(), "dchat-speech-"));
    try {
      const file = join(folder, "speech.wav");
      await runProgram(this.#program.speak(request, file), signal);
      const sound = decodeWav(await readFile(file));
      if (sound !== undefined) return sound;
      throw new RetryableError("ENGINE", `${this.id} wrote no WAV file. The utterance is tried again.`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

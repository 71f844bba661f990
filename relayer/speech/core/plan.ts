import { cutClauses } from "./clauses.ts";
import { emphasised, pitchOf, RATE } from "./prosody.ts";
import { sentencesOf, type Piece, type Sentence } from "./sentences.ts";
import type { Item, Style } from "./ssml/document.ts";
import { saySpecially } from "./verbalise/say-as.ts";
import { verbalise } from "./verbalise/verbalise.ts";
import type { Naming } from "./verbalise/identifiers.ts";
import { chooseVoice, type Voice, type VoiceRegistry } from "./voices.ts";

/** One step of a plan. */
export type Segment =
  | {
      readonly kind: "speech";
      /** Plain text for an engine: no markup, and numbers in words where the language is English. */
      readonly text: string;
      /** The id of the voice. */
      readonly voice: string;
      readonly engine: string;
      readonly language: string;
      /** A factor of the voice's own rate, from 0.5 to 2. */
      readonly rate: number;
      /** In hertz; `undefined` for the voice's own. */
      readonly pitch: number | undefined;
      /** In decibels over the voice's own loudness; at most 6; `null` is silent. */
      readonly gain: number | null;
      /** Which sentence it is part of: an index into {@link Plan.sentences}. */
      readonly sentence: number;
    }
  | { readonly kind: "silence"; readonly milliseconds: number; readonly sentence: number }
  | { readonly kind: "mark"; readonly name: string; readonly sentence: number };

/** What an utterance comes to, the same for every engine. */
export type Plan = {
  readonly segments: readonly Segment[];
  /** What is said, as text, a sentence each. */
  readonly sentences: readonly string[];
  /** Where the plan is not what was asked for, and why. */
  readonly notes: readonly string[];
};

/** What holds for a whole utterance. */
export type Settings = {
  /** Factor, 0.5 to 2. */
  readonly rate: number;
  /** Factor, 0.5 to 2. */
  readonly pitch: number;
  /** Decibels, -60 to 6. */
  readonly volume: number;
  readonly language: string;
  /** By name or id; the registry's defaults decide where it is missing. */
  readonly voice: string | undefined;
};

/** Pauses that nobody asked for, in milliseconds at the voice's own rate. */
const PAUSES = { phrase: 30, comma: 160, colon: 240, none: 30, sentence: 420, paragraph: 750 } as const;

/** The most that anything may be louder than a voice by itself, in decibels: voices keep so much free. */
const MOST_GAIN = 6;

/** Compiles what is to be said into speech, silence and gain. Pure: the same plan for the same document, whatever the engine. */
export function compilePlan(
  items: readonly Item[],
  settings: Settings,
  { registry, naming }: { readonly registry: VoiceRegistry; readonly naming: Naming },
): Plan {
  const compiler = new Compiler(settings, registry, naming);
  sentencesOf(items).forEach((sentence) => {
    compiler.add(sentence);
  });
  return compiler.end();
}

/** Words that sound alike, as they stand beside each other. */
type Run = { readonly words: string; readonly style: Style };

class Compiler {
  readonly #segments: Segment[] = [];
  readonly #texts: string[] = [];
  readonly #notes = new Set<string>();
  readonly #settings: Settings;
  readonly #registry: VoiceRegistry;
  readonly #naming: Naming;
  /** Milliseconds that were asked for since the last speech; `undefined` if none were. */
  #asked: number | undefined;
  /** The longest pause that is due by itself since the last speech. */
  #due = 0;
  #sentence = 0;
  /** Something has been said already. */
  #isSpeaking = false;

  constructor(settings: Settings, registry: VoiceRegistry, naming: Naming) {
    this.#settings = settings;
    this.#registry = registry;
    this.#naming = naming;
  }

  add({ pieces, end }: Sentence): void {
    this.#sentence = this.#texts.length;
    const said: string[] = [];
    let run: Run | undefined;
    const flush = () => {
      if (run !== undefined) this.#say(run);
      run = undefined;
    };
    for (const piece of pieces) {
      if (piece.kind === "text") {
        const words = this.#wordsOf(piece);
        said.push(words);
        // What sounds alike is said in one go, whatever elements part it.
        if (run?.style !== piece.style) flush();
        run = { words: `${run?.words ?? ""}${words}`, style: piece.style };
      } else {
        flush();
        if (piece.kind === "break") {
          this.#asked = (this.#asked ?? 0) + piece.milliseconds;
          said.push(" ");
        } else this.#segments.push({ kind: "mark", name: piece.name, sentence: this.#sentence });
      }
    }
    flush();
    const text = said.join("").replace(/\s+/g, " ").trim();
    if (isAudible(text)) this.#texts.push(text);
    this.#due = Math.max(this.#due, PAUSES[end] / this.#settings.rate);
  }

  end(): Plan {
    this.#due = 0;
    this.#pause(); // what was asked for at the end is kept
    return { segments: this.#segments, sentences: this.#texts, notes: [...this.#notes] };
  }

  /** What is said for a text. */
  #wordsOf({ text, style, sayAs }: Extract<Piece, { readonly kind: "text" }>): string {
    const special = sayAs && saySpecially(text, sayAs);
    if (special !== undefined) return special;
    // Engines for other languages say numbers in these languages themselves.
    return primary(this.#languageOf(style)) === "en" ? verbalise(text, this.#naming) : text;
  }

  #languageOf(style: Style): string {
    return style.language ?? this.#settings.language;
  }

  #say({ words, style }: Run): void {
    const language = this.#languageOf(style);
    const isFree = style.voice.names.length === 0 && style.voice.gender === undefined;
    // The listener's voice is for the listener's language; another is spoken by who can.
    const isOwn = isFree && primary(language) === primary(this.#settings.language);
    const own = isOwn && this.#settings.voice !== undefined ? [this.#settings.voice] : style.voice.names;
    const chosen = chooseVoice(this.#registry, { ...style.voice, names: own }, language);
    if (chosen === undefined) return;
    if (chosen.note !== undefined) this.#notes.add(chosen.note);
    for (const clause of cutClauses(words, !this.#isSpeaking)) {
      if (!isAudible(clause.text)) continue;
      this.#pause();
      this.#segments.push(this.#speech(clause.text, style, { voice: chosen.voice, language }));
      this.#isSpeaking = true;
      this.#due = PAUSES[clause.end] / this.#settings.rate;
    }
  }

  #speech(
    text: string,
    style: Style,
    { voice, language }: { readonly voice: Voice; readonly language: string },
  ): Segment {
    const { rate, pitch, volume } = emphasised(style);
    const asked = rate * this.#settings.rate;
    const clamped = Math.min(RATE.most, Math.max(RATE.least, asked));
    if (clamped !== asked) this.#notes.add(`the rate was held between ${RATE.least} and ${RATE.most}`);
    const gain = volume + this.#settings.volume;
    if (gain > MOST_GAIN) this.#notes.add(`the volume was held at ${MOST_GAIN} dB over the voice's own`);
    const target = pitchOf(pitch, this.#settings.pitch, voice.pitch);
    if (target === "unable") this.#notes.add(`the voice ${voice.name} cannot change its pitch`);
    return {
      kind: "speech",
      text,
      voice: voice.id,
      engine: voice.engine,
      language,
      rate: clamped,
      pitch: target === "unable" ? undefined : target,
      gain: gain === -Infinity ? null : Math.min(MOST_GAIN, gain),
      sentence: this.#sentence,
    };
  }

  /** What was asked for counts, and not what would have been due by itself; before the first sound, nothing is due. */
  #pause(): void {
    const milliseconds = this.#asked ?? (this.#isSpeaking ? this.#due : 0);
    if (milliseconds > 0) this.#segments.push({ kind: "silence", milliseconds, sentence: this.#sentence });
    this.#asked = undefined;
    this.#due = 0;
  }
}

/** Whether anything of a text can be heard. */
function isAudible(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}

function primary(language: string): string {
  return (language.split("-")[0] ?? language).toLowerCase();
}

/**
 * The browser's own engine: what a browser has to do to say a plan of the speech role with its own voices. Words, silences, rate and volume
 * are the plan's, as for every engine; what a browser cannot do is in notes, and never passed over.
 *
 * @module
 */

/** Browsers take a volume from 0 to 1: half of that is the voice's own loudness, so that 6 dB are free, as for other engines. */
const OWN_VOLUME = 0.5;
/** Clauses that a shorter silence parts, in milliseconds, are said in one go: browsers take longer than that to begin. */
const SHORT_MILLISECONDS = 50;
const RATE = { least: 0.5, most: 2 };

type Speech = {
  readonly kind: "speech";
  readonly text: string;
  readonly language: string;
  readonly rate: number;
  /** In hertz; missing for the voice's own. */
  readonly pitch?: number | undefined;
  /** In decibels; null is silent. */
  readonly gain: number | null;
  readonly sentence: number;
};
export type Segment =
  | Speech
  | { readonly kind: "silence"; readonly milliseconds: number; readonly sentence: number }
  | { readonly kind: "mark"; readonly name: string; readonly sentence: number };

/** A voice of the browser, as it tells of it. */
export type BrowserVoice = {
  readonly name: string;
  readonly lang: string;
  readonly localService?: boolean | undefined;
};

export type Step<V extends BrowserVoice> =
  | {
      readonly kind: "say";
      readonly text: string;
      readonly language: string;
      readonly rate: number;
      readonly volume: number;
      readonly voice: V | undefined;
    }
  | { readonly kind: "wait"; readonly milliseconds: number };

/** What the listener has chosen on the page. */
export type Choice<V extends BrowserVoice> = {
  readonly voices: readonly V[];
  /** By name; empty for the language's own. */
  readonly voice: string;
  readonly rate: number;
};

/** One sentence that is to be said. */
export type Sentence = { readonly sentence: number; readonly text: string };

/**
 * What a browser has to do to say one sentence of a plan.
 * @param plan undefined where it is not known: then the text is said as it is
 */
export function stepsOf<V extends BrowserVoice>(
  plan: { readonly segments: readonly Segment[] } | undefined,
  said: Sentence,
  choice: Choice<V>,
): { readonly steps: readonly Step<V>[]; readonly notes: readonly string[] } {
  const planned = plan?.segments.filter(({ sentence }) => sentence === said.sentence) ?? [];
  const first = planned.findIndex(({ kind }) => kind === "speech");
  // A pause before a sentence is the time that the speaker itself takes between two.
  const segments = first < 0 ? [plainly(said)] : planned.slice(first);
  const notes = new Set<string>();
  const steps: Step<V>[] = [];
  for (const segment of merged(segments)) {
    if (segment.kind === "silence") steps.push({ kind: "wait", milliseconds: segment.milliseconds });
    if (segment.kind !== "speech") continue;
    if (segment.pitch !== undefined) notes.add("the browser speaks at its voice’s own pitch");
    const voice = voiceFor(segment.language, choice);
    if (voice === undefined) notes.add(`no voice of the browser speaks ${segment.language}`);
    steps.push({
      kind: "say",
      ...{ text: segment.text, language: segment.language, voice },
      rate: Math.min(RATE.most, Math.max(RATE.least, segment.rate * choice.rate)),
      volume: segment.gain === null ? 0 : Math.min(1, OWN_VOLUME * 10 ** (segment.gain / 20)),
    });
  }
  return { steps, notes: [...notes] };
}

function plainly({ text, sentence }: Sentence): Speech {
  return { kind: "speech", text, language: "en-US", rate: 1, gain: 0, sentence };
}

/** Puts clauses together that sound alike and that hardly anything parts. */
function merged(segments: readonly Segment[]): readonly Segment[] {
  const all: Segment[] = [];
  for (const segment of segments) {
    if (segment.kind === "mark") continue;
    const [before, last] = [all.at(-2), all.at(-1)];
    const isJoined = last?.kind === "silence" && last.milliseconds <= SHORT_MILLISECONDS;
    if (segment.kind === "speech" && before?.kind === "speech" && isJoined && isAlike(before, segment))
      all.splice(-2, 2, { ...before, text: `${before.text} ${segment.text}` });
    else all.push(segment);
  }
  return all;
}

function isAlike(one: Speech, other: Speech): boolean {
  return (
    one.language === other.language &&
    one.rate === other.rate &&
    one.pitch === other.pitch &&
    one.gain === other.gain
  );
}

/** The listener's voice where it speaks the language, or else the first that does, one that needs no network before others. */
export function voiceFor<V extends BrowserVoice>(
  language: string,
  { voices, voice }: Pick<Choice<V>, "voices" | "voice">,
): V | undefined {
  const primary = (tag: string) => tag.toLowerCase().split(/[-_]/)[0];
  const speakers = voices.filter(({ lang }) => primary(lang) === primary(language));
  const exact = speakers.filter(
    ({ lang }) => lang.replace("_", "-").toLowerCase() === language.toLowerCase(),
  );
  const local = (list: readonly V[]) => list.find(({ localService }) => localService) ?? list[0];
  return speakers.find(({ name }) => name === voice) ?? local(exact) ?? local(speakers);
}

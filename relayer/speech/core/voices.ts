import type { VoiceWish } from "./ssml/document.ts";

/** A voice of an engine. */
export type Voice = {
  /** Unique among all engines: "flite/slt". */
  readonly id: string;
  readonly name: string;
  /** BCP 47, such as "en-US". */
  readonly language: string;
  readonly gender: "male" | "female" | "neutral";
  readonly engine: string;
  /** Of what the engine makes, in hertz. */
  readonly sampleRate: number;
  /** Its own pitch in hertz, where the engine can change it; `undefined` where it cannot. */
  readonly pitch: number | undefined;
};

/** What a listener wants to see of the voices. */
export type VoiceFilter = {
  readonly language?: string | undefined;
  readonly gender?: Voice["gender"] | undefined;
};

/** Whether a voice speaks a language: "en" is spoken by "en-US", and "en-US" by "en-US" alone. */
function speaks(voice: Voice, language: string): boolean {
  const [spoken, asked] = [voice.language.toLowerCase(), language.toLowerCase()];
  return spoken === asked || spoken.startsWith(`${asked}-`);
}

/** The voices that a filter lets through, in the order they were in. */
export function filterVoices(voices: readonly Voice[], { language, gender }: VoiceFilter): readonly Voice[] {
  return voices.filter(
    (voice) =>
      (language === undefined || speaks(voice, language)) &&
      (gender === undefined || voice.gender === gender),
  );
}

/** What there is to choose from. */
export type VoiceRegistry = {
  readonly voices: readonly Voice[];
  /** The voice for each language that has one of its own, by name or id; keys as in `xml:lang`. */
  readonly defaults: ReadonlyMap<string, string>;
  /** Who speaks where nothing else decides, by name or id. */
  readonly fallback: string;
};

/** The voice with a name or an id; of two engines' voices with one name, the first. */
export function findVoice(voices: readonly Voice[], name: string): Voice | undefined {
  return voices.find(({ id }) => id === name) ?? voices.find((voice) => voice.name === name);
}

/**
 * The voice for a wish: the first name that exists; else who speaks the language, by the wished gender if anybody does, the
 * default of that language first; else the fallback.
 * @returns the voice, and a note where it is not what was wished; `undefined` where there are no voices at all
 */
export function chooseVoice(
  { voices, defaults, fallback }: VoiceRegistry,
  wish: VoiceWish,
  language: string | undefined,
): { readonly voice: Voice; readonly note: string | undefined } | undefined {
  const named = wish.names.map((name) => findVoice(voices, name)).find((voice) => voice !== undefined);
  if (named !== undefined) return { voice: named, note: undefined };
  const usual = findVoice(voices, fallback) ?? voices[0];
  if (usual === undefined) return undefined;
  const missing = wish.names.length === 0 ? undefined : `there is no voice ${wish.names.join(" or ")}`;
  const speakers = language === undefined ? voices : speakersOf(voices, language);
  if (speakers.length === 0)
    return {
      voice: usual,
      note: `no voice speaks ${language ?? ""}; ${usual.name} reads it as ${usual.language}`,
    };
  const preferred = language === undefined ? usual : (defaultOf(voices, defaults, language) ?? usual);
  const fitting = speakers.filter(({ gender }) => wish.gender === undefined || gender === wish.gender);
  const genderMissing =
    fitting.length === 0 ? `no ${wish.gender ?? ""} voice speaks ${language ?? "here"}` : undefined;
  const among = fitting.length === 0 ? speakers : fitting;
  const voice = among.includes(preferred) ? preferred : (among[0] ?? usual);
  return { voice, note: missing ?? genderMissing };
}

/** Who speaks exactly the language, or else another variety of it. */
function speakersOf(voices: readonly Voice[], language: string): readonly Voice[] {
  const exact = filterVoices(voices, { language });
  const [primary = language] = language.split("-");
  return exact.length > 0 ? exact : filterVoices(voices, { language: primary });
}

function defaultOf(
  voices: readonly Voice[],
  defaults: ReadonlyMap<string, string>,
  language: string,
): Voice | undefined {
  const [primary = language] = language.split("-");
  const name = defaults.get(language) ?? defaults.get(primary);
  return name === undefined ? undefined : findVoice(voices, name);
}

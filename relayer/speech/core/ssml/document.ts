import type { Pitch } from "./values.ts";

/** How a stretch of text shall sound, as the elements around it say. */
export type Style = {
  /** A factor of the voice's own rate. */
  readonly rate: number;
  readonly pitch: Pitch;
  /** Decibels over the voice's own loudness; minus infinity is silent. */
  readonly volume: number;
  readonly emphasis: Emphasis;
  readonly voice: VoiceWish;
  /** BCP 47; `undefined` outside any `xml:lang`. */
  readonly language: string | undefined;
};

export type Emphasis = "none" | "reduced" | "moderate" | "strong";

/** What a document asks of the voice; each part may be missing. */
export type VoiceWish = {
  /** In the order of preference. */
  readonly names: readonly string[];
  readonly gender: "male" | "female" | "neutral" | undefined;
};

/** How a stretch of text is to be read. */
export type SayAs = { readonly as: SayAsKind; readonly format: string | undefined };

/** The kinds of `say-as` that there are; "number" takes the formats cardinal, ordinal and digits. */
export const sayAsKinds = [
  "date",
  "time",
  "number",
  "cardinal",
  "ordinal",
  "digits",
  "characters",
  "spell-out",
  "telephone",
] as const;
export type SayAsKind = (typeof sayAsKinds)[number];

/** A document as a list: what is said, and what stands between. */
export type Item =
  | {
      readonly kind: "text";
      readonly text: string;
      readonly style: Style;
      readonly sayAs: SayAs | undefined;
    }
  | { readonly kind: "break"; readonly milliseconds: number }
  | { readonly kind: "mark"; readonly name: string }
  | { readonly kind: "edge"; readonly of: "sentence" | "paragraph" };

/** Why a document is refused, and where: lines and columns count from 1, columns in characters. */
export type Problem = {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** What may stand there instead; empty where nothing may. */
  readonly allowed: readonly string[];
};

/** What a document may ask of a speaker, so that none holds one up. */
export type SsmlLimits = {
  /** UTF-16 code units of the whole document. */
  readonly mostSize: number;
  /** Elements inside each other. */
  readonly mostDepth: number;
  readonly mostElements: number;
  /** UTF-16 code units that are spoken; 8,000 are some nine minutes. */
  readonly mostSpoken: number;
  readonly mostBreakMilliseconds: number;
  /** All breaks together. */
  readonly mostSilenceMilliseconds: number;
};

/** The limits that a speaker keeps to. */
export const SSML_LIMITS: SsmlLimits = {
  mostSize: 65_536,
  mostDepth: 32,
  mostElements: 2_000,
  mostSpoken: 8_000,
  mostBreakMilliseconds: 10_000,
  mostSilenceMilliseconds: 60_000,
};

/** The style outside all elements. */
export const PLAIN_STYLE: Style = {
  rate: 1,
  pitch: { hertz: undefined, factor: 1, shift: 0 },
  volume: 0,
  emphasis: "none",
  voice: { names: [], gender: undefined },
  language: undefined,
};

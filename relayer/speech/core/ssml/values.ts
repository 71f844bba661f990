/**
 * The attribute values of SSML 1.1, read. Each reader returns `undefined` for what the W3C's schema refuses, or for the few values
 * that it only accepts because its patterns hold an unescaped point ("1x5%").
 *
 * @module
 */

const NUMBER = String.raw`[0-9]+(?:\.[0-9]*)?|\.[0-9]+`;
const DURATION = /^\+?((?:[0-9]*\.)?[0-9]+)(ms|s)$/;
const PERCENT = new RegExp(`^([+-]?)(${NUMBER})%$`);
const HERTZ = new RegExp(`^([+-]?)(${NUMBER})Hz$`);
const SEMITONES = new RegExp(`^([+-])(${NUMBER})st$`);
const PLAIN = new RegExp(`^(${NUMBER})(%?)$`);
const DECIBELS = /^([+-]?(?:[0-9]*\.)?[0-9]+)dB$/;

/** `prosody rate` by name, as a factor of the voice's own rate. */
const RATES: Readonly<Record<string, number>> = {
  "x-slow": 0.5,
  slow: 0.75,
  medium: 1,
  default: 1,
  fast: 1.4,
  "x-fast": 2,
};

/** `prosody pitch` by name, as a factor of the voice's own pitch. */
const PITCHES: Readonly<Record<string, number>> = {
  "x-low": 0.7,
  low: 0.85,
  medium: 1,
  default: 1,
  high: 1.15,
  "x-high": 1.3,
};

/** `prosody volume` by name, in decibels over the voice's own loudness; a voice keeps 6 dB free for what is louder. */
const VOLUMES: Readonly<Record<string, number>> = {
  silent: -Infinity,
  "x-soft": -12,
  soft: -6,
  medium: 0,
  default: 0,
  loud: 4,
  "x-loud": 6,
};

/** `break strength` by name, in milliseconds. */
const STRENGTHS: Readonly<Record<string, number>> = {
  none: 0,
  "x-weak": 100,
  weak: 200,
  medium: 400,
  strong: 700,
  "x-strong": 1_200,
};

/** How high a voice speaks: an absolute pitch, if one is asked for, then a factor, then a shift. */
export type Pitch = { readonly hertz: number | undefined; readonly factor: number; readonly shift: number };

/** A voice's own pitch. */
export const OWN_PITCH: Pitch = { hertz: undefined, factor: 1, shift: 0 };

/** A duration such as "500ms" or "1.5s", in milliseconds. */
export function readDuration(text: string): number | undefined {
  const [, number, unit] = DURATION.exec(text) ?? [];
  if (number === undefined) return undefined;
  return Number(number) * (unit === "s" ? 1_000 : 1);
}

/** A `break strength` in milliseconds. */
export function readStrength(text: string): number | undefined {
  return own(STRENGTHS, text);
}

/** A `prosody rate` as a factor: "80%", "0.8" or a name. */
export function readRate(text: string): number | undefined {
  const [, number, percent] = PLAIN.exec(text) ?? [];
  if (number !== undefined) return Number(number) / (percent === "%" ? 100 : 1);
  return own(RATES, text);
}

/** A `prosody pitch` on top of the pitch around it: "150Hz" and names are absolute, everything with a sign is a change. */
export function readPitch(text: string, around: Pitch): Pitch | undefined {
  const named = own(PITCHES, text);
  if (named !== undefined) return { ...OWN_PITCH, factor: named };
  const [, sign, hertz] = HERTZ.exec(text) ?? [];
  if (hertz !== undefined) {
    if (sign === "") return { ...OWN_PITCH, hertz: Number(hertz) };
    return { ...around, shift: around.shift + Number(`${sign ?? ""}${hertz}`) };
  }
  const factor = readChange(text);
  if (factor === undefined) return undefined;
  return { ...around, factor: around.factor * factor, shift: around.shift * factor };
}

/** A change of pitch as a factor: percent or semitones. A pitch below nothing is as good as none, and refused. */
function readChange(text: string): number | undefined {
  const [, plus, percent] = PERCENT.exec(text) ?? [];
  if (percent !== undefined) {
    const factor = 1 + Number(`${plus ?? ""}${percent}`) / 100;
    return factor > 0 ? factor : undefined;
  }
  const [, sign, semitones] = SEMITONES.exec(text) ?? [];
  return semitones === undefined ? undefined : 2 ** (Number(`${sign ?? ""}${semitones}`) / 12);
}

/** A `prosody volume` on top of the volume around it, in decibels: names are absolute, "+6dB" is a change. */
export function readVolume(text: string, around: number): number | undefined {
  const [, decibels] = DECIBELS.exec(text) ?? [];
  return decibels === undefined ? own(VOLUMES, text) : around + Number(decibels);
}

function own(table: Readonly<Record<string, number>>, key: string): number | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

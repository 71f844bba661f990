import type { Emphasis, Style } from "./ssml/document.ts";
import type { Pitch } from "./ssml/values.ts";

/** How fast anything is spoken, as a factor of the voice's own rate. */
export const RATE = { least: 0.5, most: 2 } as const;
/** How far a pitch may be from the voice's own, as a factor: past it, voices stop sounding like one. */
const PITCH = { least: 0.5, most: 2 } as const;

/** What emphasis does: a factor of the rate, a factor of the pitch, and decibels. */
const EMPHASES: Readonly<
  Record<Emphasis, { readonly rate: number; readonly pitch: number; readonly volume: number }>
> = {
  none: { rate: 1, pitch: 1, volume: 0 },
  reduced: { rate: 1.1, pitch: 0.95, volume: -4 },
  moderate: { rate: 0.9, pitch: 1.06, volume: 3 },
  strong: { rate: 0.8, pitch: 1.12, volume: 6 },
};

/** How a style sounds, its emphasis included. */
export function emphasised(style: Style): Pick<Style, "rate" | "pitch" | "volume"> {
  const { rate, pitch, volume } = EMPHASES[style.emphasis];
  return {
    rate: style.rate * rate,
    pitch: { ...style.pitch, factor: style.pitch.factor * pitch, shift: style.pitch.shift * pitch },
    volume: style.volume + volume,
  };
}

/**
 * The pitch to speak at, in hertz, within an octave around the voice's own.
 * @param own the voice's own pitch; `undefined` where its engine cannot change it
 * @returns `undefined` for the voice's own; "unable" where another was asked for and cannot be had
 */
export function pitchOf(
  { hertz, factor, shift }: Pitch,
  listener: number,
  own: number | undefined,
): number | undefined | "unable" {
  const isOwn = hertz === undefined && shift === 0 && factor * listener === 1;
  if (isOwn) return undefined;
  if (own === undefined) return "unable";
  const asked = ((hertz ?? own) * factor + shift) * listener;
  return Math.min(own * PITCH.most, Math.max(own * PITCH.least, asked));
}

import { z } from "zod";

const languageTag = z
  .string()
  .regex(/^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$/, 'expected a language tag such as "en-US"');

/** How alerts and messages are spoken. Everything has a default; nothing is heard before a listener turns it on. */
export const speechConfigSchema = z.strictObject({
  /** Where the page with what is said is served, on 127.0.0.1; 0 for any free port. */
  port: z.number().int().min(0).max(65_535).default(0),
  /** What speaks: the engine that comes with dchat, espeak-ng, macOS's `say`, or Windows's SAPI. */
  engine: z.enum(["flite", "espeak-ng", "say", "sapi"]).default("flite"),
  /** What plays: the first program that is found, a certain one, or none, for pages and the archive alone. */
  player: z.enum(["auto", "none", "pacat", "pw-cat", "aplay", "play", "ffplay"]).default("auto"),
  /** The listener's language. */
  language: languageTag.default("en-US"),
  /** The listener's voice, by name or id; the engine's first for the language if left out. */
  voice: z.string().min(1).optional(),
  /** Voices for other languages, by name or id. */
  voices: z.record(languageTag, z.string().min(1)).default({}),
  /** A factor of the voice's own rate. */
  rate: z.number().min(0.5).max(2).default(1),
  /** A factor of the voice's own pitch. */
  pitch: z.number().min(0.5).max(2).default(1),
  /** Decibels over the voice's own loudness. */
  volume: z.number().min(-60).max(6).default(0),
  /** Names for addresses and hashes, said instead of them. */
  labels: z
    .record(
      z.string().regex(/^0x[0-9a-fA-F]{1,64}$/, "expected an address or a hash"),
      z.string().min(1).max(100),
    )
    .default({}),
  /** So many alerts that wait are said one by one; more become one digest. */
  digestAbove: z.number().int().min(1).max(1_000).default(5),
  /** How long what was said is remembered: a job that comes again after that is spoken again. */
  keepDays: z.number().int().min(1).max(3_650).default(30),
  /** Recordings of what was said; none are kept if left out. */
  archive: z
    .strictObject({
      days: z.number().int().min(1).max(3_650).default(7),
      megabytes: z.number().int().min(1).max(1_000_000).default(500),
    })
    .optional(),
});

/** {@link speechConfigSchema}, read. */
export type SpeechConfig = z.output<typeof speechConfigSchema>;

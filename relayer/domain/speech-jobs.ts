import { z } from "zod";

/** The queue in which the speech worker finds what others want spoken. */
export const SPEECH_QUEUE = "speech";

/** How soon something is spoken, the soonest first. Urgent interrupts whatever is being said, and is never dropped. */
export const speechPriorities = ["urgent", "high", "normal", "low"] as const;
/** {@link speechPriorities} */
export type SpeechPriority = (typeof speechPriorities)[number];

/** How utterances usually begin: a speaker makes these before they are asked for, so that they are heard at once. */
export const usualOpenings = ["critical:", "warning:", "Resolved:", "Note:", "Acknowledged:"] as const;

/** The longest text or document that is taken, in UTF-16 code units. */
const MOST_TEXT = 8_000;
const MOST_SSML = 65_536;

const name = z.string().min(1).max(128);
/** A factor or a number of decibels: what is too much or too little is brought into its range. */
const clamped = (least: number, most: number) =>
  z.number().transform((value) => Math.min(most, Math.max(least, value)));

/**
 * What a subsystem wants spoken, as it travels through {@link SPEECH_QUEUE}. Its id is the job's: asked for twice, it is spoken
 * once. Exactly one of `text` and `ssml` is given.
 */
export const utteranceRequestSchema = z
  .strictObject({
    /** The same for the same thing, whoever asks and however often; no colons, as in all ids of jobs. */
    id: z.string().regex(/^[A-Za-z0-9._-]{1,128}$/, "expected 1 to 128 letters, digits, dots, dashes"),
    /** Plain text; nothing in it is markup. */
    text: z.string().min(1).max(MOST_TEXT).optional(),
    /** An SSML 1.1 document. */
    ssml: z.string().min(1).max(MOST_SSML).optional(),
    priority: z.enum(speechPriorities).default("normal"),
    /** A later utterance with the same key takes the place of one that still waits. */
    key: name.optional(),
    /** Not worth saying after this, in milliseconds since 1970. An urgent one is said all the same. */
    expiresAt: z.number().int().nonnegative().optional(),
    /** What it is about, as an alert says it; `alertname` groups utterances that become one digest when they storm. */
    labels: z
      .record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/), z.string().max(256))
      .refine((labels) => Object.keys(labels).length <= 32, "expected at most 32 labels")
      .default({}),
    /** BCP 47; the listener's own language if left out. */
    language: z
      .string()
      .regex(/^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$/)
      .max(35)
      .optional(),
    /** By name or id. */
    voice: name.optional(),
    /** A factor, held between 0.5 and 2. */
    rate: clamped(0.5, 2).optional(),
    /** A factor, held between 0.5 and 2. */
    pitch: clamped(0.5, 2).optional(),
    /** Decibels over the voice's own loudness, held between -60 and 6. */
    volume: clamped(-60, 6).optional(),
    /** Say addresses and hashes digit by digit. */
    spellsOut: z.boolean().default(false),
  })
  .refine(({ text, ssml }) => (text === undefined) !== (ssml === undefined), {
    error: "expected either text or ssml",
  });

/** {@link utteranceRequestSchema}, read. */
export type UtteranceRequest = z.output<typeof utteranceRequestSchema>;

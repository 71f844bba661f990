import { z } from "zod";
import { speechPriorities } from "../../../relayer/domain/speech-jobs.ts";

/** What the role `speech` tells of itself. Times are Unix milliseconds. */

const priority = z.enum(speechPriorities);
const current = z.object({ id: z.string(), priority });

export const speakerView = z.object({
  control: z.object({ isEnabled: z.boolean(), isPaused: z.boolean(), current: current.optional() }),
  waiting: z.number(),
  next: z.array(z.object({ id: z.string(), priority })).default([]),
  /** The program that plays on the machine; null where only pages hear it. */
  player: z.string().nullish(),
});
/** {@link speakerView} */
export type SpeakerView = z.infer<typeof speakerView>;

export const transcriptView = z.object({
  utterances: z.array(
    z.object({ id: z.string(), priority, state: z.string(), text: z.string(), addedAt: z.number() }),
  ),
});
/** {@link transcriptView} */
export type Told = z.infer<typeof transcriptView>["utterances"][number];

const place = { sentence: z.number() };
export const planView = z.object({
  sentences: z.array(z.string()),
  segments: z.array(
    z.discriminatedUnion("kind", [
      z.object({
        ...place,
        kind: z.literal("speech"),
        text: z.string(),
        language: z.string(),
        rate: z.number(),
        pitch: z.number().optional(),
        gain: z.number().nullable(),
      }),
      z.object({ ...place, kind: z.literal("silence"), milliseconds: z.number() }),
      z.object({ ...place, kind: z.literal("mark"), name: z.string() }),
    ]),
  ),
});
/** {@link planView} */
export type PlanView = z.infer<typeof planView>;

export const saidNews = z.object({ id: z.string(), priority, sentence: z.number(), text: z.string() });
export const endedNews = z.object({ id: z.string(), outcome: z.string() });
export const commandNews = z.object({ command: z.string() });
export const removed = z.object({ removed: z.string() });

/** What a listener may ask of the loudspeaker and of what waits. */
export type SpeechCommand = "enable" | "disable" | "pause" | "resume" | "stop" | "skip";

export const ways = ["stream", "browser", "text"] as const;
/** How a listener hears it: the role's own sound, the browser's voices, or not at all. */
export type Way = (typeof ways)[number];

/** What the browser remembers. Whether it is on is not among it: nothing plays before somebody turns it on. */
export const preferences = z.object({
  way: z.enum(ways).catch("stream"),
  voice: z.string().catch(""),
  rate: z.number().min(0.5).max(2).catch(1),
});
/** {@link preferences} */
export type Preferences = z.infer<typeof preferences>;

import type { UtteranceRequest } from "../domain/speech-jobs.ts";
import type { Sound } from "./core/audio.ts";
import type { Command } from "./core/control.ts";
import type { Voice } from "./core/voices.ts";

/** Time, so that tests can bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Waits, or rejects as soon as `signal` aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** What an engine can do. What it cannot is said in the notes of a plan, and never passed over. */
export type Capabilities = {
  /** Whether a rate from 0.5 to 2 comes out within 3%. */
  readonly hasExactRate: boolean;
  /** Whether any of its voices can change its pitch. */
  readonly changesPitch: boolean;
  /** Whether the same request gives the same samples. */
  readonly isDeterministic: boolean;
};

/** A stretch of plain text, and how it shall sound. */
export type SpeechRequest = {
  readonly text: string;
  readonly voice: Voice;
  /** A factor of the voice's own rate, from 0.5 to 2. */
  readonly rate: number;
  /** In hertz; `undefined` for the voice's own. */
  readonly pitch: number | undefined;
};

/** What makes sound of plain text. Markup in a text is said, never obeyed. */
export interface Engine {
  readonly id: string;
  readonly capabilities: Capabilities;
  /** The voices that it has. */
  voices(): readonly Voice[];
  /** Gets ready: what can be done before the first sentence is done now. @throws RetryableError `ENGINE` */
  warmUp(signal: AbortSignal): Promise<void>;
  /**
   * @returns mono sound, with whatever silence the engine leaves around the words; no samples where nothing can be said
   * @throws RetryableError `ENGINE` when it fails this time; whatever `signal` aborts with
   */
  synthesize(request: SpeechRequest, signal: AbortSignal): Promise<Sound>;
  /** Ends what it started; nothing is spoken any more. */
  close(): Promise<void>;
}

/** Where sound goes. */
export interface Player {
  /** Gets ready: somebody will want to hear something. */
  prepare(): void;
  /** Begins to play one utterance. */
  play(): Playback;
  /** Lets go of what it holds; nothing else may be called after it. */
  close(): void;
}

/** One utterance as it is played. */
export interface Playback {
  /** Gives samples at {@link OUTPUT_RATE} to the device; whoever writes keeps the pace. */
  write(samples: Int16Array): void;
  /** Everything is written; what the device still holds is heard. */
  end(): void;
  /** Silence, at once. */
  stop(): void;
}

/** How an utterance ended. */
export const outcomes = [
  "spoken",
  "skipped",
  "stopped",
  "expired",
  "superseded",
  "repeated",
  "digested",
  "removed",
  "failed",
] as const;
/** {@link outcomes} */
export type Outcome = (typeof outcomes)[number];

/** An utterance as a store keeps it. */
export type Stored = {
  /** The order in which they came. */
  readonly sequence: number;
  readonly request: UtteranceRequest;
  /** Milliseconds since 1970. */
  readonly addedAt: number;
  /** Where it goes on: an index of a sentence. */
  readonly sentence: number;
};

/** An utterance that has ended, or is being said, as a transcript tells it. */
export type Told = {
  readonly id: string;
  readonly priority: UtteranceRequest["priority"];
  readonly state: "waiting" | "speaking" | Outcome;
  /** What was said; what was asked for where it was not said. */
  readonly text: string;
  /** The utterance that was said in its place. */
  readonly into: string | undefined;
  readonly addedAt: number;
  readonly endedAt: number | undefined;
};

/** What a listener has chosen, which outlives the process. */
export type Switches = { readonly isEnabled: boolean; readonly isPaused: boolean };

/**
 * The durable queue: what has returned outlives the process. A loss of power can undo what was added since the last
 * {@link UtteranceStore.flushed}, and have an utterance that was just begun said again; how one ended is on the disk at once. Several
 * processes may share one; whoever holds the claim on an utterance speaks it, and nobody else until the claim ends or lapses.
 */
export interface UtteranceStore {
  /** @returns whether it is new; an id that was ever seen is not, until it is pruned */
  add(request: UtteranceRequest, at: number): boolean;
  /** Resolves when everything that was added is on the disk, so that a loss of power does not lose it. */
  flushed(): Promise<void>;
  /** How many wait. */
  waiting(): number;
  /** What waits and came after `sequence`, in the order of coming. */
  waitingAfter(sequence: number): readonly Stored[];
  /** Has what others claimed and let lapse wait again. */
  reclaim(now: number): void;
  /** Takes an utterance for `consumer` until `until`; `undefined` when it does not wait any more. */
  claim(id: string, consumer: string, until: number): Stored | undefined;
  /** Keeps a claim and says where the speaking is. @returns whether it is still `consumer`'s */
  progress(id: string, consumer: string, sentence: number, until: number): boolean;
  /** Gives an utterance back, to be taken up at a sentence. */
  release(id: string, consumer: string, sentence: number): void;
  /** An utterance that `consumer` holds has ended. @returns whether it was still its own to end */
  finish(
    id: string,
    consumer: string,
    ended: { readonly outcome: Outcome; readonly at: number; readonly text: string },
  ): boolean;
  /** Utterances that wait will not be said by themselves. @returns those that did still wait */
  drop(
    ids: readonly string[],
    ended: { readonly outcome: Outcome; readonly at: number; readonly into?: string },
  ): readonly string[];
  /** Puts one utterance in the place of those that wait, all or nothing. @returns whether all did still wait */
  replace(ids: readonly string[], by: UtteranceRequest, at: number): boolean;
  /** One utterance, in whatever state. */
  find(id: string): Stored | undefined;
  /** The newest first: what has ended, is being said or waits. */
  told(limit: number): readonly Told[];
  /** What is switched on, as it was last set. */
  switches(): Switches;
  /** Keeps what is switched on. */
  setSwitches(switches: Switches): void;
  /** Forgets what ended before `before`, in milliseconds since 1970. */
  prune(before: number): void;
  /** Lets go of what it holds; nothing else may be called after it. */
  close(): void;
}

/** What a speaker tells whoever watches it. */
export type SpeakerNews =
  | {
      readonly kind: "said";
      readonly id: string;
      readonly priority: UtteranceRequest["priority"];
      readonly sentence: number;
      readonly text: string;
    }
  | { readonly kind: "ended"; readonly id: string; readonly outcome: Outcome | "interrupted" | "lost" }
  | { readonly kind: "queued"; readonly id: string; readonly priority: UtteranceRequest["priority"] }
  | { readonly kind: "command"; readonly command: Command }
  | { readonly kind: "mark"; readonly id: string; readonly name: string };

/** Keeps what was said. */
export interface Archive {
  /** Keeps one recording. */
  keep(recording: {
    readonly id: string;
    readonly at: number;
    readonly samples: readonly Int16Array[];
    readonly transcript: readonly string[];
    readonly outcome: string;
  }): Promise<void>;
}
